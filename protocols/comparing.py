"""Which texts of a protocol its reader may compare: versions, drafts as they were circulated, the draft as it stands."""

from collections import defaultdict
from dataclasses import dataclass

from django.http import Http404
from django.utils.translation import gettext as _

from portal import clock
from portal.templatetags.dates import longdate
from protocols.models import DraftIssue, Protocol, Version
from protocols.reading import text_of
from protocols.redline import Redline, compare
from protocols.redline_words import say

UNDECIDED = {Version.Status.CONSULTATION, Version.Status.APPROVAL, Version.Status.APPROVED}


@dataclass(frozen=True, slots=True)
class Side:
    """One text. key: as it stands in an address, "1.0" or "1.0-draft-3". name and note: in words."""

    key: str
    name: str
    note: str
    version: Version
    issue: DraftIssue | None = None
    offered: bool = True

    @property
    def words(self) -> str:
        """Name and note in one line."""
        return _("%(name)s (%(note)s)") % {"name": self.name, "note": self.note}

    def text(self) -> dict:
        """The canonical JSON. Raises OSError or ValueError when a kept file is gone or damaged."""
        return self.issue.text() if self.issue else text_of(self.version)


def sides_of(request, reference) -> tuple[Protocol, list[Side]]:
    """The protocol and its texts that the reader may see, newest first; else Http404.

    A draft that an organisation got stays readable for it; one that it did not get does not exist for it.
    """
    found = Protocol.objects.filter(framework=request.framework, reference_key=reference.upper())
    protocol = found.select_related("tier__deciding_body", "parent", "lead_organisation", "framework").first()
    if protocol is None:
        raise Http404
    seen = set(Version.objects.visible_to(request.access).filter(protocol=protocol).values_list("pk", flat=True))
    issues = defaultdict(list)
    kept = DraftIssue.objects.visible_to(request.access).filter(version__protocol=protocol, canonical__isnull=False)
    for issue in kept.select_related("canonical").order_by("-number"):
        issues[issue.version_id].append(issue)
    sides = []
    for version in Version.objects.filter(protocol=protocol).select_related("canonical", "approval"):
        version.protocol, version.framework = protocol, protocol.framework
        if version.pk in seen:
            sides.append(version_side(version, issues[version.pk]))
        sides += [draft_side(version, issue) for issue in issues[version.pk]]
    if not sides:
        raise Http404
    return protocol, sides


def version_side(version, issues) -> Side:
    """A version as it stands: frozen, or the draft of this moment."""
    if version.in_force_from and version.status == Version.Status.IN_FORCE:
        note = _("in force from %(date)s") % {"date": longdate(version.in_force_from)}
    elif version.editable:
        note = _("the draft as it stands now")
    else:
        note = str(version.get_status_display()).lower()
    same = version.status in UNDECIDED and any(issue.number == version.draft for issue in issues)
    return Side(version.number, version.name, note, version, offered=not same)


def draft_side(version, issue) -> Side:
    """A numbered draft as it went out."""
    name = _("%(number)s draft %(draft)s") % {"number": version.number, "draft": issue.number}
    note = _("as circulated on %(date)s") % {"date": longdate(clock.london_date(issue.issued_at))}
    return Side(f"{version.number}-draft-{issue.number}", name, note, version, issue)


def pick(sides, key) -> Side:
    """The side of an address; else Http404."""
    found = next((side for side in sides if side.key == key), None)
    if found is None:
        raise Http404
    return found


def usual_pair(sides) -> tuple[Side, Side] | None:
    """What most people want to see: the newest text against the one in force, else against the one before it."""
    offered = [side for side in sides if side.offered]
    if len(offered) < 2:
        return None
    held = [side for side in offered[1:] if side.version.status == Version.Status.IN_FORCE and not side.issue]
    return (held or offered[1:])[0], offered[0]


def redline_of(old: Side, new: Side) -> Redline:
    """The comparison of two sides, values in words."""
    return compare(old.text(), new.text(), say=say)
