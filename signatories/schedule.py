"""The signature schedule with exactly the columns of HAR-13, from the evidence."""

import json

from django.utils.translation import gettext as _

from portal.templatetags.dates import longdate, longdatetime
from protocols.models import Party
from signatories.models import Signature


def signature_rows(version, *, names: bool = True) -> list[dict]:
    """One row per signature, in the order given under lock. names=False: organisation, job title and date only."""
    rows = []
    for signature in Signature.objects.filter(version=version).select_related("party").order_by("position"):
        record = json.loads(signature.record)
        signer = record["signer"]
        rows.append(
            {
                "organisation": signer["organisation"]["name"],
                "address": signer["organisation"]["address"],
                "registration_number": signer["organisation"]["ico_number"] or "",
                "signatory": signer["full_name"] if names else "",
                "title": signer["job_title"],
                "signature": signed_words(signature.party, standings=names),
                "signed_at": signature.signed_at.isoformat(),
                "signed_at_words": longdatetime(signature.signed_at),
                "evidence_code": signature.reference if names else "",
                "statement": " ".join(statement["text"] for statement in record["intent"]["statements"])
                if names
                else "",
                "method": method_words(record) if names else "",
                "record_sha256": signature.record_sha256 if names else "",
            }
        )
    return rows


def method_words(record) -> str:
    """How the second factor was proved, for people; the record says it for programs."""
    words = {"TOTP": _("A code from an authenticator app"), "passkey": _("A passkey")}
    return words.get(record["authentication"]["method"], record["authentication"]["method"])


def signed_words(party, *, standings: bool) -> str:
    """A signature stays in the schedule of every later edition; that its party has left since, or is suspended, is said
    beside it. standings: also what only the parties may know."""
    if party.status in Party.LEFT and party.bound_until:
        return _("Signed electronically; left on %(date)s") % {"date": longdate(party.bound_until)}
    if party.status in Party.LEFT:
        return _("Signed electronically; left before it was bound")
    if standings and party.status == Party.Status.SUSPENDED:
        return _("Signed electronically; suspended")
    return _("Signed electronically")
