"""The documents."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class ProtocolsConfig(AppConfig):
    """Protocols: imports portal only."""

    name = "protocols"

    def ready(self):
        """Register notices, jobs, what needs doing, the words of the ledger and what deadlines may be about."""
        import_module("protocols.agenda")
        import_module("protocols.meeting_of_parties")
        import_module("protocols.notices")
        import_module("protocols.sentences")
        import_module("protocols.subjects")
        import_module("protocols.tasks")
        import_module("protocols.todo")
        if settings.PORTAL_DEMO:
            import_module("protocols.demo_meetings")
