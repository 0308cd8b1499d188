"""django-simple-history as the portal uses it: convenience for browsing, never evidence."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import models
from simple_history.models import HistoricalRecords

from portal.models.people import User

_act: ContextVar[tuple[datetime, User | None] | None] = ContextVar("history_act", default=None)


@contextmanager
def at_moment(now: datetime, by: User | None = None) -> Iterator[None]:
    """Rows of the history that are made inside bear moment and person of the act, as its row in the ledger does.

    So a change is found with its act, and what a sweep did late stands at the moment at which it was due.
    """
    token = _act.set((now, by))
    try:
        yield
    finally:
        _act.reset(token)


class Records(HistoricalRecords):
    """Takes the moment from the act that is going on, and the person if the row names nobody."""

    def create_historical_record(self, instance, history_type, using=None):
        """As the library does, but by `at_moment`; outside an act by the clock."""
        if (act := _act.get()) is None:
            return super().create_historical_record(instance, history_type, using)
        instance._history_date, by = act
        if is_nameless := by is not None and not hasattr(instance, "_history_user"):
            instance._history_user = by
        try:
            return super().create_historical_record(instance, history_type, using)
        finally:
            del instance._history_date
            if is_nameless:
                del instance._history_user


def history_user(historical_instance):
    """The person of a history row, or None when the account is gone."""
    return User.objects.filter(pk=historical_instance.history_user_id).first()


def set_history_user(historical_instance, user):
    """Keep the id only: a foreign key's SET_NULL would erase the actor."""
    historical_instance.history_user_id = getattr(user, "pk", None)


def history(**options) -> HistoricalRecords:
    """Field-level history for one model."""
    return Records(
        history_user_id_field=models.IntegerField(null=True),
        history_user_getter=history_user,
        history_user_setter=set_history_user,
        **options,
    )
