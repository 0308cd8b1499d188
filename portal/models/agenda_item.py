"""What stands on the agenda of a meeting, and the papers that belong to it (HAR-r5, DUD-17)."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import agenda, subjects
from portal.models.files import StoredFile
from portal.models.meeting import Meeting
from portal.models.people import User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.permissions import Perm


class Paragraph(models.TextChoices):
    """Why an item or a paper is restricted: Local Government Act 1972, Schedule 12A, Part 1 (England), or a partnership's
    own rule."""

    PARTNERSHIP = "partnership", _("Partnership: restricted")
    INDIVIDUAL = "12a-1", _("Schedule 12A, paragraph 1: information relating to any individual")
    IDENTITY = "12a-2", _("Schedule 12A, paragraph 2: information likely to reveal the identity of an individual")
    BUSINESS = "12a-3", _("Schedule 12A, paragraph 3: financial or business affairs of any person")
    LABOUR = "12a-4", _("Schedule 12A, paragraph 4: consultations or negotiations on labour relations")
    PRIVILEGE = "12a-5", _("Schedule 12A, paragraph 5: legal professional privilege")
    NOTICE = "12a-6", _("Schedule 12A, paragraph 6: a notice, order or direction that the authority proposes")
    CRIME = "12a-7", _("Schedule 12A, paragraph 7: prevention, investigation or prosecution of crime")


def why_restricted(row) -> str:
    """Why an item or a paper is restricted, to stand beside the word "restricted"; nothing for one that is open."""
    if not row.restricted:
        return ""
    return _t("A rule of the partnership") if row.paragraph == Paragraph.PARTNERSHIP else row.get_paragraph_display()


def restricted_has_paragraph(name: str) -> models.CheckConstraint:
    """What is restricted says why, and what is open says nothing."""
    return models.CheckConstraint(
        condition=models.Q(restricted=False, paragraph="") | (models.Q(restricted=True) & ~models.Q(paragraph="")),
        name=name,
    )


def reads_restricted(access) -> bool:
    """Restricted items are for those who see everything, and for those who represent an organisation of the board."""
    return access.can(Perm.VIEW_ALL) or access.can(Perm.REPRESENT)


class AgendaItemQuerySet(TenantQuerySet["AgendaItem"]):
    """Items of one framework's agendas. Pages, packs, papers, minutes, counts and mails look only through visible_to."""

    def visible_to(self, access):
        """Open items of meetings that the reader may see; restricted ones for those who may see them and what they are
        about; never what a closed session hides from them (HAR-6.4)."""
        mine = self.filter(meeting__in=Meeting.objects.visible_to(access).order_by().values("pk"))
        shown = models.Q(restricted=False)
        if reads_restricted(access):
            shown |= models.Q(subject_type__isnull=True) | subjects.visible(access)
        return mine.filter(shown).exclude(agenda.hidden(access))

    def standing(self):
        """Those that were not taken off."""
        return self.filter(removed_at__isnull=True)


AgendaItemManager = TenantManager.from_queryset(AgendaItemQuerySet)


class AgendaItem(TenantModel):
    """One item. Open items are numbered over all, restricted ones stand in a part of their own, numbered over what the
    reader sees, so that no number tells of an item that is not there for them."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=60, blank=True)  # empty: the secretary's own
    title = models.CharField(_("Title"), max_length=300)
    note = models.TextField(_("What is asked"), blank=True, max_length=5_000)
    subject_type = models.ForeignKey(ContentType, null=True, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField(null=True)
    subject = GenericForeignKey("subject_type", "subject_id")
    href = models.CharField(max_length=300, blank=True)  # page of what it is about
    due_at = models.DateTimeField(null=True)
    restricted = models.BooleanField(_("Restricted"), default=False)
    paragraph = models.CharField(_("Why it is restricted"), max_length=12, choices=Paragraph.choices, blank=True)
    # breach items and the like: nobody can open them
    always_restricted = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField()
    removed_at = models.DateTimeField(null=True)  # taken off; what is due is then not put on again by itself

    objects = AgendaItemManager()  # type: ignore[misc]

    class Meta:
        ordering = ["restricted", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "kind", "subject_type", "subject_id"], name="agenda_item_subject_once"
            ),
            models.CheckConstraint(
                condition=models.Q(subject_type__isnull=True, subject_id__isnull=True)
                | models.Q(subject_type__isnull=False, subject_id__isnull=False),
                name="agenda_item_subject_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(always_restricted=False) | models.Q(restricted=True),
                name="agenda_item_stays_restricted",
            ),
            restricted_has_paragraph("agenda_item_restricted_why"),
        ]
        indexes = [models.Index(fields=["framework", "meeting", "order"], name="agenda_item_order")]

    why = property(why_restricted)

    def __str__(self):
        # the ledger keeps this: no word of a restricted item
        return f"{self.meeting}: {_t('restricted item') if self.restricted else self.title}"[:300]


class PaperQuerySet(TenantQuerySet["Paper"]):
    """Papers of one framework's agendas."""

    def visible_to(self, access):
        """Open papers of items that the reader may see; restricted ones for those who may see restricted ones."""
        found = self.filter(item__in=AgendaItem.objects.visible_to(access).order_by().values("pk"), removed_at=None)
        if reads_restricted(access):
            # what is about something that the reader may not see stays closed, in an open item too
            about = subjects.visible(access, subject_type="item__subject_type", subject_id="item__subject_id")
            return found.filter(models.Q(restricted=False) | models.Q(item__subject_type__isnull=True) | about)
        return found.filter(restricted=False)


PaperManager = TenantManager.from_queryset(PaperQuerySet)


class Paper(TenantModel):
    """A file that belongs to an item."""

    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="papers")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("Title"), max_length=200)
    pages = models.PositiveIntegerField(null=True)  # of a PDF
    restricted = models.BooleanField(_("Restricted"), default=False)
    paragraph = models.CharField(_("Why it is restricted"), max_length=12, choices=Paragraph.choices, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    removed_at = models.DateTimeField(null=True)

    objects = PaperManager()  # type: ignore[misc]

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [restricted_has_paragraph("paper_restricted_why")]

    why = property(why_restricted)

    def __str__(self):
        return str(self.item)

    @property
    def is_pdf(self) -> bool:
        """Goes into the pack; a Word document is offered beside it."""
        return self.file.media_type == "application/pdf"


class BoardPaper(TenantModel):
    """The report to the board on one item, under the headings of the body (DUD-17, KEN-6)."""

    item = models.OneToOneField(AgendaItem, on_delete=models.CASCADE, related_name="board_paper")
    sections = models.JSONField(default=list)  # [{"heading": …, "text": …}], as they are printed
    revision = models.PositiveIntegerField(default=1)  # optimistic locking
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self):
        return str(self.item)
