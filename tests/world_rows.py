"""What completes a tenant of tests.world: drafts that only some may see, and a row in each table that nothing else fills."""

from datetime import date, timedelta

from django.contrib.auth.models import Group, Permission

from portal import deputies
from portal.models import (
    CalendarFeed,
    ClosureDay,
    Deadline,
    DeadlineChange,
    FrameworkGroupObjectPermission,
    Job,
    OutgoingEmail,
    Reminder,
    SavedFilter,
    Skipped,
)
from portal.permissions import Perm
from portal.tenancy import scope
from protocols.models import Adoption, Edition, RetiredReference, UnsavedDraft, Version
from signatories import workflow as signing
from tests import builders
from tests.builders import NOW
from tests.signatories.signing import make_signer, sign


def hidden_documents(tenant, title: str) -> tuple[Version, Version]:
    """A draft that was circulated and came back to the desk, and a protocol that went to the lead alone: neither is
    there for the partner's people. title: what they may not read."""
    returned = document(tenant, f"{title} returned", 7, [tenant.lead, tenant.partner])
    returned.return_to_draft(by=None, now=NOW, reason=f"{tenant.canary} reason")
    return returned, document(tenant, f"{title} elsewhere", 8, [tenant.lead])


def document(tenant, title, n, organisations) -> Version:
    """A protocol in consultation between these organisations."""
    protocol = builders.make_protocol(
        tenant.framework, lead=tenant.lead, reference=f"{tenant.canary[:3].upper()}-{n:03}", title=title
    )
    version = builders.make_version(protocol, parties=0)
    for order, organisation in enumerate(organisations):
        builders.make_party(version, organisation, order=order)
    return builders.advance(version, "consultation")


def signed_by_the_lead(version, person: str, secretary):
    """The lead's signature with its evidence, by a person of this name. Returns the person."""
    party = version.parties.get(organisation=version.protocol.lead_organisation)
    signer = make_signer(party, by=secretary, full_name=person)
    sign(party, signer)
    return signer


def remaining_rows(tenant, signer, adopted) -> None:
    """One row in each table that the documents above leave empty."""
    of, drafter = {"framework": tenant.framework}, tenant.people["drafter"]
    party = tenant.open.parties.get(organisation=tenant.lead)
    signing.decline(party, reason=f"{tenant.canary} refusal", by=signer, now=NOW)
    Edition.objects.create(**of, version=tenant.in_force, kind=Edition.Kind.PARTIES, number=1, made_at=NOW)
    Adoption.objects.create(
        **of,
        version=adopted,
        party=adopted.parties.get(),
        adopted_by=f"{tenant.canary} Council",
        body=f"{tenant.canary} cabinet",
        decided_on=date(2026, 6, 1),
        reference=f"{tenant.canary} minute",
        recorded_at=NOW,
    )
    RetiredReference.objects.create(**of, reference=f"{tenant.canary[:3].upper()}-000", retired_at=NOW)
    ClosureDay.objects.create(**of, date=date(2026, 12, 29), title=f"{tenant.canary} closure")
    deadline = Deadline.objects.first()
    DeadlineChange.objects.create(
        **of, deadline=deadline, was_due_at=NOW, was_explanation=f"{tenant.canary} count", due_at=deadline.due_at,
        reason=f"{tenant.canary} reason", changed_at=NOW,
    )  # fmt: skip
    CalendarFeed.objects.make(tenant.framework, drafter, board=tenant.in_force.protocol.deciding_body, now=NOW)
    SavedFilter.objects.create(**of, user=drafter, name=f"{tenant.canary} filters", query="state=overdue", saved_at=NOW)
    unsent(tenant, drafter)
    Reminder.objects.create(
        **of,
        rule="signature",
        subject_type="protocols.party",
        subject_id=party.pk,
        user=drafter,
        step="first",
        due_on=NOW.date() + timedelta(days=7),
        reminded_at=NOW,
    )
    keep_unsaved(tenant, drafter)
    # grants to groups are never made; the table is there
    FrameworkGroupObjectPermission.objects.create(
        content_object=tenant.framework,
        group=Group.objects.create(name=f"{tenant.canary} group"),
        permission=Permission.objects.get(codename=Perm.VIEW),
    )


def keep_unsaved(tenant, user) -> None:
    """Typed in this tenant and not saved. The table shows each person their own rows only."""
    with scope(tenant.framework.pk, user_id=user.pk):
        UnsavedDraft.objects.keep(
            tenant.draft, user=user, place="clauses/", fields={"text": f"{tenant.canary} unsaved"}, now=NOW
        )


def unsent(tenant, drafter) -> None:
    """A deputy, somebody who is passed over, a mail and a job that were given up."""
    of, members = {"framework": tenant.framework}, tenant.people
    deputies.name(tenant.framework, tenant.partner, members["representative"], members["viewer"], by=drafter, now=NOW)
    Skipped.objects.create(**of, organisation=tenant.lead, user=drafter, reason="bounced", since=NOW)
    mail = OutgoingEmail.objects.queue(
        "portal.reminder", to=drafter, key="given-up", now=NOW, **of, at=NOW.isoformat(), note=tenant.canary
    )
    OutgoingEmail.objects.filter(pk=mail.pk).update(status="dead", last_error=f"{tenant.canary} server is away")
    job = Job.objects.plan("protocols.seal", **of, subject_id=0, run_at=NOW, key="given-up")
    Job.objects.filter(pk=job.pk).update(given_up_at=NOW, attempts=12, last_error=f"{tenant.canary}: is lost")
