"""Deadlines are about protocols (portal.subjects)."""

from portal import subjects
from protocols.models import Protocol

subjects.register(
    Protocol,
    subjects.Kind(
        visible_to=Protocol.objects.visible_to,
        words=str,
        href=Protocol.get_absolute_url,
        protocol=lambda protocol: protocol.pk,
        mail_words=lambda protocol: protocol.reference,
    ),
)
