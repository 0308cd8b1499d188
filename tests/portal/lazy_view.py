"""A view that hands a lazy queryset to its template."""

from django.http import HttpResponse
from django.template import engines
from django.template.response import SimpleTemplateResponse
from django.test import RequestFactory

from portal.models import Board
from portal.tenancy import scoped


@scoped()
def boards(request) -> HttpResponse:
    """Every board, evaluated only while rendering."""
    template = engines["django"].from_string("{% for board in boards %}{{ board.name }}{% endfor %}")
    return SimpleTemplateResponse(template, {"boards": Board.objects.all()})


def lazy_boards(user, framework) -> HttpResponse:
    """The response as a member gets it."""
    request = RequestFactory().get("/")
    request.user = user
    return boards(request, framework.slug)
