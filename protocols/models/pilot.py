"""A protocol is tried first, then rolled out or ended (DUD-11)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models import Deadline, Decision
from portal.models.people import User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet

RULE = "pilot.outcome"


class PilotQuerySet(TenantQuerySet["Pilot"]):
    """Pilots of one framework."""

    def undecided(self):
        """Neither rolled out nor ended."""
        return self.filter(outcome="")

    def over(self, version, *, now):
        """The version has ended by another way: what was still to be decided about its pilot is dropped."""
        for pilot in self.undecided().filter(version=version):
            pilot.drop(now=now)


PilotManager = TenantManager.from_queryset(PilotQuerySet)


class Pilot(TenantModel):
    """The period of a pilot, what came of it, and the decision. The period is part of the text that is agreed."""

    class Outcome(models.TextChoices):
        """What was decided at the end."""

        ROLLED_OUT = "rolled-out", _("Rolled out")
        ENDED = "ended", _("Ended")

    version = models.OneToOneField("protocols.Version", on_delete=models.CASCADE, related_name="pilot")
    starts_on = models.DateField(_("First day of the pilot"))
    ends_on = models.DateField(_("Last day of the pilot"))
    evaluation = models.TextField(_("Evaluation"), blank=True, max_length=20_000)
    evaluated_at = models.DateTimeField(null=True)
    evaluated_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = PilotManager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_on__gt=models.F("starts_on")), name="pilot_has_a_length"),
            models.CheckConstraint(
                condition=models.Q(outcome="", decision__isnull=True, decided_at__isnull=True)
                | (~models.Q(outcome="") & models.Q(decision__isnull=False, decided_at__isnull=False)),
                name="pilot_outcome_is_decided",
            ),
        ]

    def __str__(self):
        return str(_("Pilot of %(version)s") % {"version": self.version})

    @property
    def ledger_chain(self) -> str:
        """The protocol's chain."""
        return self.version.ledger_chain

    def deadlines(self):
        """The open duty to evaluate it and to decide."""
        return Deadline.objects.open().filter(
            rule=RULE, subject_type__app_label="protocols", subject_type__model="protocol",
            subject_id=self.version.protocol_id,
        )  # fmt: skip

    def meet(self, *, by, now):
        """The duty was done."""
        self.deadlines().meet(by=by, now=now)

    def drop(self, *, now):
        """Nothing is left to decide."""
        self.deadlines().drop(now=now)
