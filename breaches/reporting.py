"""From a draft to a breach: one transaction with its clocks, its ledger and every notice (HAR-6.1, UK-33a).

Every function is one transaction, needs the framework's scope, and takes `by` (User) and `now` (aware UTC).
"""

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from breaches import mails
from breaches.asking import STEPS, Asking
from breaches.clocks import NOTIFY, start_clock, start_clocks
from breaches.models import Breach, Controller, InBreach, PartyNotice, ReportDraft
from breaches.parties import acts_for, in_force, people_of
from portal import doorbell
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Deadline
from portal.permissions import Perm


@transaction.atomic
def begin(framework, *, by, now) -> ReportDraft:
    """An empty draft of one's own."""
    return ReportDraft.objects.create(framework=framework, author=by, started_at=now, saved_at=now)


@transaction.atomic
def keep(draft, step: str, answers: dict, *, now) -> None:
    """Keep what was typed on a page of the report. Raises StateError once it was sent."""
    held = ReportDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    require_unsent(held)
    held.answers, held.saved_at = held.answers | {step: answers}, now
    if step == "protocol" and draft.answers.get("protocol") != answers:  # other parties: choose again
        held.answers = {key: value for key, value in held.answers.items() if key != "organisations"}
    held.save(update_fields=["answers", "saved_at"])
    draft.answers, draft.saved_at = held.answers, held.saved_at


@transaction.atomic
def discard(draft, *, now) -> None:
    """Throw an unsent draft away."""
    held = ReportDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    require_unsent(held)
    held.delete()


def require_unsent(draft) -> None:
    """Raises StateError for a report that was sent: it is never edited."""
    if draft.breach_id is not None:
        raise StateError(
            _("This report has been sent as %(reference)s.") % {"reference": draft.breach.reference},
            _("A report that was sent is not changed. Open the breach and add a correction."),
        )


def missing(asking) -> list[tuple[str, str]]:
    """(step, what) for everything that is missing or wrong; empty when it can be sent."""
    found = []
    for step in STEPS:
        if step.key in {"organisations", "data"} and asking.version is None:
            continue
        form = asking.checked(step.key)
        if not form.is_valid():
            found += [(step.key, text) for errors in form.errors.values() for text in errors]
    return found


@transaction.atomic
def submit(draft, access, *, by, now) -> Breach:
    """Send the report. A second sending of the same draft gives the breach that the first one made.

    Raises NotReady with what is missing; leaves no trace then.
    """
    # without a join: PostgreSQL reads the locked row again when its turn has come, but not what was joined to it
    held = ReportDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if held.breach_id is not None:
        return Breach.objects.select_related("framework", "protocol").get(pk=held.breach_id)
    asking = Asking(held, access, now=now)
    gaps = missing(asking)
    if gaps:
        raise NotReady(_("The report is not complete."), [text for _step, text in gaps])
    answers: dict = {}
    for step in STEPS:
        answers |= asking.cleaned(step.key)
    version, parties = asking.version, in_force(asking.version)
    guilty = {int(key) for key in answers["in_breach"]}
    own = acts_for(access, Perm.VIEW)
    occurred = {name: str(answers[name] or "") for name in ("occurred", "occurred_from", "occurred_until")}
    breach = Breach.objects.create(
        framework=version.framework, number=next_number(version.framework), protocol=version.protocol, version=version,
        reported_by=by, reported_for_id=reporter(own, parties), reported_at=now, first_said=occurred,
        **{name: answers[name] for name in COPIED},
    )  # fmt: skip
    of = {"framework": version.framework, "breach": breach}
    InBreach.objects.bulk_create(
        InBreach(**of, organisation_id=one.organisation_id, name=one.name)
        for one in parties
        if one.organisation_id in guilty
    )
    AuditEvent.objects.record("breaches.breach:reported", breach, by=by, now=now, personal_data=breach.personal_data)
    start_clocks(breach, by=by, now=now)
    for party in parties:
        if str(party.organisation_id) in answers["controllers"]:
            start_controller(
                breach, party, aware_at=breach.identified_at if party.organisation_id in own else now, by=by, now=now
            )
    tell_parties(breach, [one for one in parties if one.organisation_id not in guilty], by=by, now=now)
    held.breach = breach
    held.save(update_fields=["breach"])
    doorbell.ring()
    return breach


