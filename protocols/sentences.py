"""What the ledger says of the documents, in words (portal.sentences)."""

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.sentences import NUMBER, Audience, Topic, tell

LEVELS = {"full": _("published in full"), "summary": _("summary only"), "none": _("not published")}


def level_facts(event) -> dict:
    """What a publication decision shows."""
    return {"level": LEVELS.get(event.payload.get("level"), "")}


def edition_facts(event) -> dict:
    """Number and kind of a sealed edition, from its label in the ledger ("… · Parties' copy 1")."""
    kind, _gap, number = event.subject_label.rpartition(" · ")[2].rpartition(" ")
    return {"edition": number, "kind": kind.lower()}


def change_facts(event) -> dict:
    """Which piece of a draft was changed."""
    payload = event.payload
    return {"piece": payload.get("removed") or payload.get("row_name") or payload.get("label") or ""}


def completed_facts(event) -> dict:
    """How a version came to be complete: signed, or adopted and signed by nobody (DUD-8)."""
    number = event.payload.get("number") or (NUMBER.search(event.subject_label) or ["", ""])[1]
    if event.payload.get("adopted_by"):
        words = _t("Version %(number)s was adopted by %(organisation)s")
        return {"completed": words % {"number": number, "organisation": event.payload["adopted_by"]}}
    return {"completed": _t("Version %(number)s was signed by all required parties") % {"number": number}}


