"""The scope of a request, a task or a command: which tenant's rows exist for it.

Four layers keep tenants apart: a login on every view, `visible_to(user)` on every list, row-level security
under a role that owns nothing, and a test that walks every URL as every persona.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from portal.db.context import NOTHING, Scope, current
from portal.db.statements import prepared
from portal.models.people import Framework
from portal.permissions import Access, Perm


@contextmanager
def entered(new: Scope) -> Iterator[Scope]:
    """Enter a scope; inside an open transaction it holds at once and the old one comes back on exit."""
    token = current.set(new)
    try:
        if connection.in_atomic_block:
            connection.apply_scope()  # type: ignore[attr-defined]
        yield new
    finally:
        current.reset(token)
        if connection.in_atomic_block and connection.connection.get_transaction_status() != TRANSACTION_STATUS_INERROR:
            connection.apply_scope()  # type: ignore[attr-defined]


def scope(framework_id: int, *, user_id: int | None = None):
    """One tenant, reading and writing."""
    return entered(Scope(framework=framework_id, user=user_id))


def installation():
    """Rows that belong to no framework: the installation's ledger chain and account mails."""
    return entered(Scope(installation=True))


def nothing():
    """No scope: only the global tables exist."""
    return entered(NOTHING)


def my_scopes(user_id: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Ids of the frameworks and of the organisations in which the person holds a role now."""
    with connection.cursor() as cursor:
        cursor.execute("select framework_id, organisation_id from my_scopes(%s)", [user_id])
        rows = cursor.fetchall()
    return tuple(sorted({row[0] for row in rows})), tuple(sorted({row[1] for row in rows if row[1]}))


def frameworks_of(organisation_id: int) -> tuple[int, ...]:
    """Ids of the frameworks that an organisation belongs to or belonged to: may one of them alone edit it?"""
    with connection.cursor() as cursor:
        cursor.execute("select framework_id from frameworks_of(%s)", [organisation_id])
        return tuple(sorted(row[0] for row in cursor.fetchall()))


@contextmanager
def cross_scope(user) -> Iterator[Scope]:
    """Read across every framework in which the person holds a role now (role portal_cross, no writing)."""
    frameworks, organisations = my_scopes(user.pk)
    new = Scope(frameworks=frameworks, organisations=organisations, user=user.pk, cross=True)
    with entered(new), transaction.atomic():
        yield new


@prepared
def framework_of(slug):
    """The framework whose word stands in the address."""
    return Framework.objects.filter(slug=slug)


def scoped(perm: Perm | None = None, *, public: bool = False) -> Callable:
    """Run a view under /<framework>/ inside that tenant's scope and one transaction.

    Sets request.framework and request.access. A stranger gets 404, a member without `perm` gets 403.
    Lazy responses are rendered before the scope ends: afterwards their querysets would find nothing.
    """

    def decorate(view):
        @wraps(view)
        def run(request, framework, *args, **kwargs):
            tenant = next(iter(framework_of(framework)), None)
            if tenant is None:
                raise Http404
            with scope(tenant.pk, user_id=request.user.pk), transaction.atomic():
                access = Access.of(request.user, tenant)
                if not public and not access.member:
                    raise Http404  # before the request knows the framework: the page shows nothing of it
                request.framework, request.access = tenant, access
                if perm is not None and not request.access.can(perm):
                    raise PermissionDenied
                response = view(request, *args, **kwargs)
                if hasattr(response, "render") and callable(response.render):
                    response.render()
            return response

        run.scoped_public = public  # type: ignore[attr-defined]  # read by portal.guards.SecondFactorMiddleware
        return login_not_required(run) if public else run

    return decorate
