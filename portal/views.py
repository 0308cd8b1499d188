"""Front doors: the installation's, a person's, a framework's."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_safe

from portal import clock, due, tenancy, todo
from portal.deadline_words import length_in_words
from portal.deadlines import Unit
from portal.models import Framework, Membership
from portal.permissions import Perm
from portal.tenancy import scoped


@login_not_required
@require_safe
def home(request) -> HttpResponse:
    """What this is, and the frameworks of this installation (their names are public)."""
    return TemplateResponse(request, "portal/home.html", {"frameworks": Framework.objects.all()})


@require_safe
def me(request) -> HttpResponse:
    """What needs doing, in every framework in which the person holds a role."""
    now = clock.now()
    with tenancy.cross_scope(request.user):
        roles = Membership.objects.live().filter(user=request.user).select_related("framework", "organisation")
        context = {
            "groups": groups(todo.items(request.user), now=now, with_framework=True),
            "role_headers": [_("Framework"), _("Organisation"), _("Role")],
            "roles": rows_of_roles(roles.order_by("framework__name", "organisation__name", "role")),
        }
        return TemplateResponse(request, "portal/me.html", context).render()


@scoped(public=True)
@require_safe
def framework(request) -> HttpResponse:
    """Members: what needs doing here. Everybody else: what this is, and the way to the public register."""
    if not request.access.member:
        return TemplateResponse(request, "portal/framework_public.html", {})
    now = clock.now()
    context = {
        "groups": groups(todo.items(request.user), now=now),
        "figures": figures(request.access, now=now) if request.access.can(Perm.VIEW_ALL) else [],
        "more_href": reverse("deadlines", args=[request.framework.slug]),
        "links": links(request.access),
    }
    return TemplateResponse(request, "portal/framework.html", context)


def groups(items: list[todo.Item], *, now, with_framework: bool = False) -> list[dict]:
    """The groups that hold something, most urgent first, ready to show."""
    soon = _("Due within %(length)s") % {"length": length_in_words(todo.SOON, Unit.WORKING_DAYS.value)}
    headings = {"overdue": _("Overdue"), "soon": soon, "waiting": _("Waiting for you"), "later": _("Later")}
    found = todo.by_urgency(items, now=now)
    return [
        {
            "kind": kind,
            "heading": heading,
            "items": found[kind][:MOST],
            "more": len(found[kind][MOST:]),
            "with_framework": with_framework,
        }
        for kind, heading in headings.items()
        if found[kind]
    ]


def figures(access, *, now) -> list[dict]:
    """Overdue, this week, the next three months: of the whole framework, each with the list of them."""
    found, last = due.counts(access, now=now), clock.london_date(now + due.MONTHS)
    address = reverse("deadlines", args=[access.framework.slug])
    return [
        {
            "number": found["overdue"],
            "text": _("overdue"),
            "href": f"{address}?state=overdue",
            "urgent": found["overdue"] > 0,
        },
        {
            "number": found["soon"],
            "text": _("due within %(length)s") % {"length": length_in_words(todo.SOON, Unit.WORKING_DAYS.value)},
            "href": f"{address}?state=soon",
        },
        {
            "number": found["months"],
            "text": _("in the next 3 months"),
            "href": f"{address}?first={clock.london_date(now).isoformat()}&last={last.isoformat()}",
        },
    ]


def rows_of_roles(roles: QuerySet[Membership]) -> list[list]:
    """Rows of the table "Your roles"."""
    return [
        [
            {"value": role.framework.name, "link": reverse("framework", args=[role.framework.slug])},
            role.organisation.name,
            role.get_role_display(),
        ]
        for role in roles
    ]


MOST = 20  # of one group

# (label, what it holds, name of the URL, permission; None = every member)
PAGES = (
    (_l("Deadlines"), _l("What must be done by when, and why"), "deadlines", None),
    (_l("Calendar"), _l("Deadlines and meetings, month by month"), "calendar", None),
    (_l("Calendar feeds"), _l("Deadlines and meetings in your own calendar program"), "calendar-feeds", None),
    (
        _l("Progress report"),
        _l("Protocols, signatures, reviews and deadlines in figures, for the board"),
        "progress",
        Perm.VIEW_ALL,
    ),
    (_l("People"), _l("Who works here, for whom, in which role"), "people", None),
    (_l("Organisations"), _l("Members of the framework, with address and ICO registration"), "organisations", None),
    (_l("Boards"), _l("The bodies that decide"), "boards", None),
    (
        _l("Partnerships"),
        _l("Which organisations run a field together, and which board decides there"),
        "partnerships",
        None,
    ),
    (_l("Tiers"), _l("The levels of the protocols, and who decides on each"), "tiers", None),
    (_l("Closure days"), _l("Days that do not count as working days"), "closure-days", None),
    (_l("Public pages"), _l("Contact, accessibility statement, privacy notice"), "public-pages", Perm.CONFIGURE),
    (
        _l("Health of reminders"),
        _l("What waits, what did not arrive, and whom reminders do not reach"),
        "delivery",
        Perm.CONFIGURE,
    ),
    (_l("Ledger"), _l("Everything that was done, in order"), "ledger", Perm.AUDIT),
)


def links(access) -> list[dict]:
    """Further pages of the framework that this person may open."""
    return [
        {"text": text, "hint": hint, "href": reverse(name, args=[access.framework.slug])}
        for text, hint, name, perm in PAGES
        if perm is None or access.can(perm)
    ]