tell(
    Topic.DRAFTING,
    {
        "protocols.protocol:begun": _("The protocol was begun"),
        "protocols.protocol:deleted": _("The protocol was deleted before it was circulated"),
        "protocols.version:begun": _("Version %(number)s was begun"),
        "protocols.version:deleted": _("The draft of version %(number)s was deleted"),
    },
    audience=Audience.DESK,
)
tell(
    Topic.DRAFTING,
    {"protocols.version:draft": _("Version %(number)s went back to draft")},
    audience=Audience.READERS,
)
tell(
    Topic.DRAFTING,
    {
        "protocols.version:pilot-changed": _("The pilot period of version %(number)s was changed"),
        "protocols.version:parent-changed": _("What version %(number)s supplements was changed"),
        "protocols.version:details-changed": _("Dates or details of version %(number)s were changed"),
        "protocols.version:clause-added": _("Clause %(piece)s was added to version %(number)s"),
        "protocols.version:clause-changed": _("Clause %(piece)s of version %(number)s was changed"),
        "protocols.version:clause-moved": _("“%(piece)s” was moved in version %(number)s"),
        "protocols.version:clause-removed": _("“%(piece)s” was removed from version %(number)s"),
        "protocols.version:term-added": _("A definition was added to version %(number)s"),
        "protocols.version:term-changed": _("The definition “%(piece)s” of version %(number)s was changed"),
        "protocols.version:term-removed": _("The definition “%(piece)s” was removed from version %(number)s"),
        "protocols.version:purpose-added": _("A purpose was added to version %(number)s"),
        "protocols.version:purpose-changed": _("The purpose “%(piece)s” of version %(number)s was changed"),
        "protocols.version:purpose-removed": _("The purpose “%(piece)s” was removed from version %(number)s"),
        "protocols.version:dataitem-added": _("A data item was added to version %(number)s"),
        "protocols.version:dataitem-changed": _("The data item “%(piece)s” of version %(number)s was changed"),
        "protocols.version:dataitem-removed": _("The data item “%(piece)s” was removed from version %(number)s"),
        "protocols.version:dataflow-added": _("An information flow was added to version %(number)s"),
        "protocols.version:dataflow-changed": _("The information flow “%(piece)s” of version %(number)s was changed"),
        "protocols.version:dataflow-removed": _("The information flow “%(piece)s” was removed from version %(number)s"),
        "protocols.version:relateddocument-added": _("A related document was added to version %(number)s"),
        "protocols.version:relateddocument-changed": _(
            "The related document “%(piece)s” of version %(number)s was changed"
        ),
        "protocols.version:relateddocument-removed": _(
            "The related document “%(piece)s” was removed from version %(number)s"
        ),
        "protocols.version:party-added": _("%(organisation)s was added to version %(number)s as a party"),
        "protocols.version:party-changed": _("The details of %(piece)s on version %(number)s were changed"),
        "protocols.version:party-moved": _("%(piece)s was moved in the list of parties of version %(number)s"),
        "protocols.version:party-removed": _("%(piece)s was taken off version %(number)s"),
    },
    audience=Audience.DESK,
    facts=change_facts,
)
tell(
    Topic.SIGNING,
    {
        "protocols.arrangement:added": _("A procedure or senior manager was recorded (%(subject)s)"),
        "protocols.arrangement:changed": _("A procedure or senior manager was changed (%(subject)s)"),
        "protocols.arrangement:removed": _("A procedure or senior manager was taken off (%(subject)s)"),
    },
    audience=Audience.DESK,
)
tell(
    Topic.CONSULTATION,
    {
        "protocols.version:consultation": _("Draft %(draft)s of version %(number)s went to consultation"),
        "protocols.draft:circulated": _("Draft %(draft)s of version %(number)s was circulated"),
        "protocols.consultation:closed": _("Consultation closed"),
        "protocols.consultation:extended": _("The closing date of the consultation was extended to %(closes_on)s"),
    },
    audience=Audience.READERS,
)
tell(
    Topic.CONSULTATION,
    {
        "protocols.comment:made": _("A comment was made"),
        "protocols.comment:answered": _("A comment was answered"),
        "protocols.comment:replied": _("A reply to a comment was made"),
        "protocols.consulted:added": _("It was recorded that %(subject)s was consulted"),
        "protocols.consulted:changed": _("What is recorded of the consultation of %(subject)s was changed"),
        "protocols.consulted:removed": _("The record of the consultation of %(subject)s was removed"),
    },
    audience=Audience.DESK,
)
tell(
    Topic.APPROVAL,
    {
        "protocols.version:approval": _("Version %(number)s was submitted for approval"),
        "protocols.version:approved": _("Version %(number)s was approved"),
    },
    audience=Audience.READERS,
)
tell(
    Topic.APPROVAL,
    {
        "protocols.version:only-listed-changes": _(
            "It was confirmed that only the listed changes were made to version %(number)s"
        )
    },
    audience=Audience.DESK,
)
tell(
    Topic.SIGNING,
    {
        "protocols.version:open-for-signature": _("Version %(number)s was opened for signature"),
        "protocols.party:signed": _("Signed for %(organisation)s"),
        "protocols.party:released": _("%(organisation)s is no longer required to sign"),
        "protocols.party:withdrawn": _("%(organisation)s withdrew"),
        "protocols.party:suspended": _("%(organisation)s was suspended"),
        "protocols.party:reinstated": _("The suspension of %(organisation)s was lifted (%(reference)s)"),
        "protocols.party:suspension-ended": _(
            "The suspension of %(organisation)s ended, to exclude it (%(reference)s)"
        ),
        "protocols.party:excluded": _("%(organisation)s was excluded"),
        "protocols.party:continued": _("%(organisation)s stays bound by its signature of version %(version)s"),
        "protocols.party:not-re-signed": _("%(organisation)s did not sign the new version"),
        "protocols.party:succeeded": _("%(organisation)s was succeeded by another organisation"),
        "protocols.party:adopted": _("%(organisation)s is the organisation that adopted it"),
        "protocols.adoption:recorded": _("%(organisation)s adopted version %(number)s (%(body)s, %(reference)s)"),
    },
    audience=Audience.READERS,
)
# The form promises a party that declines that the other parties do not read why
tell(
    Topic.SIGNING,
    {"protocols.party:declined": _("%(organisation)s declined to sign")},
    audience=Audience.READERS,
    reasons=Audience.DESK,
)
tell(
    Topic.SIGNING,
    {"protocols.version:completed": _("%(completed)s")},
    audience=Audience.READERS,
    facts=completed_facts,
)
tell(
    Topic.FORCE,
    {
        "protocols.pilot:evaluated": _("The pilot was evaluated"),
        "protocols.pilot:rolled-out": _("The pilot was rolled out (%(reference)s)"),
        "protocols.pilot:ended": _("The pilot was ended (%(reference)s)"),
    },
    audience=Audience.READERS,
)
tell(
    Topic.SIGNING,
    {
        "protocols.party:invited": _("%(organisation)s was invited to sign"),
        "protocols.intention:given": _("%(organisation)s gave notice whether it intends to sign"),
    },
    audience=Audience.DESK,
)
tell(
    Topic.SIGNING,
    {
        "protocols.party:bound": _("%(organisation)s is bound from %(bound_from)s"),
        "protocols.party:unbound": _("%(organisation)s is no longer bound by this version"),
    },
)
tell(
    Topic.FORCE,
    {"protocols.edition:sealed": _("Edition %(edition)s was sealed (%(kind)s)")},
    audience=Audience.READERS,
    facts=edition_facts,
)
tell(
    Topic.FORCE,
    {
        "protocols.version:in-force": _("Version %(number)s came into force"),
        "protocols.version:superseded": _("Version %(number)s was superseded by %(successor)s"),
        "protocols.version:withdrawn": _("Version %(number)s was withdrawn"),
        "protocols.version:expired": _("Version %(number)s expired"),
    },
    audience=Audience.READERS,
)
tell(
    Topic.FORCE,
    {"protocols.publication:decided": _("Publication decided: %(level)s")},
    audience=Audience.READERS,
    facts=level_facts,
    reasons=Audience.DESK,  # the exemption that was weighed is for those who decide
)
tell(Topic.READING, {"protocols.file:fetched": _("A document of version %(number)s was downloaded")})
tell(
    Topic.SETTINGS,
    {
        "protocols.tiers:made": _("The tiers of the framework were set up"),
        "protocols.tier:changed": _("The tier %(subject)s was changed"),
    },
)
tell(
    Topic.SETTINGS,
    {
        "protocols.joinrequest:made": _("An organisation asked to join"),
        "protocols.joinrequest:answered": _("A request to join was answered"),
        "protocols.joinrequest:closed": _("A request to join was closed without an answer"),
    },
    audience=Audience.DESK,
)
