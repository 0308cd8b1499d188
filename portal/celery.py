"""The Celery application, and all periodic work on one screen.

The database is the scheduler and Celery only the doorbell: a task finds "due and not done" in the
database, so a lost message loses nothing and a doubled one does nothing twice.
"""

import os

from celery import Celery
from celery.signals import worker_init, worker_ready
from django.core.management import call_command
from django.core.management.base import SystemCheckError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    # expires: a sweep that waited longer than the next one is worth nothing
    "sweep": {"task": "portal.tasks.sweep", "schedule": 60.0, "options": {"expires": 55}},
}


@worker_init.connect
def refuse_unsafe_settings(**_kwargs):
    """A worker runs no checks of its own: unsafe settings stop it here (Celery would only log another exception)."""
    try:
        call_command("check", tags=["portal"])
    except SystemCheckError as error:
        raise SystemExit(str(error)) from error


@worker_ready.connect
def sweep_at_once(sender, **_kwargs):
    """What fell due while no worker ran does not wait for the first minute."""
    sender.app.send_task("portal.tasks.sweep", expires=55)
