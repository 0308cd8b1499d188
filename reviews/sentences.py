"""What the ledger says of reviews, in words (portal.sentences)."""

from django.utils.translation import gettext_lazy as _

from portal.sentences import Audience, Topic, tell
from reviews.models import Review

KINDS = dict(Review.Kind.choices)
OUTCOMES = dict(Review.Outcome.choices)


def kind_facts(event) -> dict:
    """The kind of the review, in words."""
    return {"kind": str(KINDS.get(event.payload.get("kind"), _("Review"))).lower()}


def outcome_facts(event) -> dict:
    """The outcome, in words."""
    return {"outcome": str(OUTCOMES.get(event.payload.get("outcome"), "–")).lower()}


def single_facts(event) -> dict:
    """By whom, if one party reviews with the consent of the others."""
    name = event.payload.get("single")
    words = _("by %(name)s alone, with the consent of the others") if name else _("by the parties jointly")
    return {"by_whom": str(words) % {"name": name} if name else str(words)}


tell(
    Topic.DEADLINES,
    {"reviews.review:opened": _("A review is to be prepared (%(kind)s)")},
    audience=Audience.READERS,
    facts=kind_facts,
)
tell(
    Topic.DEADLINES,
    {"reviews.review:in-progress": _("A review began, %(by_whom)s")},
    audience=Audience.READERS,
    facts=single_facts,
)
tell(
    Topic.DEADLINES,
    {
        "reviews.review:completed": _("A review was held and its findings were settled"),
        "reviews.review:reported": _("The findings of a review were reported to the parties"),
        "reviews.review:closed": _("A review was closed: everything agreed is done"),
        "reviews.review:dropped": _("A review is no longer needed: the version has ended"),
        "reviews.review:reason-added": _("A further reason for a review was added"),
        "reviews.review:carried-on": _("A review goes on with version %(version)s"),
        "reviews.review:rounds-missed": _("Reviews whose date had passed were not begun any more: %(rounds)s"),
        "reviews.review:findings-attached": _("The findings of a review were attached to version %(version)s"),
    },
    audience=Audience.READERS,
)
tell(
    Topic.DEADLINES,
    {"reviews.review:agreed": _("It was decided what follows from a review: %(outcome)s")},
    audience=Audience.READERS,
    facts=outcome_facts,
)
tell(
    Topic.DEADLINES,
    {
        "reviews.review:reviewer-named": _("%(organisation)s named a reviewer"),
        "reviews.review:reviewer-removed": _("%(organisation)s took a reviewer off"),
        "reviews.review:consented": _("%(organisation)s consented to a review by the others"),
        "reviews.finding:added": _("A finding was written"),
        "reviews.finding:changed": _("A finding was changed"),
        "reviews.finding:removed": _("A finding was removed"),
        "reviews.finding:corrected": _("A finding was corrected"),
        "reviews.finding:taken-in": _("A report of informal sharing became a finding"),
        "reviews.informalreport:made": _("Sharing outside the protocol was reported"),
        "reviews.action:planned": _("An action was planned"),
        "reviews.action:changed": _("A planned action was changed"),
        "reviews.action:removed": _("A planned action was removed"),
        "reviews.action:moved": _("An action was moved to %(date)s, before %(was)s"),
        "reviews.action:done": _("An action was carried out"),
    },
    audience=Audience.DESK,
)
tell(
    Topic.SETTINGS,
    {"reviews.lawchange:recorded": _("A change of law was recorded: %(law)s, from %(date)s")},
)
