"""The history of a protocol as its page tells it: milestones from the ledger, in words, for this reader."""

from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.models import AuditEvent, Decision
from portal.permissions import Perm
from protocols.models import Edition, Party, Version

LONGEST = 60

# What anybody who may read the version may know of it
MILESTONES = {
    "protocols.version:consultation": _("Draft %(draft)s of version %(number)s went to consultation"),
    "protocols.consultation:closed": _("Consultation closed"),
    "protocols.version:approval": _("Version %(number)s was submitted for approval"),
    "portal.decision:recorded": _("%(body)s decided: %(outcome)s (%(reference)s)"),
    "protocols.version:approved": _("Version %(number)s was approved"),
    "protocols.version:draft": _("Version %(number)s went back to draft"),
    "protocols.version:open-for-signature": _("Version %(number)s was opened for signature"),
    "protocols.party:signed": _("Signed for %(organisation)s"),
    "protocols.party:declined": _("%(organisation)s declined to sign"),
    "protocols.party:released": _("%(organisation)s is no longer required to sign"),
    "protocols.party:withdrawn": _("%(organisation)s withdrew"),
    "protocols.party:suspended": _("%(organisation)s was suspended"),
    "protocols.party:excluded": _("%(organisation)s was excluded"),
    "protocols.party:not-re-signed": _("%(organisation)s did not sign the new version"),
    "protocols.version:completed": _("Version %(number)s was signed by all required parties"),
    "protocols.edition:sealed": _("Edition %(edition)s was sealed (%(kind)s)"),
    "protocols.version:in-force": _("Version %(number)s came into force"),
    "protocols.publication:decided": _("Publication decided: %(level)s"),
    "protocols.version:superseded": _("Version %(number)s was superseded by %(successor)s"),
    "protocols.version:withdrawn": _("Version %(number)s was withdrawn"),
    "protocols.version:expired": _("Version %(number)s expired"),
}
# What only those who see every protocol are told besides
DESK = {
    "protocols.protocol:begun": _("The protocol was begun"),
    "protocols.version:begun": _("Version %(number)s was begun"),
    "protocols.version:deleted": _("The draft of version %(number)s was deleted"),
    "protocols.party:invited": _("%(organisation)s was invited to sign"),
}
LEVELS = {"full": _("published in full"), "summary": _("summary only"), "none": _("not published")}


class Facts(dict):
    """Values for a sentence; one that an old ledger row does not have is left empty."""

    def __missing__(self, key):
        return ""


def history_of(protocol, versions, access) -> list[dict]:
    """Events for {% timeline %}, newest first; `versions` are those of the protocol that the reader may see.

    Names of persons stand here because only members get this far (UK-pub).
    """
    sees_all = access.can(Perm.VIEW_ALL)
    words = MILESTONES | DESK if sees_all else MILESTONES
    events = AuditEvent.objects.filter(
        framework_id=protocol.framework_id, chain=protocol.ledger_chain, verb__in=list(words)
    )
    if not sees_all:
        events = events.filter(about_these(versions))
    numbers = {version.pk: version.number for version in versions}
    newest = events.select_related("person").order_by("-seq")[:LONGEST]
    return [told(event, words[event.verb], numbers) for event in newest]


def about_these(versions) -> Q:
    """Events about these versions and what hangs on them; those of other versions do not exist for the reader."""
    ids = [version.pk for version in versions]
    label = {model: model._meta.label_lower for model in (Version, Party, Edition)}
    return (
        Q(subject_type=label[Version], subject_id__in=ids)
        | Q(subject_type=label[Party], subject_id__in=Party.objects.filter(version__in=ids).values("pk"))
        | Q(subject_type=label[Edition], subject_id__in=Edition.objects.filter(version__in=ids).values("pk"))
    )


def told(event, sentence, numbers) -> dict:
    """One ledger row as an event of the timeline."""
    payload = event.payload
    outcomes = dict(Decision.Outcome.choices)
    facts = Facts(
        payload,
        number=numbers.get(event.subject_id, payload.get("number", "")),
        outcome=str(outcomes.get(payload.get("outcome"), payload.get("outcome", ""))).lower(),
        level=str(LEVELS.get(payload.get("level"), "")),
    )
    if event.verb == "protocols.edition:sealed":
        facts |= edition_facts(event)
    return {"title": str(sentence) % facts, "by": getattr(event.person, "name", "") or _t("the system"), "at": event.at}


def edition_facts(event) -> dict:
    """Number and kind of a sealed edition, from its label in the ledger ("… · Parties' copy 1")."""
    kind, _gap, number = event.subject_label.rpartition(" · ")[2].rpartition(" ")
    return {"edition": number, "kind": kind.lower()}
