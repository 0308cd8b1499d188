"""The closed session (HAR-6.4) and the recall (HAR-6.5).

Every act locks the row of the session, runs in the scope of the person who acts, and is recorded in the breach's closed
chain of the ledger. What changes for everybody is recorded in the open one, without a word of what was said.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from breaches import hearing, mails
from breaches.attending import acting
from breaches.models import Breach, ClosedNote, ClosedSession, Proposal, Recall, Sanction, Vote
from breaches.written import locked
from portal import doorbell, handing_over
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Deadline
from protocols.models import Party, Protocol, Version
from protocols.workflow import OVER

Status = ClosedSession.Status
MINUTES = handing_over.MINUTES


def running(breach) -> ClosedSession:
    """The session that is open or has decided, under its lock. Raises StateError. Needs `acting`."""
    rows = ClosedSession._base_manager.select_for_update(of=("self",)).filter(breach=breach)
    found = rows.filter(status__in=[Status.OPEN, Status.DECIDED]).select_related("hearing__meeting__board").first()
    if found is None:
        raise StateError(_("No closed session is running on %(reference)s.") % {"reference": breach.reference})
    return found


def require_open(session) -> None:
    """Raises StateError once it has decided."""
    if session.status != Status.OPEN:
        raise StateError(_("The session has decided already."), _("What was decided is told at the recall."))


@transaction.atomic
def begin(breach, *, by, now) -> ClosedSession:
    """The organisation in breach withdraws; from now its people see nothing of it. Chair and secretary are named first."""
    with acting(breach, by):
        held = hearing.of(breach)
        with breach.transition(Breach.Status.IN_CLOSED_SESSION, by=by, now=now):
            if held is None or held.chair is None or held.secretary is None:
                raise NotReady(_("Name the chair and the secretary of the session first."))
            hearing.refuse_partial(breach, held.chair, held.secretary)
        session = ClosedSession._base_manager.create(
            framework=breach.framework, breach=breach, hearing=held, opened_at=now
        )
        AuditEvent.objects.record("breaches.session:opened", session, by=by, now=now)
        return session


@transaction.atomic
def note(breach, *, text, by, now) -> ClosedNote:
    """A note; none is taken once the outcome was told."""
    with acting(breach, by):
        session = running(breach)
        if not text.strip():
            raise NotReady(_("Enter the note."))
        made = ClosedNote._base_manager.create(
            framework=breach.framework, breach=breach, session=session, text=text, made_by=by, made_at=now
        )
        AuditEvent.objects.record("breaches.session:noted", session, by=by, now=now)
        return made


@transaction.atomic
def propose(breach, *, organisation, kind, text, owner="", due_on=None, by, now) -> Proposal:
    """A sanction or an action against an organisation in breach. An action plan has an owner and a date."""
    with acting(breach, by):
        session = running(breach)
        require_open(session)
        if organisation not in breach.guilty():
            raise NotReady(_("Only an organisation in breach can be sanctioned."))
        if kind == Proposal.Kind.ACTION_PLAN and not (owner.strip() and due_on):
            raise NotReady(_("An action needs an owner and a date."))
        made = Proposal._base_manager.create(
            framework=breach.framework, breach=breach, session=session, organisation_id=organisation, kind=kind,
            text=text, owner=owner, due_on=due_on, made_by=by, made_at=now,
        )  # fmt: skip
        AuditEvent.objects.record("breaches.session:proposed", made, by=by, now=now, kind=kind)
        return made


@transaction.atomic
def vote(proposal, votes: dict, *, by, now) -> None:
    """The votes on a proposal: organisation → for, against, abstained. Of those that are there, none in breach."""
    breach = proposal.breach
    with acting(breach, by):
        session = running(breach)
        require_open(session)
        session.hearing.refresh_from_db(fields=["present"])  # it was read before the session's turn came
        present = set(session.hearing.present)
        if proposal.session_id != session.pk or not set(votes) <= present - set(breach.guilty()):
            raise NotReady(_("Only the organisations that are there vote, and none in breach."))
        for organisation, choice in votes.items():
            Vote._base_manager.update_or_create(
                framework_id=breach.framework_id, breach=breach, proposal=proposal, organisation_id=organisation,
                defaults={"choice": choice, "recorded_at": now},
            )  # fmt: skip
        AuditEvent.objects.record("breaches.session:voted", proposal, by=by, now=now)


@transaction.atomic
def decide(breach, *, outcome, by, now) -> ClosedSession:
    """What has the majority of those present is carried, the rest is dismissed (HAR-6.3). Raises NotReady while the
    meeting is not quorate: then nothing can be recorded as decided."""
    with acting(breach, by):
        session = ClosedSession._base_manager.filter(breach=breach).exclude(status=Status.ENDED).order_by("-pk").first()
        if session is None:
            raise StateError(_("No closed session is running on %(reference)s.") % {"reference": breach.reference})
        with session.transition(Status.DECIDED, by=by, now=now):
            quorum = hearing.quorum_of(breach, session.hearing)
            if not quorum.reached:
                raise NotReady(
                    _("The meeting is not quorate: %(words)s.") % {"words": hearing.words_of(quorum)},
                    what_to_do=_("Nothing can be decided. End the session, and call another meeting."),
                )
            if not outcome.strip():
                raise NotReady(_("Write the outcome as it will be told."))
            session.outcome, session.decided_at = outcome, now
            for proposal in Proposal._base_manager.filter(session=session):
                for_it = Vote._base_manager.filter(proposal=proposal, choice=Vote.Choice.FOR).count()
                carried = for_it >= quorum.majority
                proposal.result = Proposal.Result.CARRIED if carried else Proposal.Result.DISMISSED
                proposal.save(update_fields=["result"])
        return session


@transaction.atomic
def end(breach, *, by, now) -> None:
    """The session ends without a decision: another meeting is called."""
    with acting(breach, by):
        session = running(breach)
        require_open(session)
        with (
            breach.transition(Breach.Status.REPORTED, by=by, now=now),
            session.transition(Status.ENDED, by=by, now=now),
        ):
            pass


@transaction.atomic
def recall(breach, *, told_by, told_to, told_at, by, now) -> Recall:
    """The organisation in breach is recalled and told (HAR-6.5): from now everybody sees the outcome, the sanctions that
    were carried take effect, and nothing of the rest is there for them, ever. The minutes are owed once: of the breach, if
    its meeting was about nothing else (HAR-6.6)."""
    with acting(breach, by):
        session = running(
            breach
        )  # before the breach, as everybody does who writes in the session: no two wait for each other
        locked(breach)
        with breach.transition(Breach.Status.RECALLED, by=by, now=now), session.transition(Status.TOLD, by=by, now=now):
            if not (told_by.strip() and told_to.strip()):
                raise NotReady(_("Say who told it to whom."))
            decided = session.decided_at or now
            if told_at > now or told_at < decided.replace(second=0, microsecond=0):
                raise NotReady(_("The outcome is told after it was decided, and not in the future."))
            made = Recall.objects.create(
                framework=breach.framework, breach=breach, outcome=session.outcome, told_by=told_by, told_to=told_to,
                told_at=told_at, recorded_by=by, recorded_at=now,
            )  # fmt: skip
            carried = Proposal._base_manager.filter(session=session, result=Proposal.Result.CARRIED)
            for proposal in sorted(carried, key=lambda one: one.kind == Proposal.Kind.EXCLUSION):  # it ends suspensions
                sanction(breach, proposal, by=by, now=now)
        meeting = session.hearing.meeting
        Deadline.objects.start(
            MINUTES, breach, framework=breach.framework, start=meeting.starts_at, now=now, nation=breach.protocol.nation,
            by=by,
        )  # fmt: skip
        handing_over.hand_over(meeting, breach, by=by, now=now)
    mails.tell("breaches.recalled", breach, mails.everybody(breach), made.pk, now=now)
    doorbell.ring()
    return made


def sanction(breach, proposal, *, by, now) -> Sanction:
    """What was carried becomes a sanction of the breach; suspension and exclusion change the party's standing."""
    body = breach.in_breach.get(organisation=proposal.organisation_id)
    made = Sanction.objects.create(
        framework=breach.framework, breach=breach, organisation_id=proposal.organisation_id, name=body.name,
        kind=proposal.kind, text=proposal.text, owner=proposal.owner, due_on=proposal.due_on,
    )  # fmt: skip
    AuditEvent.objects.record(
        "breaches.sanction:imposed",
        made,
        by=by,
        now=now,
        organisation=body.name,
        kind=str(made.get_kind_display()).lower(),
    )
    if proposal.kind in {Proposal.Kind.SUSPENSION, Proposal.Kind.EXCLUSION}:
        change_standings(breach, made, by=by, now=now)
    return made


