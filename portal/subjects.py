"""What a deadline, an agenda item or a calendar entry may be about: who may see it, its words, its page.

The app that owns a model registers it; lists of deadlines then ask one condition, whatever the deadlines are about.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet

from portal.permissions import Access


@dataclass(frozen=True, slots=True)
class Kind:
    """visible_to: access → rows that the reader may see. words: row → its name, without any confidential word.
    href: row → path of its page. protocol: row → id of its protocol, or None. mail_words: row → its name in mails and in
    calendars outside this portal, where it differs (a protocol's reference without its title). to_protocol: the lookup
    from the row to its protocol, for filters. meets: its parties may meet, as a board of its own; its visible_to must not ask
    for boards or meetings."""

    visible_to: Callable[[Access], QuerySet]
    words: Callable[[Any], str]
    href: Callable[[Any], str]
    protocol: Callable[[Any], int | None]
    mail_words: Callable[[Any], str] | None = None
    to_protocol: str = ""
    related: tuple[str, ...] = ()
    meets: bool = False

    def in_mail(self, subject: Any) -> str:
        """Its name in a mail."""
        return (self.mail_words or self.words)(subject)


KINDS: dict[str, Kind] = {}
#: How protocols are found: what is given → the protocols. Filled by the app that owns them.
PROTOCOLS: dict[str, Callable[[Any], QuerySet]] = {}


def register(model: type[Model], kind: Kind) -> None:
    """Register a model that deadlines are about."""
    KINDS[model._meta.label_lower] = kind


def kind_of(subject: Model) -> Kind | None:
    """What is registered for a row's model."""
    return KINDS.get(subject._meta.label_lower)


def visible(
    access: Access,
    *,
    subject_type="subject_type",
    subject_id="subject_id",
    meeting=False,
    of_types: Collection[int] | None = None,
) -> Q:
    """The condition under which a row is about something that the reader may see; what is not registered is not shown.

    The names are those of the columns: a content type and an id. meeting: only of what has meetings of its parties.
    of_types: ids of the content types that the rows have, where they are known; of others nothing is asked then.
    Needs the scope.
    """
    found = Q(pk__in=[])
    for label, kind in KINDS.items():
        if meeting and not kind.meets:
            continue
        content_type = ContentType.objects.get_for_model(apps.get_model(label))
        if of_types is not None and content_type.pk not in of_types:
            continue
        rows = kind.visible_to(access).order_by().values("pk")
        found |= Q(**{subject_type: content_type, f"{subject_id}__in": rows})
    return found


def about(protocols: QuerySet, access: Access) -> Q:
    """The condition under which a row is about one of these protocols, or about something of theirs, that the reader may
    see. Needs the scope."""
    found, wanted = Q(pk__in=[]), protocols.order_by().values("pk")
    for label, kind in KINDS.items():
        if kind.to_protocol:
            rows = kind.visible_to(access).filter(**{f"{kind.to_protocol}__in": wanted}).order_by().values("pk")
            found |= Q(subject_type=ContentType.objects.get_for_model(apps.get_model(label)), subject_id__in=rows)
    return found


def rows(model: type[Model], access: Access) -> QuerySet:
    """The rows of a model that the reader may see; none of a model that nobody has registered."""
    kind = KINDS.get(model._meta.label_lower)
    return kind.visible_to(access) if kind else model._default_manager.none()
