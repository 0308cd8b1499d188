"""Every saved text of one clause, by its identity, through all drafts and versions (architecture: the clause's uid).

Who sees every protocol sees every saved text; others the text of each version that they may read, and nothing of how
a draft came to it.
"""

from django.core.paginator import Paginator
from django.db.models import Count, Max
from django.utils.text import Truncator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.models import User
from portal.permissions import Perm
from portal.templatetags.dates import longdatetime
from protocols.changes import CLAUSES, befores, changed_fields, with_before
from protocols.models import Clause
from protocols.reading import table_in

PER_PAGE = 20
STEPS = {"+": _("Written"), "~": _("Changed"), "-": _("Removed")}


def steps_of(protocol, uid, versions, access, number=None):
    """(paginator's page, its steps newest first) of a clause; versions: those that the reader may see."""
    numbers = {version.pk: version.number for version in versions}
    if access.can(Perm.VIEW_ALL):
        rows = CLAUSES.objects.filter(framework=protocol.framework_id, uid=uid, version__in=list(numbers))
        page = Paginator(with_before(rows).order_by("-history_date", "-history_id"), PER_PAGE).get_page(number)
        return page, saved(list(page), rows, numbers)
    rows = Clause.objects.filter(uid=uid, version__in=list(numbers)).order_by("-version__major", "-version__minor")
    page = Paginator(rows, PER_PAGE).get_page(number)
    return page, [as_read(clause, numbers) for clause in page]


def saved(found, rows, numbers) -> list[dict]:
    """The steps of a page; the first text in a version is compared with the last one of the version before."""
    earlier = befores(found)
    begun = [row for row in found if row.before_id is None]
    origins = origins_of(begun, rows)
    people = {row.history_user_id for row in found} - {None}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "full_name"))
    steps = []
    for row in found:
        before = earlier.get(row.before_id) or origins.get(row.history_id)
        fields = changed_fields(row, before)
        if not fields and row.before_id is not None:
            continue  # only its place was changed: the ledger says so
        steps.append(
            {
                "version": _t("Version %(number)s") % {"number": numbers.get(row.version_id, "")},
                "what": STEPS[row.history_type] if fields or before is None else _t("Taken over unchanged"),
                "by": names.get(row.history_user_id) or _t("the system"),
                "at": longdatetime(row.history_date),
                "fields": fields,
            }
        )
    return steps


def origins_of(begun, rows) -> dict:
    """history_id of the first row in a version → the last row that the clause had before it, in another version."""
    if not begun:
        return {}
    everything = sorted(rows, key=lambda row: row.history_id)
    found = {}
    for first in begun:
        older = [row for row in everything if row.history_id < first.history_id and row.history_type != "-"]
        if older:
            found[first.history_id] = older[-1]
    return found


def as_read(clause, numbers) -> dict:
    """The text of one version, for those who do not see drafts."""
    return {
        "version": _t("Version %(number)s") % {"number": numbers[clause.version_id]},
        "what": "",
        "by": "",
        "at": "",
        "text": clause.text,
        "fields": [],
    }


def clauses_of(version, access) -> list[dict]:
    """The clauses of a version in reading order, with how often each was saved and when last, in all versions."""
    counts = {}
    if access.can(Perm.VIEW_ALL):
        rows = CLAUSES.objects.filter(framework=version.framework_id, version__protocol=version.protocol_id)
        counts = {
            row["uid"]: row
            for row in rows.order_by().values("uid").annotate(saved=Count("history_id"), last=Max("history_date"))
        }
    return [{"clause": clause, **counts.get(clause.uid, {})} for clause in flat(version.clauses.all().tree())]


def flat(clauses):
    """The clauses of a tree in reading order."""
    for clause in clauses:
        yield clause
        yield from flat(clause.below)


def called(clause) -> str:
    """Number and title, else number and how it begins, so that no two links of a list say “•”."""
    if clause.title:
        return str(clause)
    title = table_in(clause.text)
    words = _t("The table “%(title)s”") % {"title": title} if title else Truncator(clause.text).words(8)
    return f"{clause.label} {words}".strip()


def name_of(uid, versions) -> str:
    """What the clause is called in the newest of these versions that has it."""
    newest = Clause.objects.filter(uid=uid, version__in=[version.pk for version in versions])
    clause = newest.order_by("-version__major", "-version__minor").first()
    return str(clause) if clause else ""
