"""How a party comes to be bound."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class SignatoriesConfig(AppConfig):
    """Signatories: imports portal and protocols only."""

    name = "signatories"

    def ready(self):
        """Register notices, jobs, what there is to do and the words of the ledger."""
        delegation = import_module("signatories.delegation")
        import_module("portal.endings").register(delegation.what_ends, delegation.end_with_role)
        ladder = import_module("signatories.reminders")
        import_module("portal.reminders").register(ladder.SUBJECT, ladder.duties, ladder.describe)
        import_module("signatories.notices")
        import_module("signatories.sentences")
        import_module("signatories.tasks")
        import_module("signatories.todo")
        if settings.PORTAL_DEMO:
            import_module("portal.views_demo").HINTS.update(import_module("signatories.demo.people").hints())
