"""Deciding bodies: boards of the framework and of partnerships, and the meeting of the parties of one protocol (HAR-2.3)."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import subjects
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.permissions import Perm


class BoardQuerySet(TenantQuerySet["Board"]):
    """Boards of one framework."""

    def standing(self):
        """Those that a framework names: without the meetings of the parties of single protocols."""
        return self.exclude(kind=Board.Kind.PARTIES)

    def visible_to(self, access):
        """With VIEW_ALL every board; else the framework's own, those of the reader's partnerships, and the meetings of
        the parties of protocols that the reader may see."""
        if not access.member:
            return self.none()
        mine = self.filter(framework=access.framework)
        if access.can(Perm.VIEW_ALL):
            return mine
        partnership = models.Q(
            kind=Board.Kind.PARTNERSHIP,
            pk__in=self.model.partnerships.rel.related_model._base_manager.filter(
                members__organisation__in=access.organisations
            ).values("board"),
        )
        parties = subjects.visible(access, meeting=True)  # only boards of that kind are about something
        return mine.filter(models.Q(kind=Board.Kind.FRAMEWORK) | partnership | parties)


BoardManager = TenantManager.from_queryset(BoardQuerySet)


class Board(TenantModel):
    """A body that decides: of the framework, of a partnership, or the meeting of the parties of a protocol."""

    class Kind(models.TextChoices):
        """Whose body it is; who may see it hangs on that."""

        FRAMEWORK = "framework", _("The framework")
        PARTNERSHIP = "partnership", _("A partnership")
        PARTIES = "parties", _("The parties of a protocol")

    class Majority(models.TextChoices):
        """How many of those present must agree."""

        SIMPLE = "simple", _("More than half of those present")
        TWO_THIRDS = "two-thirds", _("Two thirds of those present")
        ALL = "all", _("All who are present")

    name = models.CharField(_("Name"), max_length=200)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.FRAMEWORK)
    # the protocol whose parties meet
    subject_type = models.ForeignKey(ContentType, null=True, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField(null=True)
    subject = GenericForeignKey("subject_type", "subject_id")
    quorum_percent = models.PositiveSmallIntegerField(
        _("Quorum (per cent of its organisations)"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    majority = models.CharField(_("Majority"), max_length=12, choices=Majority.choices, default=Majority.SIMPLE)
    paper_headings = models.JSONField(default=list, blank=True)  # none: the default ones (DUD-17, KEN-6)

    objects = BoardManager()  # type: ignore[misc]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["framework", "name"], name="board_name_once"),
            models.UniqueConstraint(fields=["framework", "subject_type", "subject_id"], name="board_of_parties_once"),
            models.CheckConstraint(
                condition=models.Q(kind="parties", subject_type__isnull=False, subject_id__isnull=False)
                | (~models.Q(kind="parties") & models.Q(subject_type__isnull=True, subject_id__isnull=True)),
                name="board_of_parties_of_something",
            ),
            models.CheckConstraint(
                condition=models.Q(quorum_percent__gte=1, quorum_percent__lte=100), name="board_quorum_is_a_share"
            ),
        ]

    def __str__(self):
        return self.name
