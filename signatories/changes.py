"""What changed since the text that an organisation signed before: a sentence and a link, beside the new one (SIG-new)."""

from dataclasses import dataclass

from django.urls import reverse

from protocols.models import Party, Version
from protocols.reading import text_of
from protocols.redline import compare
from protocols.redline_words import say, summary


@dataclass(frozen=True, slots=True)
class Changes:
    """since: the version that was signed. words: the sum of the changes. href: where they are read."""

    since: Version
    words: str
    href: str


def changes_since_signed(party, access) -> Changes | None:
    """From the version that the organisation signed last to this one; None if it never signed one that the reader sees."""
    version = party.version
    signed = Party.objects.filter(
        organisation=party.organisation_id,
        version__protocol=version.protocol_id,
        version__in=Version.objects.visible_to(access),
        version__canonical__isnull=False,
        signed_at__isnull=False,
    ).exclude(version=version)
    last = signed.select_related("version__canonical").order_by("-signed_at").first()
    if last is None:
        return None
    before = last.version
    href = reverse("redline", args=[version.framework.slug, version.protocol.reference, before.number, version.number])
    words = summary(compare(text_of(before), text_of(version), say=say))
    return Changes(before, words, f"{href}?show=changes")
