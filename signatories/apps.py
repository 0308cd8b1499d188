"""How a party comes to be bound."""

from importlib import import_module

from django.apps import AppConfig


class SignatoriesConfig(AppConfig):
    """Signatories: imports portal and protocols only."""

    name = "signatories"

    def ready(self):
        """Register notices and jobs."""
        import_module("signatories.notices")
        import_module("signatories.tasks")
