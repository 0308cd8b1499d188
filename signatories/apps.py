"""How a party comes to be bound."""

from importlib import import_module

from django.apps import AppConfig


class SignatoriesConfig(AppConfig):
    """Signatories: imports portal and protocols only."""

    name = "signatories"

    def ready(self):
        """Register notices, jobs and what there is to do."""
        import_module("signatories.notices")
        import_module("signatories.tasks")
        import_module("signatories.todo")
