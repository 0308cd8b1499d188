"""A breach of a protocol: what was reported, and where its procedure stands (HAR-6.1 to HAR-6.6).

What was reported is never edited: a correction is a new record (`Correction`), and only the date of the breach, which
READ-5 asks for again, is carried on the row beside what was said first.
"""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.models import Organisation, User
from portal.models.lifecycle import Lifecycle
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.permissions import Perm
from portal.templatetags.dates import longdate


class BreachQuerySet(TenantQuerySet["Breach"]):
    """Breaches of one framework."""

    def visible_to(self, access):
        """Whoever keeps the board's records or reads the ledger sees all; else the people of the organisations in
        breach, of the parties that were told, and of the one that reported it."""
        if not access.member:
            return self.none()
        mine = self.filter(framework=access.framework)
        if access.can(Perm.DECIDE) or access.can(Perm.AUDIT):
            return mine
        organisations = access.organisations
        rows = {"breach": models.OuterRef("pk"), "organisation__in": organisations}
        told = apps_model("PartyNotice")._base_manager.filter(**rows)
        guilty = InBreach._base_manager.filter(**rows)
        return mine.filter(models.Exists(told) | models.Exists(guilty) | models.Q(reported_for__in=organisations))

    def open(self):
        """Not closed."""
        return self.exclude(status=Breach.Status.CLOSED)


def apps_model(name):
    """A model of this app that stands in a module that imports this one."""
    return Breach._meta.apps.get_model("breaches", name)


BreachManager = TenantManager.from_queryset(BreachQuerySet)


class Breach(TenantModel, Lifecycle):
    """One breach, as it was reported in five questions.

    "Decided" is no state of this row: it is one of the closed session's, which the organisation in breach cannot see.
    """

    class Status(models.TextChoices):
        """Where the procedure stands for everybody."""

        REPORTED = "reported", _("Reported")
        PRESENTED = "presented", _("Presented to the meeting")
        IN_CLOSED_SESSION = "in-closed-session", _("In closed session")
        RECALLED = "recalled", _("Outcome told")
        MINUTED = "minuted", _("Minutes written")
        CIRCULATED = "circulated", _("Minutes circulated")
        CLOSED = "closed", _("Closed")

    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {
        Status.REPORTED: {Status.PRESENTED: "secretary or lead organisation, in the meeting"},
        Status.PRESENTED: {Status.IN_CLOSED_SESSION: "secretary of the session"},
        Status.IN_CLOSED_SESSION: {
            Status.RECALLED: "secretary of the session, once it has decided",
            Status.REPORTED: "secretary of the session, if it ends without a decision",
        },
        Status.RECALLED: {Status.MINUTED: "secretary of the session"},
        Status.MINUTED: {Status.CIRCULATED: "secretary of the session"},
        Status.CIRCULATED: {Status.CLOSED: "secretary or lead organisation, once every action is done"},
        Status.CLOSED: {},
    }

    class Known(models.TextChoices):
        """Question 1: when did it happen? (READ-5)"""

        DAY = "known", _("On one day that is known")
        RANGE = "range", _("Over several days, or on one of them")
        UNKNOWN = "unknown", _("Not known yet")

    class PersonalData(models.TextChoices):
        """Question 4: is personal data lost, altered, disclosed or unavailable?"""

        YES = "yes", _("Yes")
        NO = "no", _("No")
        NOT_KNOWN = "not-known", _("Not known yet")

    number = models.PositiveIntegerField()
    protocol = models.ForeignKey("protocols.Protocol", on_delete=models.PROTECT, related_name="breaches")
    version = models.ForeignKey("protocols.Version", on_delete=models.PROTECT, related_name="breaches")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.REPORTED)
    what_happened = models.TextField(_("What happened"), max_length=10_000)
    occurred = models.CharField(_("When it happened"), max_length=10, choices=Known.choices)
    occurred_from = models.DateField(null=True)
    occurred_until = models.DateField(null=True)
    # as it was reported first; the three above follow a correction (READ-5)
    first_said = models.JSONField(default=dict)
    identified_at = models.DateTimeField(_("When it was identified"))
    identified_by = models.CharField(_("By whom it was identified"), max_length=200)
    personal_data = models.CharField(_("Is personal data affected?"), max_length=10, choices=PersonalData.choices)
    data_kinds = models.TextField(_("Kinds of data"), blank=True, max_length=2_000)
    people = models.PositiveIntegerField(_("About how many people"), null=True)
    containment = models.TextField(_("What was done to contain it"), max_length=10_000)
    reported_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reported_for = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    lessons = models.TextField(_("Lessons"), blank=True, max_length=10_000)
    closed_at = models.DateTimeField(null=True)

    objects = BreachManager()  # type: ignore[misc]

    class Meta:
        verbose_name_plural = "breaches"
        ordering = ["-reported_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["framework", "number"], name="breach_number_once"),
            models.CheckConstraint(
                condition=models.Q(occurred="unknown", occurred_from__isnull=True)
                | (~models.Q(occurred="unknown") & models.Q(occurred_from__isnull=False)),
                name="breach_day_if_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="closed", closed_at__isnull=False)
                | (~models.Q(status="closed") & models.Q(closed_at__isnull=True)),
                name="breach_closed_has_moment",
            ),
        ]
        indexes = [models.Index(fields=["framework", "-reported_at"], name="breach_framework_reported")]

    def __str__(self):
        return self.reference

    def get_absolute_url(self) -> str:
        """Its page for members."""
        return reverse("breach", args=[self.framework.slug, self.number])

    @property
    def reference(self) -> str:
        """How people name it: nothing of what happened is in it."""
        return f"BR-{self.number:03}"

    @property
    def ledger_chain(self) -> str:
        """A chain of its own: the protocol's is read by people who do not know of the breach."""
        return f"breach:{self.pk}"

    @property
    def first_day(self):
        """The day from which HAR-6.2 and HAR-6.3 count, or None: of a range the first known day (READ-5)."""
        return self.occurred_from

    @property
    def occurred_words(self) -> str:
        """When it happened."""
        if self.occurred_from is None:
            return str(_("not known yet"))
        if self.occurred == self.Known.RANGE and self.occurred_until:
            facts = {"first": longdate(self.occurred_from), "last": longdate(self.occurred_until)}
            return str(_("between %(first)s and %(last)s") % facts)
        return longdate(self.occurred_from)

    @property
    def identified_on(self):
        """Its London day."""
        return clock.london_date(self.identified_at)

    @property
    def asks_regulator(self) -> bool:
        """Does any controller's 72-hour clock run by what was reported? (UK-33a)"""
        return self.personal_data != self.PersonalData.NO

    def guilty(self) -> list[int]:
        """Ids of the organisations in breach."""
        return list(self.in_breach.order_by("pk").values_list("organisation_id", flat=True))


class InBreach(TenantModel):
    """An organisation in breach; one or more for each breach (READ-9). Never changed: who was named stays named."""

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="in_breach")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("Name of organisation"), max_length=200)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["breach", "organisation"], name="in_breach_once")]
        indexes = [models.Index(fields=["framework", "organisation"], name="in_breach_organisation")]

    def __str__(self):
        return self.name
