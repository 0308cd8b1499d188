"""Breaches."""

from django.apps import AppConfig


class BreachesConfig(AppConfig):
    """Breaches: imports portal and protocols only."""

    name = "breaches"
