"""The life of a draft: begun, consulted on, approved; and the version that follows (signing is the signatories app).

Every function is one transaction, needs the framework's scope, and takes `by` (User) and `now` (aware UTC).
"""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal import agendas, clock
from portal.errors import NotReady, StateError, TransitionNotAllowed
from portal.ladders import REMIND_OF_COMMENTS
from portal.models import AuditEvent, Decision, Job
from protocols import notices
from protocols.beginning import create_protocol, next_version
from protocols.circulation import circulate
from protocols.editorial import refuse_exemption
from protocols.gaps import missing
from protocols.models import Comment, Consultation, Reply, Version

__all__ = [
    "carry_decision",
    "close_consultation",
    "comment",
    "create_protocol",
    "decide",
    "extend_consultation",
    "missing",
    "next_version",
    "open_consultation",
    "open_round",
    "ratify",
    "refuse_take_back",
    "reply",
    "respond",
    "submit",
    "take_back",
]

RATIFICATIONS = (Decision.Outcome.RATIFIED, Decision.Outcome.NOT_RATIFIED)
OVER = {Version.Status.SUPERSEDED, Version.Status.WITHDRAWN, Version.Status.EXPIRED}
CONFIRMED = "protocols.version:only-listed-changes"
# Rows that never change, or not while anybody signs: what was read along need not be read again under the lock.
UNCHANGING = ("framework", "canonical", "text_copy")


def locked(version) -> Version:
    """The version, re-read under its row lock; call inside a transaction."""
    cache = version._state.fields_cache
    known = {name: cache[name] for name in UNCHANGING if cache.get(name) is not None}
    version.refresh_from_db(from_queryset=Version._base_manager.select_for_update(of=("self",)))
    cache |= {name: row for name, row in known.items() if row.pk == getattr(version, f"{name}_id")}
    return version


# --- consultation


def open_consultation(version, *, closes_on, by, now, change="") -> Consultation:
    """Draft → consultation: this numbered draft goes to the parties, who may comment until closes_on (HAR-¶9).

    change: what is new in this draft, for document control.
    """
    with transaction.atomic():
        version.start_consultation(by=by, now=now)
        circulate(version, by=by, now=now, change=change)
        consultation = Consultation.objects.create(
            framework_id=version.framework_id, version=version, draft=version.draft, opened_at=now, opened_by=by,
            closes_on=closes_on,
        )  # fmt: skip
        plan_reminders(consultation, now=now)
        notices.tell_consultation_opened(consultation, now=now)
    return consultation


def extend_consultation(consultation, *, closes_on, by, now):
    """A later closing date; the people of the parties are told (HAR-¶9)."""
    with transaction.atomic():
        locked(consultation.version)
        consultation.refresh_from_db()
        consultation.extend(closes_on=closes_on, by=by, now=now)
        plan_reminders(consultation, now=now)
        notices.tell_consultation_extended(consultation, now=now)


def reminder_of(consultation):
    """When those are reminded who have not commented yet: at the beginning of that day in London."""
    return clock.start_of_day(consultation.closes_on - timedelta(days=REMIND_OF_COMMENTS))


def plan_reminders(consultation, *, now):
    """One row before the closing date for the parties, if there is time, and one after it for the drafters (READ-11)."""
    due = {
        "reminder": reminder_of(consultation),
        "over": clock.start_of_day(consultation.closes_on + timedelta(days=1)),
    }
    for what, moment in due.items():
        if moment > now:
            Job.objects.plan(
                f"protocols.consultation_{what}", framework=consultation.framework, subject_id=consultation.pk,
                run_at=moment, key=f"consultation-{what}:{consultation.pk}:{consultation.closes_on}",
            )  # fmt: skip


def current_round(version) -> Consultation | None:
    """The open round of consultation, if there is one."""
    return version.consultations.filter(closed_at__isnull=True).first()


def open_round(version) -> Consultation:
    """The open round. Raises StateError when there is none (any more)."""
    found = current_round(version)
    if found is None:
        raise StateError(
            _("No consultation on %(version)s is open.") % {"version": version},
            _("Comments can be made and answered only while a consultation is open."),
        )
    found.version = version
    return found


def refuse_open_round(version):
    """A round must be closed, every comment answered, before the draft moves on (HAR-¶9)."""
    if current_round(version):
        raise StateError(
            _("The consultation on %(version)s is still open.") % {"version": version},
            _("Respond to every comment and close the consultation first."),
        )


def comment(consultation, *, organisation, clause_uid, text, by, now) -> Comment:
    """A comment for an organisation on one clause, or on the whole (clause_uid None). Raises StateError when closed."""
    with transaction.atomic():
        locked(consultation.version)
        consultation.refresh_from_db()
        if clause_uid and not consultation.version.clauses.filter(uid=clause_uid).exists():
            raise StateError(_("This clause is not part of the draft."))
        return consultation.comment(by=by, organisation=organisation, clause_uid=clause_uid, text=text, now=now)


