"""Every guard there is, found and not listed: each with the way to take it away for a while, and where its absence shows."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from types import FunctionType

from django.apps import apps
from django.db import connection, transaction

from portal import agenda, subjects
from portal.errors import StateError
from portal.models import Framework, User
from portal.models.people import MembershipQuerySet, sync_permissions
from portal.permissions import ROLE_PERMISSIONS, Access, Perm, Role
from portal.tenancy import scope
from tests.addresses import addresses
from tests.databases import as_owner
from tests.sabotage.mutants import changed, changes, key_of

OURS = ("portal", "protocols", "signatories", "breaches", "reviews")
# What runs without a person, or before there is one; and what has a kind of its own
ELSEWHERE = {"migrations", "management", "embedded", "demo"}
ALREADY = {"portal.permissions", "portal.tenancy"}
GUARDS = re.compile("SessionLimitsMiddleware|SecondFactorMiddleware|PrivateResponsesMiddleware|lacks_second_factor")
RUN = "scoped.<locals>.decorate.<locals>.run"
# A condition as a whole and its parts; parts of a refusal are found a second time as such
ONE_BY_ONE = "^(?!refuse .*: not for “)"


@dataclass(frozen=True)
class Guard:
    """kind: for the table. name: what is taken away. without: a context in which it is not there. route: the address
    that it guards, if it is one. perm: the permission, if it is one. functions: where it stands, if in code, and key: what mutants.watched() notes there."""

    kind: str
    name: str
    without: Callable[[], AbstractContextManager]
    route: str = ""
    perm: str = ""
    functions: tuple[FunctionType, ...] = ()
    key: str = ""


def guards() -> list[Guard]:
    """All of them, each once. Needs the database."""
    found = [*policies(), *crossings(), *views(), *permissions(), *visibility(), *doors(), *sessions(), *rules()]
    return list({guard.name: guard for guard in reversed(found)}.values())[::-1]


# --- row-level security


def policies() -> Iterator[Guard]:
    """Each half of each policy, replaced by "true". The owner's own policies let everything pass already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select polrelid::regclass::text, polname, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)"
            " from pg_policy order by 1, 2"
        )
        found = cursor.fetchall()
    for table, policy, using, check in found:
        for half, expression in (("using", using), ("with check", check)):
            if expression not in {None, "true"}:
                alter = f"alter policy {policy} on {table} {half} ({{}})"
                without = partial(sql, alter.format("true"), alter.format(expression))
                yield Guard("policies", f"{table}: {policy}, {half}", without)


