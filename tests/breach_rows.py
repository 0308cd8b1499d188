"""A breach of each tenant of tests.world, with a row in each of its tables; the partner is in breach."""

from breaches import reporting
from breaches.models import Breach, ControllerRecord, Correction, WrittenReport
from portal.permissions import Access
from tests.builders import NOW


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
    WrittenReport.objects.create(
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
    return breach


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
