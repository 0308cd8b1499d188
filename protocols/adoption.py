"""A version of an adopted tier: one organisation decides on it, and it applies without signatures (DUD-7, DUD-8).

Draft, consultation and approval are as everywhere; then, in place of opening and signing, the organisation's own
decision is recorded. Needs the framework's scope; `by` is a User and `now` aware UTC.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from portal import doorbell
from portal.errors import NotReady, StateError
from portal.models import AuditEvent
from portal.pdf import RenderError
from protocols import notices
from protocols.documents import prepare
from protocols.models import Adoption, Version
from protocols.parents import adopted_above, applies, bound_by, bound_words, resting_on_signed
from protocols.workflow import locked


def require_adoptable(version):
    """Only an approved version of an adopted tier. Raises StateError."""
    if not version.protocol.tier.adopted:
        raise StateError(
            _("%(version)s is signed by its parties, not adopted.") % {"version": version},
            _("Open it for signature when it is approved."),
        )
    if version.status != Version.Status.APPROVED:
        facts = {"version": version, "state": version.get_status_display()}
        raise StateError(_("%(version)s is “%(state)s”. Only an approved version is adopted.") % facts)


def adopter_of(version):
    """The one party. Raises StateError unless there is exactly one."""
    parties = list(version.parties.select_related("organisation"))
    if len(parties) != 1:
        raise StateError(
            _("%(version)s is adopted by one organisation, so exactly one must be its party.") % {"version": version},
            _("Take it back to draft and put the list of parties right."),
        )
    return parties[0]


def refuse_unbound(version, party, *, now):
    """HAR-10: what the document rests on applies, and its organisation is bound by it. Raises StateError."""
    protocol = version.protocol
    for above in adopted_above(protocol):
        if not applies(above, now):
            raise StateError(_("%(parent)s, which this document supplements, is not in force.") % {"parent": above})
    parent = resting_on_signed(protocol).parent
    if parent is not None and not bound_by(parent, party.organisation, now):
        raise StateError(
            _("%(organisation)s is not bound by %(parent)s, which this document supplements.")
            % {"organisation": party.name, "parent": parent},
            _("When it has signed the parent and the parent is in force, record the adoption."),
        )


def adopt(version, *, body, decided_on, reference, by, now, bound=False) -> Adoption:
    """Approved → adopted: freeze the text and record the organisation's decision; in force from its effective date.

    body: who decided in the organisation. bound: it stated that it is bound by the parent outside the portal, if
    there is one (HAR-10). The text copy is rendered before anything is locked; under the lock the text is compared
    again. Raises StateError or NotReady, and then nothing has changed.
    """
    require_adoptable(version)
    try:
        frozen = prepare(version, now=now)
    except RenderError as error:
        raise NotReady(_("The copy that would be kept cannot be made."), [str(error)]) from error
    with transaction.atomic():
        require_adoptable(locked(version))
        party = adopter_of(version)
        statement = bound_words(version.protocol)
        lacking = [words for words, there in ((_("Who decided in the organisation"), body.strip()),
                                              (_("The minute or decision reference"), reference.strip()),
                                              (statement, bound or not statement)) if not there]  # fmt: skip
        if lacking:
            raise NotReady(_("This adoption cannot be recorded as it stands."), lacking)
        refuse_unbound(version, party, now=now)
        frozen.keep(version, now=now)
        version.opened_at, version.opened_by = now, by
        version.save()
        party.adopt(by=by, now=now)
        adoption = Adoption.objects.create(
            framework_id=version.framework_id, version=version, party=party, adopted_by=party.name, body=body.strip(),
            decided_on=decided_on, reference=reference.strip(), statement=statement, recorded_by=by, recorded_at=now,
        )  # fmt: skip
        version.complete(now=now, by=by, adopted_by=party.name, reference=adoption.reference)
        party.refresh_from_db()
        party.bind(version.in_force_from, now=now)
        AuditEvent.objects.record(
            "protocols.adoption:recorded",
            version,
            by=by,
            now=now,
            organisation=party.name,
            body=adoption.body,
            decided_on=decided_on.isoformat(),
            reference=adoption.reference,
            statement=statement,
            canonical_sha256=frozen.canonical_sha256,
            text_copy_sha256=frozen.text_copy_sha256,
        )
        notices.tell_adopted(version, party, now=now)
    doorbell.ring()
    return adoption