def crossings() -> Iterator[Guard]:
    """Each condition of the functions that look across tenants for a person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select proname, pg_get_functiondef(oid) from pg_proc where prosecdef and proargnames @> '{person}' order by 1"
        )
        found = cursor.fetchall()
    for name, whole in found:
        for condition in re.finditer(r"(?<=where )m\.user_id = person|\b and [a-z]\.[a-z_]+ (= '[a-z]+'|is null)|\b and [a-z]\.is_active", whole):  # fmt: skip
            less = "true" if "person" in condition[0] else ""
            changed_text = whole[: condition.start()] + less + whole[condition.end() :]
            yield Guard("functions across tenants", f"{name}(): without “{condition[0].strip()}”", partial(sql, changed_text, whole))  # fmt: skip


@contextmanager
def sql(away: str, back: str):
    """Run as the owner of the schema, and undo."""
    name = connection.settings_dict["NAME"]
    with as_owner(name) as cursor:
        cursor.execute("set local lock_timeout = '5s'")
        cursor.execute(away)
    try:
        yield
    finally:
        with as_owner(name) as cursor:
            cursor.execute("set local lock_timeout = '5s'")
            cursor.execute(back)


# --- decorators of views


def views() -> Iterator[Guard]:
    """What @scoped asks of each view, and the login in front of it."""
    for address in addresses():
        run, name = scoped_run(address.view), address.route.replace("<slug:framework>", "…")
        if run is not None:
            perm, public = cell(run, "perm"), cell(run, "public")
            if perm.cell_contents is not None:
                words = f"{name}: {perm.cell_contents.name}"
                yield Guard("@scoped of views", words, partial(set_cell, perm, None), address.route)
            if public.cell_contents:
                without = partial(without_factor, address.view)
                yield Guard("@scoped of views", f"{name}: second factor", without, address.route)
            else:
                yield Guard("@scoped of views", f"{name}: membership", partial(set_cell, public, True), address.route)
        view = address.view
        if getattr(view, "login_required", True) and view.__module__.split(".")[0] in OURS:
            without = partial(set_attribute, view, "login_required", False)
            yield Guard("@scoped of views", f"{name}: login", without, address.route)


def layers(view) -> Iterator[Callable]:
    """The view, and what is inside it."""
    while view is not None:
        yield view
        view = getattr(view, "__wrapped__", None)


def scoped_run(view) -> FunctionType | None:
    """The function inside @scoped, through whatever is wrapped around it."""
    of_scoped = (layer for layer in layers(view) if getattr(getattr(layer, "__code__", None), "co_qualname", "") == RUN)
    return next(of_scoped, None)


def routes_of(perm) -> set[str]:
    """The addresses for which @scoped asks for this permission."""
    runs = {address.route: scoped_run(address.view) for address in addresses()}
    return {route for route, run in runs.items() if run is not None and cell(run, "perm").cell_contents == perm}


@contextmanager
def without_factor(view):
    """The middleware takes it for a page that is the same for everybody."""
    with ExitStack() as stack:
        for layer in layers(view):
            stack.enter_context(set_attribute(layer, "scoped_public", False))
        yield


def cell(function, name):
    """The variable of that name that the function closes over."""
    return function.__closure__[function.__code__.co_freevars.index(name)]


@contextmanager
def set_cell(variable, value):
    """Another value in a closure."""
    before, variable.cell_contents = variable.cell_contents, value
    try:
        yield
    finally:
        variable.cell_contents = before


@contextmanager
def set_attribute(thing, name, value):
    """Another attribute, or one that was not there."""
    before = thing.__dict__.get(name)
    setattr(thing, name, value)
    try:
        yield
    finally:
        if before is None:
            delattr(thing, name)
        else:
            setattr(thing, name, before)


# --- permissions.py


def permissions() -> Iterator[Guard]:
    """Each permission held by every member; each given to each role that has it not; each check in the file."""
    for perm in Perm:
        if perm is not Perm.VIEW:  # every member has it
            yield Guard("permissions.py", f"{perm.name} for every member", partial(for_all, perm), perm=perm)
    for role in Role:
        for perm in Perm:
            if perm not in ROLE_PERMISSIONS[role]:
                yield Guard("permissions.py", f"{perm.name} for {role}", partial(for_role, role, perm), perm=perm)
    for function in functions_of("portal.permissions"):
        yield from checks("permissions.py", [function])


@contextmanager
def for_all(perm):
    """Whoever is a member holds it."""
    can = Access.can
    Access.can = lambda access, asked: access.member if asked == perm else can(access, asked)
    try:
        yield
    finally:
        Access.can = can


@contextmanager
def for_role(role, perm):
    """The role has it, and its holders have guardian's grant, as an installation would after an upgrade."""
    before = ROLE_PERMISSIONS[role]
    ROLE_PERMISSIONS[role] = before | {perm}
    grant(role)
    try:
        yield
    finally:
        ROLE_PERMISSIONS[role] = before
        grant(role)


def grant(role) -> None:
    """Grants as the roles say now."""
    for framework in Framework.objects.all():
        with scope(framework.pk), transaction.atomic():
            held = framework.memberships.live().filter(role=role)
            for user in User.objects.filter(pk__in=held.values("user")):
                sync_permissions(framework, user)


# --- visible_to, and who calls it


def visibility() -> Iterator[Guard]:
    """Each visible_to() as a whole and check by check, with what it calls; and the living roles, on which all rests."""
    for queryset in querysets():
        found = queryset.__dict__["visible_to"]
        name = f"{queryset.__name__}.visible_to(): all"
        yield Guard("visible_to", name, partial(seeing_all, queryset), functions=(found,), key=key_of(found))
        called = [queryset.__dict__[name] for name in found.__code__.co_names if name in queryset.__dict__]
        for method in [found, *(each for each in called if isinstance(each, FunctionType))]:
            yield from checks("visible_to", [method])
    yield from checks("visible_to", [MembershipQuerySet.live])


def querysets() -> list[type]:
    """Those that say themselves what is visible."""
    every = dict.fromkeys(model._default_manager._queryset_class for model in apps.get_models())
    return [queryset for queryset in every if "visible_to" in queryset.__dict__]


@contextmanager
def seeing_all(queryset):
    """visible_to() gives every row of the scope."""
    before = queryset.visible_to
    queryset.visible_to = lambda rows, access: rows.all()
    try:
        yield
    finally:
        queryset.visible_to = before


def doors() -> Iterator[Guard]:
    """What stands between an address and a row: @scoped itself, and each place that asks visible_to()."""
    runs = [run for run in map(scoped_run, (address.view for address in addresses())) if run is not None]
    yield from checks("doors", runs, only="public|access|tenant is None|slug")
    for function in every_function():
        if "visible_to" in function.__code__.co_names:
            yield from checks("doors", [function], only=r"visible_to\(")