COPIED = (
    "what_happened", "occurred", "occurred_from", "occurred_until", "identified_at", "identified_by", "personal_data",
    "data_kinds", "people", "containment",
)  # fmt: skip


def next_number(framework) -> int:
    """The next number of the framework; two reports at once wait for each other here."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('breaches.number'), %s)", [framework.pk])
    return (Breach.objects.filter(framework=framework).aggregate(last=Max("number"))["last"] or 0) + 1


def reporter(own, parties) -> int | None:
    """The organisation for which it is reported: one that is a party, if the reporter belongs to one."""
    mine = [one.organisation_id for one in parties if one.organisation_id in own]
    return mine[0] if mine else min(own, default=None)


def start_controller(breach, party, *, aware_at, by, now) -> Controller:
    """A controller whose 72 hours run from when it became aware (UK-33a)."""
    controller = Controller.objects.create(
        framework=breach.framework, breach=breach, organisation_id=party.organisation_id, name=party.name,
        answer=breach.personal_data, aware_at=aware_at,
    )  # fmt: skip
    start_clock(controller, by=by, now=now)
    return controller


def tell_parties(breach, others, *, by, now) -> None:
    """A notice for every other party in force. The duty is met once each could be told; else somebody tells them."""
    people = people_of(breach.framework, [one.organisation_id for one in others])
    notices = PartyNotice.objects.bulk_create(
        PartyNotice(
            framework=breach.framework, breach=breach, organisation_id=one.organisation_id, name=one.name,
            told_at=now if people.get(one.organisation_id) or one.organisation_id == breach.reported_for_id else None,
            # whoever reports it has read it
            **({"acknowledged_at": now, "acknowledged_by": by} if one.organisation_id == breach.reported_for_id else {}),
        )
        for one in others
    )  # fmt: skip
    mails.tell_reported(breach, notices, people, now=now)
    AuditEvent.objects.record(
        "breaches.breach:parties-told", breach, by=by, now=now, told=sum(one.told_at is not None for one in notices),
        untold=sum(one.told_at is None for one in notices),
    )  # fmt: skip
    meet_if_all_told(breach, by=by, now=now)


def meet_if_all_told(breach, *, by, now) -> None:
    """HAR-6.1 is met when no other party is left untold."""
    if not breach.notices.untold().exists():
        Deadline.objects.open().filter(rule=NOTIFY, **about(breach)).meet(by=by, now=now)


@transaction.atomic
def came_back(notice, *, by, now) -> bool:
    """The mails to a party came back: it is untold again, and with it the duty of HAR-6.1 is open."""
    if not notice.came_back(by=by, now=now):
        return False
    rows = Deadline.objects.filter(rule=NOTIFY, met_at__isnull=False, **about(notice.breach))
    for row in rows:
        row.reopen(by=by, now=now, reason=notice.name)
    return True


def about(subject) -> dict:
    """The columns by which a deadline names its subject."""
    return {
        "subject_type__app_label": subject._meta.app_label,
        "subject_type__model": subject._meta.model_name,
        "subject_id": subject.pk,
    }


@transaction.atomic
def tell_otherwise(notice, *, how, by, now) -> None:
    """A party that nobody could be written to was told in another way."""
    notice.tell_otherwise(how=how, by=by, now=now)
    meet_if_all_told(notice.breach, by=by, now=now)


@transaction.atomic
def acknowledge(notice, *, by, now) -> None:
    """Somebody of the party has read the report."""
    notice.acknowledge(by=by, now=now)
    meet_if_all_told(notice.breach, by=by, now=now)
