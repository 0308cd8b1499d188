"""Reviews."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class ReviewsConfig(AppConfig):
    """Reviews: imports portal and protocols only."""

    name = "reviews"

    def ready(self):
        """Register notices, jobs, the words of the ledger, and what follows from versions and meetings."""
        cycle, plan = import_module("reviews.cycle"), import_module("reviews.plan")
        triggers, workflow = import_module("reviews.triggers"), import_module("reviews.workflow")
        on_turn = import_module("protocols.models.turning").on_turn
        for listener in (cycle.turned, plan.ended, triggers.parent_turned, triggers.laws_turned):
            on_turn(listener)
        import_module("portal.meetings").on_change(workflow.meeting_changed)
        import_module("reviews.agenda")
        import_module("reviews.notices")
        import_module("reviews.sections")
        import_module("reviews.sentences")
        import_module("reviews.subjects")
        import_module("reviews.tasks")
        import_module("reviews.todo")
        if settings.PORTAL_DEMO:
            import_module("reviews.demo")
