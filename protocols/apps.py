"""The documents."""

from importlib import import_module

from django.apps import AppConfig


class ProtocolsConfig(AppConfig):
    """Protocols: imports portal only."""

    name = "protocols"

    def ready(self):
        """Register notices, jobs and what needs doing."""
        import_module("protocols.notices")
        import_module("protocols.tasks")
        import_module("protocols.todo")
