"""After the recall: minutes, actions, closure (HAR-6.6).

Every function is one transaction, needs the framework's scope, and takes `by` (User) and `now` (aware UTC).
"""

from django.db import transaction
from django.utils.translation import gettext as _

from breaches import hearing, mails, regulator
from breaches.attending import acting
from breaches.closed import MINUTES, lock_standings
from breaches.convening import require_impartial
from breaches.finding import place
from breaches.models import Breach, Minutes, Proposal, Sanction
from breaches.reporting import about
from breaches.written import locked
from portal import doorbell, handing_over, meetings
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Deadline, Job
from portal.templatetags.dates import longdate
from protocols import bars
from protocols.models import Party


@transaction.atomic
def write_minutes(breach, *, text, by, now) -> Minutes:
    """The minutes, by somebody of the session; what they say everybody will read."""
    with acting(breach, by), breach.transition(Breach.Status.MINUTED, by=by, now=now):
        if not text.strip():
            raise NotReady(_("Write the minutes."))
        number = breach.minutes.count() + 1
        return Minutes.objects.create(
            framework=breach.framework, breach=breach, number=number, text=text, written_by=by, written_at=now
        )


@transaction.atomic
def change_minutes(breach, *, text, number, by, now) -> Minutes:
    """Another text before they are circulated: a record beside the one with this number, which stays as it was."""
    with acting(breach, by):
        held = locked(breach)
        if held.status != Breach.Status.MINUTED:
            raise StateError(
                _("The minutes of %(reference)s are changed from when they are written until they are circulated.")
                % {"reference": held.reference}
            )
        if held.minutes.latest("number").number != number:
            raise NotReady(
                _("Somebody else has saved other minutes since you opened these."),
                what_to_do=_("Copy what you wrote, open the minutes again and put both together."),
            )
        if not text.strip():
            raise NotReady(_("Write the minutes."))
        AuditEvent.objects.record("breaches.breach:minutes-changed", held, by=by, now=now, number=number + 1)
        return Minutes.objects.create(
            framework=held.framework, breach=held, number=number + 1, text=text, written_by=by, written_at=now
        )


@transaction.atomic
def circulate(breach, *, by, now) -> None:
    """To every party and to the organisation in breach, each with its delivery state. The duty of HAR-6.6 is met; a
    meeting that was about nothing else has been minuted with it."""
    with acting(breach, by), breach.transition(Breach.Status.CIRCULATED, by=by, now=now):
        minutes, held = breach.minutes.last(), hearing.of(breach)
    Deadline.objects.open().filter(rule=MINUTES, **about(breach)).meet(by=by, now=now)
    if held is not None and handing_over.circulated_with(held.meeting, breach, by=by, now=now):
        meetings.tell(held.meeting, by=by, now=now)
    Job.objects.plan(
        "breaches.minutes_pdf", framework=breach.framework, subject_id=minutes.pk, run_at=now,
        key=f"breach-minutes:{minutes.pk}",
    )  # fmt: skip
    mails.tell("breaches.minutes", breach, mails.everybody(breach), minutes.pk, now=now)
    doorbell.ring()


@transaction.atomic
def done(sanction, *, note, by, now) -> None:
    """An action was done. A second time keeps the first."""
    held = Sanction.objects.select_for_update(of=("self",)).get(pk=sanction.pk)
    if not held.due_on:
        raise StateError(_("This is no action that somebody has to do."))
    if not note.strip():
        raise NotReady(_("Say what was done."))
    if held.done_at is None:
        held.done_at, held.done_note = now, note
        held.save(update_fields=["done_at", "done_note"])
        AuditEvent.objects.record("breaches.sanction:done", held, by=by, now=now, organisation=held.name)


def require_suspension(sanction) -> None:
    """Raises StateError for what is no suspension, or is none any more: a page then shows no form."""
    if sanction.kind != Proposal.Kind.SUSPENSION:
        raise StateError(_("Only a suspension is lifted."))
    if not sanction.suspends:
        raise StateError(
            _("The suspension of %(organisation)s ended on %(day)s (%(reference)s).")
            % {
                "organisation": sanction.name,
                "day": longdate(sanction.lifted_at),
                "reference": sanction.lifted_by_decision,
            }
        )


def lifted_words(sanction) -> str:
    """What the lifting came to."""
    if Sanction.objects.suspending(sanction.organisation_id, sanction.breach.protocol_id).exists():
        return _("Recorded. %(organisation)s stays suspended after another breach.") % {"organisation": sanction.name}
    return _("The suspension is lifted. Every party is being told by email.")


@transaction.atomic
def lift(sanction, *, reference, by, now) -> None:
    """The parties have decided that a suspension ends (HAR-6.6): the organisation stands again as it stood before. After the
    closure too: a suspension lasts until it is lifted. Another breach may keep the organisation suspended."""
    breach = Breach.objects.select_related("protocol", "framework").get(pk=sanction.breach_id)
    require_impartial(breach, by)
    parties = lock_standings(breach.protocol_id, sanction.organisation_id)
    held = Sanction.objects.select_for_update(of=("self",)).get(pk=sanction.pk)
    require_suspension(held)
    if not reference.strip():
        raise NotReady(_("Say by which decision it is lifted."))
    held.lifted_at, held.lifted_by_decision = now, reference.strip()
    held.save(update_fields=["lifted_at", "lifted_by_decision"])
    facts = {"organisation": held.name, "reference": held.lifted_by_decision}
    AuditEvent.objects.record("breaches.sanction:lifted", held, by=by, now=now, **facts)
    last = not Sanction.objects.suspending(held.organisation_id, breach.protocol_id).exists()
    for party in parties if last else []:
        if party.status == Party.Status.SUSPENDED:
            party.reinstate(by=by, now=now, reference=held.lifted_by_decision)
    if last:
        bars.lifted(held.organisation_id, breach.protocol_id, now=now)
    mails.tell("breaches.lifted", breach, mails.everybody(breach), held.pk, now=now)
    doorbell.ring()


def open_points(breach) -> list[tuple[str, str]]:
    """(what, where it is dealt with) for everything that is still open: nothing is closed over it."""
    found = [
        (_("Action of %(name)s: %(text)s") % {"name": one.owner or one.name, "text": one.text},
         place(breach, "breach-done", one.pk))
        for one in breach.sanctions.all()
        if one.is_open
    ]  # fmt: skip
    regulator_page = place(breach, "breach-regulator")
    found += [
        (_("%(name)s: %(what)s") % {"name": one.name, "what": what}, regulator_page)
        for one in breach.controllers.all()
        for what in regulator.owed(one)
    ]
    sent = set(breach.reports.values_list("organisation_id", flat=True))
    found += [
        (_("%(name)s has not sent its written report") % {"name": one.name}, "")  # a form of its own people alone
        for one in breach.in_breach.all()
        if one.organisation_id not in sent
    ]
    return found


@transaction.atomic
def close(breach, *, lessons, by, now) -> None:
    """Closed with its lessons, once every action is done and every duty is dealt with."""
    require_impartial(breach, by)
    with breach.transition(Breach.Status.CLOSED, by=by, now=now):
        if open_ := [what for what, _href in open_points(breach)]:
            raise NotReady(_("Something is still open."), open_)
        if not lessons.strip():
            raise NotReady(_("Say what was learned."))
        breach.lessons, breach.closed_at = lessons, now
    Deadline.objects.filter(**about(breach)).drop(now=now)
    mails.tell("breaches.closed", breach, mails.everybody(breach), breach.pk, now=now)
    doorbell.ring()