def respond(comment, *, text, by, now, outcome=Comment.Outcome.ACCEPTED):
    """Say what becomes of a comment and why, or put that right while the round is open (HAR-¶9)."""
    with transaction.atomic():
        locked(comment.consultation.version)
        comment.refresh_from_db()
        comment.respond(by=by, text=text, now=now, outcome=outcome)


def reply(comment, *, organisation, text, by, now, drafter=False) -> Reply:
    """A reply under a comment. drafter: of a drafter, who may go on after the closing date until the round is closed."""
    with transaction.atomic():
        locked(comment.consultation.version)
        comment.refresh_from_db()
        return comment.reply(by=by, organisation=organisation, text=text, now=now, drafter=drafter)


def close_consultation(consultation, *, by, now):
    """Close the round; refused while a comment has no response (HAR-¶9)."""
    with transaction.atomic():
        locked(consultation.version)  # a comment made at this moment either comes first or finds the round closed
        consultation.refresh_from_db()
        consultation.close(by=by, now=now)
        notices.tell_consultation_closed(consultation, now=now)


def refuse_take_back(version):
    """Raises StateError unless the version is in consultation, with its round closed, or approved."""
    refuse_open_round(version)
    if version.status == Version.Status.APPROVAL:  # only a recorded decision leads from there to draft
        raise TransitionNotAllowed(version, version.status, Version.Status.DRAFT)
    version.require_step(Version.Status.DRAFT)


def take_back(version, *, reason, by, now):
    """Consultation (its round closed) or approved → draft, as the next numbered draft; a decision is kept, unused."""
    with transaction.atomic():
        locked(version)
        refuse_take_back(version)
        version.return_to_draft(by=by, now=now, reason=reason)


# --- approval


def submit(version, *, by, now, only_listed_changes=False):
    """Draft, or consultation whose round is closed → approval; refused with the list of what is missing (HAR-2.3).

    only_listed_changes: the drafter confirms that nothing changed but what an earlier approval listed; a secretary's
    own confirmation then carries that decision over (carry_decision).
    """
    with transaction.atomic():
        locked(version)
        refuse_open_round(version)
        decision = approval_with_changes(version) if only_listed_changes else None
        if only_listed_changes and decision is None:
            raise StateError(_("There is no approval with listed changes to carry over."))
        version.submit_for_approval(by=by, now=now, missing=missing(version))
        if decision:
            AuditEvent.objects.record(CONFIRMED, version, by=by, now=now, decision=decision.pk, draft=version.draft)
        circulate(version, by=by, now=now, change=_("Submitted for approval"))
        put_on_agenda(version, by=by, now=now)
        notices.tell_approval_asked(version, now=now)


def put_on_agenda(version, *, by, now):
    """The deciding body finds it on the agenda of its next meeting, if one is planned."""
    if body := version.protocol.deciding_body:
        agendas.refresh(body, by=by, now=now)


def last_decision(version) -> Decision | None:
    """The newest decision on the version, whatever its outcome."""
    return Decision.objects.about(version).order_by("recorded_at", "pk").last()


def approval_with_changes(version) -> Decision | None:
    """The newest decision, if it approved with listed changes; else None."""
    decision = last_decision(version)
    return decision if decision and decision.outcome == Decision.Outcome.APPROVED_WITH_CHANGES else None


def drafters_confirmation(version) -> AuditEvent | None:
    """The ledger's row in which the drafter of this numbered draft confirmed that only the listed changes were made."""
    decision = approval_with_changes(version)
    confirmed = AuditEvent.objects.about(version).filter(verb=CONFIRMED).order_by("pk").last()
    if decision and confirmed and confirmed.payload == {"decision": decision.pk, "draft": version.draft}:
        return confirmed
    return None


def carry_decision(version, *, by, now):
    """Approval → approved under the earlier approval with listed changes: drafter and secretary both confirmed.

    Two people: whoever confirmed as drafter cannot confirm as secretary. Raises NotReady without the first confirmation.
    """
    with transaction.atomic():
        locked(version)
        confirmed, decision = drafters_confirmation(version), approval_with_changes(version)
        with version.transition(Version.Status.APPROVED, by=by, now=now, reference=getattr(decision, "reference", "")):
            if confirmed is None:
                raise NotReady(_("The drafter has not confirmed that only the listed changes were made."))
            if confirmed.person.user_id == by.pk:
                raise NotReady(
                    _("You confirmed this as drafter."),
                    what_to_do=_("Somebody else has to confirm it as board secretary."),
                )
            version.approval = decision
        notices.tell_approval_decided(version, decision, now=now)


