"""The documents."""

from importlib import import_module

from django.apps import AppConfig


class ProtocolsConfig(AppConfig):
    """Protocols: imports portal only."""

    name = "protocols"

    def ready(self):
        """Register notices, jobs, what needs doing, the words of the ledger and what deadlines may be about."""
        import_module("protocols.meeting_of_parties")
        import_module("protocols.notices")
        import_module("protocols.sentences")
        import_module("protocols.subjects")
        import_module("protocols.tasks")
        import_module("protocols.todo")
