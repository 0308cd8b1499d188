"""The foundation app."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class PortalConfig(AppConfig):
    """Portal: knows nothing of the other apps."""

    name = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Register the system checks, mails and jobs, and what the foundation finds to be done."""
        import_module("portal.checks")
        import_module("portal.account_notices")
        import_module("portal.session_endings")
        import_module("portal.deadline_reminders")
        import_module("portal.due_todo")
        import_module("portal.feeds")
        import_module("portal.meeting_notices")
        import_module("portal.meeting_subjects")
        import_module("portal.meeting_todo")
        import_module("portal.closures")
        if settings.PORTAL_DEMO:
            import_module("portal.demo_reminders")
            import_module("portal.due_demo")
