"""What a deadline, an agenda item or a calendar entry may be about: who may see it, its words, its page.

The app that owns a model registers it; lists of deadlines then ask one condition, whatever the deadlines are about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet

from portal.permissions import Access


@dataclass(frozen=True, slots=True)
class Kind:
    """visible_to: access → rows that the reader may see. words: row → its name, without any confidential word.
    href: row → path of its page. protocol: row → id of its protocol, or None. mail_words: row → its name in mails, where
    it differs (a protocol's reference without its title)."""

    visible_to: Callable[[Access], QuerySet]
    words: Callable[[Any], str]
    href: Callable[[Any], str]
    protocol: Callable[[Any], int | None]
    mail_words: Callable[[Any], str] | None = None

    def in_mail(self, subject: Any) -> str:
        """Its name in a mail."""
        return (self.mail_words or self.words)(subject)


KINDS: dict[str, Kind] = {}


def register(model: type[Model], kind: Kind) -> None:
    """Register a model that deadlines are about."""
    KINDS[model._meta.label_lower] = kind


def kind_of(subject: Model) -> Kind | None:
    """What is registered for a row's model."""
    return KINDS.get(subject._meta.label_lower)


def visible(access: Access, *, subject_type="subject_type", subject_id="subject_id") -> Q:
    """The condition under which a row is about something that the reader may see; what is not registered is not shown.

    The names are those of the columns: a content type and an id. Needs the scope.
    """
    found = Q(pk__in=[])
    for label, kind in KINDS.items():
        content_type = ContentType.objects.get_for_model(apps.get_model(label))
        rows = kind.visible_to(access).order_by().values("pk")
        found |= Q(**{subject_type: content_type, f"{subject_id}__in": rows})
    return found
