"""Pages of the floor: the same rows as the portal's pages, as values(), in a table without any style."""

from django.contrib.auth import get_user
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.template import Context, Template
from django.urls import path

from portal.models import Membership
from protocols.models import Clause, Party, Protocol, Version

TABLE = """<!doctype html><title>Floor</title><p>{{ user }} {{ count }}</p><table>{% for row in rows %}<tr>
{% for cell in row.values %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"""
COLUMNS = ("reference", "title", "created_at", "tier_id")
ROWS = 25


def page(request, rows, count):
    """A table."""
    return HttpResponse(Template(TABLE).render(Context({"user": request.user.email, "rows": rows, "count": count})))


def mine(request):
    """Protocols on which the user's organisation is a party."""
    roles = Membership._base_manager.filter(user=get_user(request))
    organisation = roles.values_list("organisation_id", flat=True).first()
    party = Party._base_manager.filter(version__protocol=OuterRef("pk"), organisation_id=organisation)
    return Protocol._base_manager.filter(Exists(party))


def listed(request):
    """The list, 25 rows and their number; with q only those whose title has the word."""
    found = mine(request)
    if word := request.GET.get("q"):
        found = found.filter(title__icontains=word)
    return page(request, list(found.order_by("reference").values(*COLUMNS)[:ROWS]), found.count())


def detail(request, reference):
    """One protocol, its versions, parties and history."""
    one = Protocol._base_manager.values("pk", *COLUMNS).get(reference=reference)
    rows = list(Version._base_manager.filter(protocol=one["pk"]).values("major", "minor", "status"))
    rows += list(Party._base_manager.filter(version__protocol=one["pk"]).values("name", "status"))
    rows += list(Protocol.history.filter(id=one["pk"]).values("history_date", "history_type"))
    return page(request, rows, len(rows))


def update(request, pk):
    """One field of one row, in a transaction, with its history."""
    with transaction.atomic():
        clause = Clause._base_manager.select_for_update().get(pk=pk)
        clause.text = request.GET["text"]
        clause.save()
    return page(request, [], 1)


urlpatterns = [
    path("list/", listed),
    path("detail/<str:reference>/", detail),
    path("update/<int:pk>/", update),
]