def sessions() -> Iterator[Guard]:
    """What is hidden while a session is closed (HAR-6.4), and what a deadline or an item of an agenda is about."""
    for rule in agenda.RULES:
        name = f"{rule.__module__}.{rule.__qualname__}"
        function = plain(rule)
        away = partial(without_rule, rule)
        yield Guard("closed sessions", f"{name}: hides nothing", away, functions=(function,), key=key_of(function))
        yield from checks("closed sessions", [function])
    for label, kind in subjects.KINDS.items():
        model = apps.get_model(label)
        queryset = model._default_manager._queryset_class
        function = queryset.__dict__.get("visible_to") or plain(kind.visible_to)
        away = partial(subject_for_all, label, model)
        yield Guard("visible_to", f"about {label}: all", away, functions=(function,), key=key_of(function))


@contextmanager
def without_rule(rule):
    """The rule is not registered."""
    before = agenda.RULES[:]
    agenda.RULES.remove(rule)
    try:
        yield
    finally:
        agenda.RULES[:] = before


@contextmanager
def subject_for_all(label, model):
    """Whatever is about a row of this model is shown to everybody."""
    before = subjects.KINDS[label]
    subjects.KINDS[label] = replace(before, visible_to=lambda access: model._default_manager.all())
    try:
        yield
    finally:
        subjects.KINDS[label] = before


# --- rules in code


def rules() -> Iterator[Guard]:
    """Session limits and second factor; what stands before a signature; what code asks of Access; and each refusal."""
    for function in functions_of("portal.guards"):
        if GUARDS.match(function.__qualname__):
            yield from checks("guards.py", [function])
    for module in filter(re.compile(r"\.obstacles$").search, modules()):
        yield from blocks(importlib.import_module(module))
    seen = {queryset.__dict__["visible_to"] for queryset in querysets()}
    for function in every_function():
        if function.__module__ not in ALREADY and function not in seen:
            yield from checks(
                "asked of Access", [function], only=r"\.can\(.*: true$|access\.(member|organisations|roles)\b"
            )
        yield from checks("refusals", [function], only=rf"^refuse \(({'|'.join(refusals())})\)")


def blocks(module) -> Iterator[Guard]:
    """What an obstacle says, unsaid."""
    for name, function in vars(module).items():
        if name.endswith(("_block", "_warning", "_warnings")):
            nothing = [] if name.endswith("s") else None
            without = partial(set_attribute, module, name, lambda *_args, nothing=nothing: nothing)
            words = f"{function.__module__}.{name}(): nothing"
            yield Guard("obstacles.py", words, without, functions=(function,), key=key_of(function))


def refusals() -> set[str]:
    """Names of the errors that tell a person no: 409 and 403, and the ledger's."""
    found, todo = {"PermissionDenied"}, [StateError]
    while todo:
        error = todo.pop()
        found.add(error.__name__)
        todo += error.__subclasses__()
    return found


def checks(kind, functions, only=ONE_BY_ONE) -> Iterator[Guard]:
    """Each check in a function. functions: all that were made from the one definition."""
    function = functions[0]
    where = f"{function.__module__}.{function.__code__.co_qualname}"
    if where.endswith(RUN):
        where = "portal.tenancy.scoped"
    for change in changes(function, only):
        without = partial(changed, functions, change.code)
        yield Guard(kind, f"{where}: {change.words}", without, functions=tuple(functions), key=change.key)


def functions_of(module: str) -> Iterator[FunctionType]:
    """Functions and methods that are written in this module."""
    here = importlib.import_module(module)
    for thing in vars(here).values():
        if getattr(thing, "__module__", None) != module:
            continue
        for each in [thing, *vars(thing).values()] if isinstance(thing, type) else [thing]:
            function = plain(each)
            if (
                function is not None
                and function.__module__ == module
                and function.__code__.co_filename == here.__file__
            ):
                yield function


def plain(thing) -> FunctionType | None:
    """The function inside a property, a class method or a decorator that keeps it as __wrapped__."""
    thing = getattr(thing, "fget", None) or getattr(thing, "__func__", None) or thing
    while hasattr(thing, "__wrapped__"):
        thing = thing.__wrapped__
    return thing if isinstance(thing, FunctionType) and "<lambda>" not in thing.__code__.co_qualname else None


def every_function() -> Iterator[FunctionType]:
    """Functions and methods of all our modules."""
    for module in modules():
        yield from functions_of(module)


def modules() -> list[str]:
    """Names of all modules that serve people."""
    found = [
        found.name
        for package in OURS
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
    ]
    return [name for name in found if not ELSEWHERE & set(name.split("."))]
