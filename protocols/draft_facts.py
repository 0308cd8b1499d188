"""Facts of a version on the page of its protocol: ratification, closing date of comments, who else was consulted."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.models import Decision
from portal.permissions import Perm
from portal.templatetags.dates import contextual_days, longdate
from protocols.models import Adoption, Version
from protocols.models.consulted import people_words
from protocols.workflow import answer_to


def ratification_cell(version) -> dict:
    """Of an urgent approval: is it ratified, by when must it be, or was that refused (HAR-2.3)?"""
    if version.approval.outcome != Decision.Outcome.URGENT:
        return {}
    if (answer := answer_to(version.approval)) is not None:
        colour = "green" if answer.outcome == Decision.Outcome.RATIFIED else "red"
        return {"tag": answer.get_outcome_display(), "colour": colour}
    return {"tag": _("Not ratified yet"), "colour": "yellow"}


def comments_row(version, access, *, now) -> dict | None:
    """Until when comments are taken on a draft in consultation (HAR-¶9)."""
    if version.status != Version.Status.CONSULTATION:
        return None
    found = version.consultations.filter(closed_at__isnull=True).first()
    if found is None:
        return {"key": _("Consultation"), "value": _("Closed")}
    args = [access.framework.slug, version.protocol.reference, version.number]
    href = reverse("consultation", args=args) if access.can(Perm.COMMENT) else ""
    note = contextual_days(found.closes_on, now)
    return {"key": _("Comments by"), "value": longdate(found.closes_on), "note": note, "link": href}


def consulted_row(version) -> dict | None:
    """Who was consulted beside the parties (HAM-consult, KEN-5.2)."""
    lines = [
        ": ".join(filter(None, [row["name"], ", ".join(people_words(row["groups"]))]))
        for row in version.others_consulted
    ]
    return {"key": _("Consulted"), "lines": lines} if lines else None


def adoption_of(version) -> Adoption | None:
    """The decision by which one organisation adopted it; nothing is asked where the tier is signed (DUD-8)."""
    return Adoption.objects.filter(version=version).first() if version.protocol.tier.adopted else None


def adoption_row(version) -> dict | None:
    """ "Adopted by X on date", never "signed" (DUD-8)."""
    adoption = adoption_of(version)
    if adoption is None:
        return None
    facts = {"organisation": adoption.adopted_by, "body": adoption.body, "date": longdate(adoption.decided_on)}
    words = _("By %(organisation)s on %(date)s (%(body)s)") % facts
    return {"key": _("Adopted"), "value": words, "note": adoption.reference}
