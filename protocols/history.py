"""The history of a protocol, in words, for this reader: what the ledger says, and what the field history adds.

Auditors are told every row of the protocol's chain; others what their audience may know of it (protocols/sentences.py)
of the versions that they may see. Names of persons stand here because only members get this far (UK-pub).
"""

import re

from django.core.paginator import Paginator
from django.db.models import Exists, F, OuterRef, Q, Value
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.db.statements import prepared
from portal.models import AuditEvent, User
from portal.permissions import Perm
from portal.sentences import Audience, verbs
from portal.templatetags.dates import londontime
from portal.timeline import SYSTEM, narrowed, told
from protocols.changes import CLAUSES, PROTOCOLS, VERSIONS, befores, changed_fields, name_of, with_before
from protocols.models import Edition, Party, Pilot, Version

RECENT = 8  # what the protocol's own page shows
# Not on that page: a line for each clause that was saved and for each comment would hide the rest
QUIET = re.compile(
    r"^protocols\.version:.*-(added|changed|moved|removed)$|^protocols\.comment:|^signatories\.signature:"
)
PER_PAGE = 25
FIELDS = "fields"  # the topic that only the field history has
FIELDS_CHOICE = (FIELDS, _("Field by field (kept for browsing)"))
# Acts whose rows in the field history are shown below them
TEXT_ACTS = {
    f"protocols.version:{what}" for what in ("clause-added", "clause-changed", "clause-removed", "details-changed")
}
SOURCES = {"clause": CLAUSES, "version": VERSIONS, "protocol": PROTOCOLS}
TYPES = {"+": _("%(what)s: added"), "~": _("%(what)s: changed"), "-": _("%(what)s: removed")}


# --- what the reader may be told


def audience_of(access) -> Audience:
    """How much the reader is told."""
    if access.can(Perm.AUDIT):
        return Audience.AUDIT
    return Audience.DESK if access.can(Perm.VIEW_ALL) else Audience.READERS


def events_of(protocol, versions, access):
    """Rows of the protocol's chain for this reader; `versions` are those that the reader may see."""
    return events_in(protocol.ledger_chain, [version.pk for version in versions], access)


def events_in(chain, ids, access):
    """Rows of a chain for this reader, who may see the versions with these ids."""
    events = AuditEvent.objects.filter(framework_id=access.framework.pk, chain=chain)
    audience = audience_of(access)
    if audience == Audience.AUDIT:
        return events
    if audience == Audience.READERS:
        events = events.filter(about_these(ids))
    return events.filter(verb__in=verbs(audience=audience))


def about_these(ids) -> Q:
    """Events about these versions and what hangs on them; those of other versions do not exist for the reader."""
    label = {model: model._meta.label_lower for model in (Version, Party, Edition, Pilot)}
    return (
        Q(subject_type=label[Version], subject_id__in=ids)
        | Q(subject_type=label[Party], subject_id__in=Party.objects.filter(version__in=ids).values("pk"))
        | Q(subject_type=label[Pilot], subject_id__in=Pilot.objects.filter(version__in=ids).values("pk"))
        | Q(subject_type=label[Edition], subject_id__in=Edition.objects.filter(version__in=ids).values("pk"))
    )


def history_of(protocol, versions, access) -> list[dict]:
    """The newest events for {% timeline %} on the protocol's own page."""
    newest = newest_in(protocol.ledger_chain, [version.pk for version in versions], access)
    return told(newest, protocol.framework, audience=min(audience_of(access), Audience.DESK))


@prepared
def newest_in(chain, ids, access):
    """The same rows before they are put into words."""
    audience = min(audience_of(access), Audience.DESK)
    events = events_in(chain, ids, access).filter(
        verb__in=[verb for verb in verbs(audience=audience) if not QUIET.search(verb)]
    )
    # of an adopted version the adoption itself is told (DUD-8)
    events = events.exclude(verb="protocols.version:completed", payload__has_key="adopted_by")
    return events.select_related("person").order_by("-at", "-seq")[:RECENT]


# --- the whole history, a page at a time


