"""The documents."""

from importlib import import_module

from django.apps import AppConfig


class ProtocolsConfig(AppConfig):
    """Protocols: imports portal only."""

    name = "protocols"

    def ready(self):
        """Register notices and jobs."""
        import_module("protocols.notices")
        import_module("protocols.tasks")
