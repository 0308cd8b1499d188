"""What was done about a breach, in words, for everybody who may see it: its open chain, and nothing of the closed one."""

from portal.models import AuditEvent
from portal.sentences import Audience, verbs
from portal.timeline import told


def events_of(breach) -> list[dict]:
    """Newest first."""
    events = AuditEvent.objects.filter(
        framework_id=breach.framework_id, chain=breach.ledger_chain, verb__in=verbs(audience=Audience.READERS)
    )
    return told(events.select_related("person").order_by("-at", "-seq"), breach.framework, audience=Audience.READERS)