def page_of(protocol, versions, access, *, topic="", person="", number=None):
    """(paginator's page, events of the page in words, newest first).

    Ledger and field history are put in order and cut by the database. A row of the field history stands for itself
    only where the ledger has no act at its moment; else it is shown below its act.
    """
    rows = rows_of(protocol, versions, access, topic=topic, person=person)
    page = Paginator(rows.order_by("-moment", "-key"), PER_PAGE).get_page(number)
    keys: dict[str, list[int]] = {}
    for row in page:
        keys.setdefault(row["source"], []).append(row["key"])
    shown = {("event", one.pk): one for one in events_with_person(keys.pop("event", []))}
    words = told(shown.values(), protocol.framework, audience=audience_of(access))
    events = dict(zip(shown, words, strict=True))
    # who sees no drafts is told no act on their text, and rows_of() gives no field history
    attach(events, shown, protocol, versions)
    events |= field_rows(keys, protocol, versions)
    return page, [events[row["source"], row["key"]] for row in page]


def events_with_person(ids):
    """These rows of the ledger, with who did them."""
    return AuditEvent.objects.filter(pk__in=ids).select_related("person") if ids else []


def rows_of(protocol, versions, access, *, topic, person):
    """source, key and moment of everything that fits, as one statement."""
    events = narrowed(events_of(protocol, versions, access), "" if topic == FIELDS else topic, person)
    events = events.order_by().values(source=Value("event"), key=F("pk"), moment=F("at"))
    if not access.can(Perm.VIEW_ALL) or topic not in {"", FIELDS}:
        return events
    parts = []
    for source, rows in field_history(protocol).items():
        if person:
            rows = rows.filter(history_user_id=None if person == SYSTEM else int(person))
        if topic != FIELDS:
            act = AuditEvent.objects.filter(
                framework_id=protocol.framework_id, chain=protocol.ledger_chain, at=OuterRef("history_date")
            )
            rows = rows.exclude(Exists(act))
        parts.append(rows.order_by().values(source=Value(source), key=F("history_id"), moment=F("history_date")))
    if topic == FIELDS:
        return parts[0].union(*parts[1:], all=True)
    return events.union(*parts, all=True)


def field_history(protocol) -> dict:
    """The rows of the field history of a protocol, by source."""
    mine = Version.objects.filter(protocol=protocol).values("pk")
    return {
        "clause": CLAUSES.objects.filter(framework=protocol.framework_id, version__in=mine),
        "version": VERSIONS.objects.filter(framework=protocol.framework_id, id__in=mine),
        "protocol": PROTOCOLS.objects.filter(framework=protocol.framework_id, id=protocol.pk),
    }


def attach(events, shown, protocol, versions) -> None:
    """Put under each act on the text what it changed, field by field."""
    moments = {one.at for one in shown.values() if one.verb in TEXT_ACTS}
    if not moments:
        return
    numbers = {version.pk: version.number for version in versions}
    changes: dict = {}
    for rows in field_history(protocol).values():
        found = list(with_before(rows.filter(history_date__in=moments)).order_by("history_id"))
        earlier = befores(found)
        for row in found:
            fields = changed_fields(row, earlier.get(row.before_id))
            if fields:
                changes.setdefault(row.history_date, []).append(change_of(row, fields, protocol, numbers))
    for key, one in shown.items():
        if one.verb in TEXT_ACTS:
            events[key]["changes"] = changes.get(one.at, [])


def change_of(row, fields, protocol, numbers) -> dict:
    """One changed row below its act."""
    href = ""
    if isinstance(row, CLAUSES):
        href = reverse("clause-history", args=[protocol.framework.slug, protocol.reference, row.uid])
    return {"what": name_of(row, numbers.get(getattr(row, "version_id", None), "")), "fields": fields, "href": href}


def field_rows(keys, protocol, versions) -> dict:
    """Rows of the field history that stand for themselves, as events."""
    numbers = {version.pk: version.number for version in versions}
    found, people = {}, set()
    for source, ids in keys.items():
        rows = list(with_before(SOURCES[source].objects.filter(history_id__in=ids)))
        earlier = befores(rows)
        for row in rows:
            people.add(row.history_user_id)
            found[source, row.history_id] = (row, changed_fields(row, earlier.get(row.before_id)))
    names = dict(User.objects.filter(pk__in=people - {None}).values_list("pk", "full_name"))
    return {
        key: {
            "title": TYPES[row.history_type]
            % {"what": name_of(row, numbers.get(getattr(row, "version_id", None), ""))},
            "by": names.get(row.history_user_id) or _t("the system"),
            "at": row.history_date,
            "time": londontime(row.history_date),
            "tag": _t("Field history"),
            "changes": [change_of(row, fields, protocol, numbers)] if fields else [],
        }
        for key, (row, fields) in found.items()
    }
