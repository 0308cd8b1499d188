"""django-simple-history as the portal uses it: convenience for browsing, never evidence."""

from django.db import models
from simple_history.models import HistoricalRecords

from portal.models.people import User


def history_user(historical_instance):
    """The person of a history row, or None when the account is gone."""
    return User.objects.filter(pk=historical_instance.history_user_id).first()


def set_history_user(historical_instance, user):
    """Keep the id only: a foreign key's SET_NULL would erase the actor."""
    historical_instance.history_user_id = getattr(user, "pk", None)


def history(**options) -> HistoricalRecords:
    """Field-level history for one model."""
    return HistoricalRecords(
        history_user_id_field=models.IntegerField(null=True),
        history_user_getter=history_user,
        history_user_setter=set_history_user,
        **options,
    )
