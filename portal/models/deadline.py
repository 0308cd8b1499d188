"""A duty with a date: started from a rule, met or not. Overdue is a question asked of a date (READ-11)."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils.dateparse import parse_date, parse_datetime

from portal import clock, deadlines
from portal.ladders import LADDERS, Timing, latest, next_run
from portal.models.calendar import BankHoliday, ClosureDay
from portal.models.ledger import AuditEvent
from portal.models.people import Organisation, User
from portal.models.reminder import Reminder
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.models.verbs import verb
from portal.working_days import WorkingCalendar, calendar_for


class DeadlineQuerySet(TenantQuerySet["Deadline"]):
    """Deadlines of one framework."""

    def start(self, rule, subject, *, framework, start, now, nation, owner=None, by=None, **options) -> "Deadline":
        """Start a deadline of a rule (portal.deadlines.RULES) for a subject, with its explanation.

        start: aware UTC moment from which the rule counts. options: as of `portal.deadlines.due` (n,
        next_meeting, overrides). Recorded in the ledger.
        """
        calendar = calendar_of(framework, nation)
        due = deadlines.due(rule, start, calendar=calendar, **options)
        deadline = self.create(
            framework=framework, rule=rule, subject=subject, owner=owner, started_at=start, recorded_at=now,
            **facts_of(due),
        )  # fmt: skip
        AuditEvent.objects.record(
            "portal.deadline:started", subject, by=by, now=now, rule=rule, due=due.due_at.isoformat()
        )
        deadline.plan_reminder(calendar, now=now)
        return deadline

    def start_from_breach(
        self, rule, subject, *, framework, occurred, identified, now, nation, owner=None, by=None, **options
    ) -> "Deadline":
        """Start a duty that counts from a breach, with its strict and its practical date (READ-4, READ-5).

        occurred: the day of the breach (of a range its first known day), or None while nobody knows it. identified:
        aware moment. options: `overrides`. Recorded in the ledger. Raises DeadlineError.
        """
        calendar = calendar_of(framework, nation)
        both = deadlines.strict_and_practical(rule, occurred, identified, calendar=calendar, **options)
        started = identified if occurred is None else clock.start_of_day(occurred)
        deadline = self.create(
            framework=framework, rule=rule, subject=subject, owner=owner, started_at=started, recorded_at=now,
            **facts_of(both.strict, identified=identified), **facts_found_late(both),
        )  # fmt: skip
        AuditEvent.objects.record(
            "portal.deadline:started", subject, by=by, now=now, rule=rule, due=both.strict.due_at.isoformat()
        )
        deadline.plan_reminder(calendar, now=now)
        return deadline

    def open(self):
        """Not met and not dropped."""
        return self.filter(met_at__isnull=True, dropped_at__isnull=True)

    def overdue(self, at):
        """Open and past their moment."""
        return self.open().filter(due_at__lt=at)

    def drop(self, *, now) -> None:
        """Nothing is left to do: each open one is closed without being met, and recorded."""
        for deadline in self.open():
            deadline.dropped_at = now
            deadline.save(update_fields=["dropped_at"])
            AuditEvent.objects.record("portal.deadline:dropped", deadline.subject, by=None, now=now, rule=deadline.rule)

    drop.alters_data = True  # type: ignore[attr-defined]

    def meet(self, *, by, now) -> None:
        """The duty was done: each open one is closed as met, and recorded."""
        for deadline in self.open():
            deadline.meet(by=by, now=now)

    meet.alters_data = True  # type: ignore[attr-defined]


DeadlineManager = TenantManager.from_queryset(DeadlineQuerySet)


class Deadline(TenantModel):
    """One duty on one subject."""

    rule = models.CharField(max_length=60)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    owner = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    recorded_at = models.DateTimeField(null=True)  # when it became known: steps of its ladder before are past
    due_at = models.DateTimeField()
    warn_on = models.DateField(null=True)  # what warnings work towards; never later than an earlier count (READ-8)
    practical_at = models.DateTimeField(null=True)  # beside a strict date that was past on arrival (READ-4)
    practical_explanation = models.TextField(blank=True)
    found_late = models.BooleanField(default=False)  # the strict date had passed before anybody knew (READ-4)
    assumed = models.BooleanField(default=False)  # the start is assumed until somebody knows it (READ-5)
    met_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    provisional = models.BooleanField(default=False)
    explanation = models.TextField()
    note = models.TextField(blank=True)
    inputs = models.JSONField(default=dict)

    objects = DeadlineManager()  # type: ignore[misc]

    class Meta:
        ordering = ["due_at"]
        indexes = [
            models.Index(fields=["framework", "due_at"], name="deadline_framework_due"),
            models.Index(fields=["framework", "subject_type", "subject_id"], name="deadline_subject"),
        ]

    def __str__(self):
        return f"{self.rule} {self.due_at:%Y-%m-%d}"

    @verb
    @transaction.atomic
    def meet(self, *, by, now, at=None) -> None:
        """The duty was done now, or at an earlier moment that is only being recorded. A second time does nothing."""
        held = type(self)._base_manager.select_for_update(of=("self",)).get(pk=self.pk)
        if held.met_at is None and held.dropped_at is None:
            held.met_at = at or now
            held.save(update_fields=["met_at"])
            AuditEvent.objects.record("portal.deadline:met", held.subject, by=by, now=now, rule=held.rule)
        self.met_at, self.dropped_at = held.met_at, held.dropped_at

    @verb
    @transaction.atomic
    def reopen(self, *, by, now, reason: str) -> bool:
        """It was taken for done, and was not: owed again by its old date, as a visible event. Returns whether it was met."""
        held = type(self)._base_manager.select_for_update(of=("self",)).select_related("framework").get(pk=self.pk)
        if held.met_at is None or held.dropped_at is not None:
            return False
        held.met_at = self.met_at = None
        held.save(update_fields=["met_at"])
        AuditEvent.objects.record(
            "portal.deadline:reopened", held.subject, by=by, now=now, rule=held.rule, reason=reason
        )
        held.plan_reminder(calendar_of(held.framework, held.inputs["nation"]), now=now)
        return True

    def plan_reminder(self, calendar: WorkingCalendar, *, now) -> None:
        """Plan the next run that reminds of it: at once if one of its steps has come, since a new date is told anew."""
        if self.rule not in LADDERS:
            return
        timing = Timing(self.due_at, self.recorded_at or self.started_at, self.warn_on, calendar)
        moment = now if latest(self.rule, timing, now) else next_run(self.rule, timing, now)
        if moment is not None:
            Reminder.plan_run(self.framework_id, run_at=moment)

    def recounted(self, *, calendar: WorkingCalendar, **changed) -> deadlines.Due:
        """What the engine says now, from the inputs that are stored, some of them changed. Writes nothing.

        changed: `start` (aware moment) or `next_meeting`. Raises DeadlineError.
        """
        return deadlines.due(
            self.rule,
            changed.pop("start", self.started_at),
            calendar=calendar,
            **(options_of(self.rule, self.inputs) | changed),
        )

    @property
    def identified_at(self):
        """When the breach was identified, if this counts from one."""
        moment = self.inputs.get("identified")
        return parse_moment(moment) if moment else None

    def recounted_from_breach(self, *, calendar: WorkingCalendar) -> deadlines.StrictAndPractical:
        """Both dates of a breach as the engine says now (READ-4). Writes nothing. Raises DeadlineError."""
        occurred = None if self.assumed else clock.london_date(self.started_at)
        overrides = options_of(self.rule, self.inputs).get("overrides")
        return deadlines.strict_and_practical(
            self.rule, occurred, self.identified_at, calendar=calendar, overrides=overrides
        )

    @verb
    @transaction.atomic
    def recount(self, *, by, now, reason: str, calendar: WorkingCalendar | None = None, **changed) -> bool:
        """Count again, as a visible event: the old date is kept (READ-5, READ-6, READ-8). Returns whether it moved.

        changed: as of `recounted`. A warning never moves to a later day than it had. A met or dropped one stays.
        """
        held = type(self)._base_manager.select_for_update(of=("self",)).select_related("framework").get(pk=self.pk)
        if held.met_at is not None or held.dropped_at is not None:
            return False
        calendar = calendar or calendar_of(held.framework, held.inputs["nation"])
        due = held.recounted(calendar=calendar, **changed)
        warned, was_due_at, was_explanation = held.warn_on, held.due_at, held.explanation
        was_practical = held.practical_at, held.practical_explanation
        facts = facts_of(due, identified=held.identified_at)
        if not changed and held.identified_at is not None:
            facts |= facts_found_late(held.recounted_from_breach(calendar=calendar))
        for name, value in facts.items():
            setattr(held, name, value)
        held.started_at = changed.get("start", held.started_at)
        held.warn_on = deadlines.earlier_warning(warned, due)
        held.save()
        moved = was_due_at != held.due_at
        if was_practical[0] and held.practical_at and was_practical[0] != held.practical_at:
            DeadlineChange.objects.create(
                framework_id=held.framework_id, deadline=held, practical=True, was_due_at=was_practical[0],
                was_explanation=was_practical[1], due_at=held.practical_at, reason=reason, changed_by=by,
                changed_at=now,
            )  # fmt: skip
        if moved:
            DeadlineChange.objects.create(
                framework_id=held.framework_id, deadline=held, was_due_at=was_due_at,
                was_explanation=was_explanation, due_at=held.due_at, reason=reason, changed_by=by, changed_at=now,
            )  # fmt: skip
            AuditEvent.objects.record(
                "portal.deadline:recounted", held.subject, by=by, now=now, rule=held.rule, reason=reason,
                was=was_due_at.isoformat(), due=held.due_at.isoformat(),
            )  # fmt: skip
            held.plan_reminder(calendar, now=now)
        self.refresh_from_db()
        return moved

    @verb
    @transaction.atomic
    def recount_from_breach(self, *, occurred, identified, by, now, reason: str) -> bool:
        """The day of the breach is known now, or was another (READ-5): count again, the old date is kept.

        occurred, identified: as of `start_from_breach`. A met one keeps its dates, as it was judged by them.
        """
        calendar = calendar_of(self.framework, self.inputs["nation"])
        both = deadlines.strict_and_practical(
            self.rule, occurred, identified, calendar=calendar, **options_of(self.rule, self.inputs)
        )
        moved = self.recount(
            by=by, now=now, reason=reason, calendar=calendar,
            start=identified if occurred is None else clock.start_of_day(occurred),
        )  # fmt: skip
        if self.met_at is None and self.dropped_at is None:
            for name, value in facts_found_late(both).items():
                setattr(self, name, value)
            self.inputs["identified"] = identified.isoformat()
            self.save(update_fields=["inputs", *facts_found_late(both)])
        return moved


class DeadlineChange(TenantModel):
    """A date that a deadline had before it was counted again: what it was, what it became, why. Never changed.
    practical: of its practical date (READ-4)."""

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="changes")
    practical = models.BooleanField(default=False)
    was_due_at = models.DateTimeField()
    was_explanation = models.TextField()
    due_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["changed_at", "pk"]

    def __str__(self):
        return f"{self.was_due_at:%Y-%m-%d} → {self.due_at:%Y-%m-%d}"


def facts_of(due: deadlines.Due, *, identified=None) -> dict:
    """What a row keeps of the engine's answer. identified: aware moment, if it counts from a breach."""
    return {
        "due_at": due.due_at,
        "warn_on": due.warn_date,
        "provisional": due.provisional,
        "explanation": due.explanation,
        "note": due.note,
        "inputs": dict(due.inputs) | ({"identified": identified.isoformat()} if identified else {}),
    }


