"""A breach of each tenant of tests.world, with a row in each of its tables; the partner is in breach."""

from breaches import closed, hearing, reporting
from breaches.models import (
    Breach,
    BreakGlass,
    ControllerRecord,
    Correction,
    Minutes,
    Recall,
    Sanction,
    WrittenReport,
)
from portal.permissions import Access
from tests.builders import NOW

NOT_FOR_THE_PARTNER = "Wheatear"  # tests.world.DRAFT_CANARY: tests/test_access.py looks for it


def breach_of(tenant) -> Breach:
    """Reported by the lead; the numbers of the two tenants differ, so that a foreign one is not found."""
    framework, drafter, canary = tenant.framework, tenant.people["drafter"], tenant.canary
    draft = reporting.begin(framework, by=drafter, now=NOW)
    for key, answers in answers_of(tenant).items():
        reporting.keep(draft, key, answers, now=NOW)
    breach = reporting.submit(draft, Access.of(drafter, framework), by=drafter, now=NOW)
    breach.number = {"Kingfisher": 11, "Nightingale": 12}[canary]
    breach.save(update_fields=["number"])
    of = {"framework": framework}
    ControllerRecord.objects.create(
        **of, controller=breach.controllers.get(), kind="assessed", at=NOW, reasons=f"{canary} reasons", recorded_at=NOW
    )
    report = WrittenReport.objects.create(
        **of, breach=breach, organisation=tenant.partner, name=tenant.partner.name, number=1,
        details=f"{canary} details", actions=f"{canary} actions", submitted_at=NOW, once="1",
    )  # fmt: skip
    Correction.objects.create(**of, breach=breach, text=f"{canary} correction", made_at=NOW)
    waiting = reporting.begin(framework, by=tenant.people["representative"], now=NOW)
    reporting.keep(waiting, "containment", {"containment": [f"{canary} unsent"]}, now=NOW)
    tenant.ids |= {
        "breach": breach.number,
        "notice": breach.notices.get().pk,
        "breach-draft": waiting.pk,
        "step": "happened",
    }
    session_of(tenant, breach)
    action, suspension = (
        Sanction.objects.create(
            **of, breach=breach, organisation=tenant.partner, name=tenant.partner.name, kind=kind,
            text=f"{canary} {kind}", **facts,
        )
        for kind, facts in (
            ("action-plan", {"owner": f"{canary} director", "due_on": NOW.date()}), ("suspension", {}),
        )
    )  # fmt: skip
    Recall.objects.create(
        **of, breach=breach, outcome=f"{canary} outcome", told_by=f"{canary} chair", told_to=f"{canary} head", told_at=NOW,
        recorded_at=NOW,
    )  # fmt: skip
    tenant.ids |= {"sanction": action.pk, "suspension": suspension.pk}
    tenant.ids |= {"controller": breach.controllers.get().pk, "act": "assess", "written-report": report.pk}
    return breach


def session_of(tenant, breach) -> None:
    """In closed session; its texts are not for the people of the partner, who is in breach (HAR-6.4)."""
    act = {"by": tenant.people["secretary"], "now": NOW}
    words = f"{tenant.canary} {NOT_FOR_THE_PARTNER}"
    hearing.call(breach, starts_at=NOW, place=f"{tenant.canary} hall", **act)
    hearing.name_officers(breach, chair=tenant.people["drafter"], secretary=tenant.people["secretary"], **act)
    hearing.present(breach, organisations=[tenant.lead.pk], **act)
    closed.begin(breach, **act)
    closed.note(breach, text=f"{words} note", **act)
    proposal = closed.propose(breach, organisation=tenant.partner.pk, kind="warning", text=f"{words} proposal", **act)
    closed.vote(proposal, {tenant.lead.pk: "for"}, **act)
    BreakGlass._base_manager.create(
        framework=tenant.framework, breach=breach, operator=f"{words} operator", reason=f"{words} reason", opened_at=NOW
    )
    Minutes.objects.create(framework=tenant.framework, breach=breach, number=9, text=f"{words} minutes", written_at=NOW)
    tenant.ids |= {"proposal": proposal.pk}


def answers_of(tenant) -> dict:
    """As they are typed."""
    day = {"day": str(NOW.day), "month": str(NOW.month), "year": str(NOW.year)}
    pages = {
        "happened": {"what_happened": f"{tenant.canary} list lost", "occurred": "known"}
        | {f"occurred_from_{part}": value for part, value in day.items()},
        "identified": {"identified_by": f"{tenant.canary} officer", "identified_time": ""}
        | {f"identified_on_{part}": value for part, value in day.items()},
        "protocol": {"protocol": str(tenant.in_force.protocol_id)},
        "organisations": {"in_breach": str(tenant.partner.pk)},
        "data": {"personal_data": "yes", "data_kinds": f"{tenant.canary} kinds", "controllers": str(tenant.partner.pk)},
        "containment": {"containment": f"{tenant.canary} containment"},
    }
    return {key: {name: [value] for name, value in page.items()} for key, page in pages.items()}