def decide(version, *, by, now, draft=None, **facts) -> Decision:
    """Record the decision of the deciding body, or of an officer under a named scheme, and follow it (HAR-2.3).

    facts: the fields of portal.models.Decision (board or delegated_to and delegation_scheme, decided_on, reference,
    outcome, listed_changes, reason). Approved and urgent → approved; approved with listed changes, referred back and
    refused → draft, with the list or reason kept. draft: number of the draft that was decided on, as the page showed
    it. Raises NotReady for a decision that says too little or is not the deciding body's, StateError for another draft.
    """
    with transaction.atomic():
        locked(version)
        if draft not in {None, version.draft}:
            raise StateError(
                _("The decision was about another draft than %(version)s.") % {"version": version},
                _("Read the draft that waits now, then record what was decided on it."),
            )
        if version.status == Version.Status.APPROVAL:  # in another state decide() below refuses in words of its own
            refuse_bad_decision(version, facts)
        decision = Decision.objects.record(version, by=by, now=now, **facts)
        version.decide(decision, by=by, now=now)
        if decision.outcome == Decision.Outcome.URGENT:
            put_on_agenda(version, by=by, now=now)
        notices.tell_approval_decided(version, decision, now=now)
        return decision


def refuse_bad_decision(version, facts):
    """A decision must be the deciding body's own, and say enough to be acted on."""
    body, outcome = version.protocol.deciding_body, facts.get("outcome")
    lacking = []
    if facts.get("board") and facts["board"] != body:
        lacking.append(_("The decision must be of %(body)s, the deciding body of this tier.") % {"body": body})
    if not facts.get("board") and not (facts.get("delegated_to") and facts.get("delegation_scheme")):
        lacking.append(_("The deciding body, or the officer and the scheme of delegation"))
    if not facts.get("reference"):
        lacking.append(_("The minute or decision reference"))
    if outcome == Decision.Outcome.APPROVED_WITH_CHANGES and not facts.get("listed_changes"):
        lacking.append(_("The list of changes that the approval asks for"))
    if outcome in {Decision.Outcome.REFERRED_BACK, Decision.Outcome.REFUSED} and not facts.get("reason"):
        lacking.append(_("The reason"))
    if outcome == Decision.Outcome.URGENT and not facts.get("ratify_by"):
        lacking.append(_("The date by which the deciding body ratifies it"))
    if lacking:
        raise NotReady(_("This decision cannot be recorded as it stands."), lacking)
    if facts.get("no_re_signing"):
        refuse_exemption(version)


# --- ratification of an urgent approval


def answer_to(decision) -> Decision | None:
    """What the deciding body said of an urgent approval afterwards."""
    answers = Decision.objects.filter(subject_type=decision.subject_type, subject_id=decision.subject_id)
    return answers.filter(outcome__in=RATIFICATIONS, pk__gt=decision.pk).first()


def to_ratify(version) -> Decision | None:
    """The urgent approval under which the version stands, as long as it is neither ratified nor refused (HAR-2.3)."""
    decision = version.approval
    if decision is None or decision.outcome != Decision.Outcome.URGENT or version.status in OVER:
        return None
    return None if answer_to(decision) else decision


def refused_ratification(version) -> Decision | None:
    """The recorded refusal to ratify the approval under which the version stands."""
    decision = version.approval
    answer = answer_to(decision) if decision and decision.outcome == Decision.Outcome.URGENT else None
    return answer if answer and answer.outcome == Decision.Outcome.NOT_RATIFIED else None


def require_ratifiable(version):
    """Raises StateError when no urgent approval of the version waits for ratification."""
    if to_ratify(version) is None:
        raise StateError(_("No urgent approval of %(version)s waits to be ratified.") % {"version": version})


def ratify(version, *, by, now, **facts) -> Decision:
    """Record that the deciding body ratifies an urgent approval, or refuses to (HAR-2.3).

    facts: board, decided_on, reference, outcome (ratified or not-ratified), reason. Refused while it is approved →
    back to draft with the reason; later the secretary withdraws it under this decision. Nothing that was signed is lost.
    """
    with transaction.atomic():
        locked(version)
        require_ratifiable(version)
        if facts.get("outcome") not in RATIFICATIONS:
            raise StateError(_("This outcome does not ratify an approval."))
        body, refused = version.protocol.deciding_body, facts["outcome"] == Decision.Outcome.NOT_RATIFIED
        if facts.get("board") is None or facts["board"] != body:
            raise NotReady(
                _("An urgent approval is ratified by %(body)s, the deciding body of this tier.") % {"body": body}
            )
        if not facts.get("reference") or (refused and not facts.get("reason")):
            raise NotReady(
                _("This decision cannot be recorded as it stands."),
                [_("The minute or decision reference, and the reason of a refusal")],
            )
        decision = Decision.objects.record(version, by=by, now=now, **facts)
        if refused and version.status == Version.Status.APPROVED:
            version.return_to_draft(by=by, now=now, reason=facts["reason"])
        notices.tell_approval_decided(version, decision, now=now)
        return decision
