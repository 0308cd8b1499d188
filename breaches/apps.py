"""Breaches: the whole procedure of a breach of a protocol (rules.md section 5)."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class BreachesConfig(AppConfig):
    """Breaches: imports portal and protocols only."""

    name = "breaches"

    def ready(self):
        """Register notices, jobs, what there is to do, what deadlines may be about and the words of the ledger."""
        contacts = import_module("breaches.contacts")
        import_module("portal.endings").register(contacts.what_ends, contacts.end_with_role)
        for act in (contacts.move_if_unreachable, contacts.reopen_if_untold):
            import_module("portal.bounces").register(act)
        import_module("breaches.agenda")
        import_module("breaches.attendance")
        import_module("breaches.bars")
        import_module("breaches.hiding")
        import_module("breaches.notices")
        import_module("breaches.sentences")
        import_module("breaches.subjects")
        import_module("breaches.tasks")
        import_module("breaches.todo")
        if settings.PORTAL_DEMO:
            import_module("breaches.demo")
