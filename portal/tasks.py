"""The doorbells. Each only wakes what the database already says is due."""

from celery import shared_task

from portal.sweep import sweep as run_sweep


@shared_task(ignore_result=True)
def sweep():
    """Run one pass; also rung when something was queued and should not wait for the minute."""
    run_sweep()
