"""The documents."""

from importlib import import_module

from django.apps import AppConfig


class ProtocolsConfig(AppConfig):
    """Protocols: imports portal only."""

    name = "protocols"

    def ready(self):
        """Register notices, jobs, what needs doing and the words of the ledger."""
        import_module("protocols.notices")
        import_module("protocols.sentences")
        import_module("protocols.tasks")
        import_module("protocols.todo")