def change_standings(breach, made, *, by, now) -> None:
    """Suspended or excluded in everything that the organisation has agreed to and that is not over: the version in force,
    and one that waits to come into force, which would otherwise free it of what was decided. An exclusion ends the
    suspensions."""
    act = {"by": by, "now": now, "reference": breach.reference}
    excluding, held = made.kind == Proposal.Kind.EXCLUSION, standings(breach, made.organisation_id)
    for party in held:
        if excluding and party.status == Party.Status.SUSPENDED:  # one step of the table at a time
            party.reinstate(**act, excluding=True)
        if excluding:
            party.exclude(**act)
        elif party.status != Party.Status.SUSPENDED:
            party.suspend(**act)
    if excluding:
        for party in lock_standings(breach.protocol_id, made.organisation_id):
            if party.status == Party.Status.SUSPENDED:  # of a version that is over
                party.reinstate(**act, excluding=True)
        Sanction.objects.suspending(made.organisation_id, breach.protocol_id).update(
            lifted_at=now, lifted_by_decision=_("excluded (%(reference)s)") % {"reference": breach.reference}
        )


def standings(breach, organisation: int) -> list[Party]:
    """What the organisation has agreed to in the protocol and has not ended; if all are over, the version that was breached.

    Locked: the protocol, its versions, the organisation's rows, in this order. So who is signing one of them now is there
    before, or refused after; and two who sanction or lift come one after the other.
    """
    held = lock_standings(breach.protocol_id, organisation)
    given = [party for party in held if party.status in Party.GIVEN]
    running = [party for party in given if party.version.status not in OVER]
    return running or [party for party in given if party.version_id == breach.version_id]


def lock_standings(protocol: int, organisation: int) -> list[Party]:
    """The organisation's rows in the protocol, locked with the protocol and its versions."""
    Protocol.objects.select_for_update(of=("self",)).get(pk=protocol)
    versions = Version.objects.select_for_update(of=("self",)).filter(protocol=protocol).order_by("pk")
    by_id = {version.pk: version for version in versions.select_related("protocol")}
    rows = Party.objects.select_for_update(of=("self",)).filter(organisation=organisation, version__in=by_id)
    held = list(rows.order_by("pk"))
    for party in held:
        party.version = by_id[party.version_id]
    return held