def facts_found_late(both: deadlines.StrictAndPractical) -> dict:
    """What a row keeps of the two dates of a breach (READ-4)."""
    return {
        "practical_at": both.practical.due_at if both.practical else None,
        "practical_explanation": both.practical.explanation if both.practical else "",
        "found_late": both.missed_on_arrival,
        "assumed": both.assumed,
    }


def options_of(rule: str, inputs: dict) -> dict:
    """The options of `portal.deadlines.due` that gave these inputs (n, next_meeting, overrides)."""
    options: dict = {}
    if inputs.get("round") is not None:
        options["n"] = inputs["round"]
    if meeting := inputs.get("next_meeting"):
        options["next_meeting"] = parse_moment(meeting)
    if inputs.get("clause"):
        every = inputs.get("every") or 0
        first = inputs["amount"] - every * (inputs.get("round") or 0)
        override = deadlines.Override(first, inputs["clause"], deadlines.Unit(inputs["unit"]), every)
        options["overrides"] = {rule: override}
    return options


def parse_moment(words: str):
    """A date, or an aware moment, as it stands in the inputs."""
    return parse_datetime(words) if "T" in words else parse_date(words)


def calendar_of(framework, nation, *, added=(), removed=()) -> WorkingCalendar:
    """The working days of a nation, less the framework's closure days (READ-1) and what was declared late there
    (READ-8); needs the scope. added, removed: closure days that are only thought of."""
    days = ClosureDay.objects.filter(framework=framework, nation__in=["", nation])
    held = [day for day in days if day.pk not in {one.pk for one in removed}]
    held += [day for day in added if day.nation in ("", nation)]
    late = {day.date: day.title for day in held if day.nation}
    return calendar_for(
        nation,
        extra_holidays=dict(BankHoliday.objects.filter(nation=nation).values_list("date", "title")) | late,
        closures={day.date: day.title for day in held if not day.nation},
    )
