"""Statements that are the same on every request: written once in a process, planned once on a connection.

Django takes longer to write the SQL of a page than PostgreSQL to answer it, and PostgreSQL longer to plan it than to run
it. A function under `@prepared` gives a queryset; the decorated function gives the rows of it:

    @prepared
    def named(access, reference):
        return Protocol.objects.visible_to(access).filter(reference__iexact=reference)

    protocols = named(request.access, "HSP-ISP-014")

The function never sees the values. It gets a marker in the place of each, so none of them can stay in a statement that
serves the next person. What changes the statement itself is part of what it is kept under: the permissions of an access,
how many organisations it has, what is empty, and every keyword argument.
"""

import itertools
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import wraps
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.transaction import TransactionManagementError
from psycopg2.extensions import AsIs

MOST = 100  # kept forms of one function; beyond that it begins again
TYPES = {int: "bigint", str: "text", datetime: "timestamptz", date: "date", UUID: "uuid"}
# Markers, and how to know what was made of one: ids do not get this far, nothing happened then, nobody writes this
FIRST = 7_000_000_000_000_000_000
LONG_AGO, NOT_SO_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC), datetime(1000, 1, 1, tzinfo=UTC)
NOBODYS = "zqmarkerqz"
numbers = itertools.count(1)
caches: list[dict] = []


def prepared(build: Callable[..., models.QuerySet]) -> Callable[..., list[Any]]:
    """The rows of the queryset that `build` gives, as a list. Positional arguments are values, keywords are not."""
    cache: dict[tuple, Statement] = {}
    caches.append(cache)

    @wraps(build)
    def run(*args, **shape):
        connection = connections[DEFAULT_DB_ALIAS]
        if not hasattr(connection, "prepare"):  # plain Django: the floor of the measurements
            return list(build(*args, **shape))
        key = (tuple(map(form, args)), *sorted(shape.items()))
        statement = cache.get(key)
        if statement is None:
            marks = Marks()
            try:
                statement = Statement(build.__name__, build(*map(marks.instead_of, args), **shape), marks)
            except EmptyResultSet:  # nothing can be found: Django sees that for itself
                return list(build(*args, **shape))
            if len(cache) >= MOST:
                cache.clear()
            cache[key] = statement
        return statement.rows(connection, [leaf for arg in args for leaf in leaves(arg)])

    return run


def forget() -> None:
    """Write everything anew: for tests that change what such a function calls."""
    for cache in caches:
        cache.clear()


# --- arguments: a value alone, a row of a table (its id), a sequence, or a dataclass of these


def literal(arg) -> bool:
    """Does it belong to the statement as it is? What is empty does: a filter that is not asked for is no condition."""
    return isinstance(arg, bool | Enum | frozenset) or not (arg or isinstance(arg, tuple | list))


def form(arg) -> Any:
    """What of an argument belongs to the statement; equal for arguments that differ in their values only."""
    if literal(arg):
        return arg
    if type(arg) in TYPES:
        return type(arg)
    if isinstance(arg, models.Model):
        return arg.__class__
    if isinstance(arg, tuple | list):
        return tuple(map(form, arg))
    if is_dataclass(arg):
        return (type(arg), *(form(getattr(arg, one.name)) for one in fields(arg)))
    raise TypeError(f"A prepared statement takes no {type(arg).__name__}.")


def leaves(arg) -> Iterator[Any]:
    """The values of an argument, in the order in which `Marks.instead_of` meets them."""
    if literal(arg):
        return
    if type(arg) in TYPES:
        yield arg
    elif isinstance(arg, models.Model):
        yield arg.pk
    elif isinstance(arg, tuple | list):
        for one in arg:
            yield from leaves(one)
    else:
        for one in fields(arg):
            yield from leaves(getattr(arg, one.name))


class Marks:
    """Markers in the place of values."""

    def __init__(self):
        self.made: dict[Any, int] = {}  # marker → which of the leaves

    def instead_of(self, arg):
        """The same argument with a marker for each value."""
        if literal(arg):
            return arg
        if type(arg) in TYPES:
            return self.mark(type(arg))
        if isinstance(arg, models.Model):
            return arg.__class__(pk=self.mark(int))
        if isinstance(arg, tuple | list):
            return tuple(self.instead_of(one) for one in arg)
        return replace(arg, **{one.name: self.instead_of(getattr(arg, one.name)) for one in fields(arg)})

    def mark(self, kind: type):
        """A value of this type that is nobody's."""
        number = len(self.made)
        marker = {
            int: FIRST + number,
            str: f"{NOBODYS}{number}",
            datetime: LONG_AGO + timedelta(seconds=number),
            date: LONG_AGO.date() + timedelta(days=number),
            UUID: UUID(int=number),
        }[kind]
        self.made[marker] = number
        return marker


def made_of_marker(param) -> bool:
    """Would a statement be kept with something in it that was worked out from one person's value?"""
    if isinstance(param, list | tuple):
        return any(map(made_of_marker, param))
    if isinstance(param, datetime):
        return param.replace(tzinfo=UTC) < NOT_SO_LONG_AGO
    if isinstance(param, date):
        return param < NOT_SO_LONG_AGO.date()
    return NOBODYS in str(param).lower() or (isinstance(param, int) and param > FIRST - 10**9)


# --- statements


class Statement:
    """One statement with its places for values."""

    def __init__(self, name: str, queryset: models.QuerySet, marks: Marks):
        self.compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, params = self.compiler.as_sql()
        self.queryset: Any = queryset  # Django's inner attributes are read below
        if not all(isinstance(one, str) for one in vars(queryset)["_prefetch_related_lookups"]):
            raise TypeError(f"{name}: rows with a queryset of their own are fetched by the caller, who has the values.")
        self.name = f"{name[:40]} {next(numbers)}"
        self.order: list[int] = []  # which value stands in $1, $2 …
        kinds: list[str] = []
        self.params: list[Any] = []
        for param in params:
            number = marks.made.get(param) if type(param) in TYPES else None
            if number is None:
                if made_of_marker(param):
                    raise TypeError(f"{name}: a value is made into another in the statement; give it the other one.")
                self.params.append(param)
                continue
            if number not in self.order:
                self.order.append(number)
                kinds.append(TYPES[type(param)])
            self.params.append(AsIs(f"${self.order.index(number) + 1}"))
        types = f"({', '.join(kinds)})" if kinds else ""
        places = f"({', '.join(['%s'] * len(kinds))})" if kinds else ""
        self.prepare, self.execute = f'prepare "{self.name}" {types} as ', f'execute "{self.name}" {places}'

    def rows(self, connection, values: list) -> list[Any]:
        """Run it. Django makes of the rows what it makes of them otherwise."""
        self.queryset.model._default_manager.all()  # refuses without a scope, on every call
        if self.queryset.query.select_for_update and not connection.in_atomic_block:
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        connection.prepare(self.name, self.prepare, self.sql, self.params)
        compiler = copy(self.compiler)
        compiler.connection = connection
        filled = (self.execute, tuple(values[number] for number in self.order))
        compiler.as_sql = lambda *_args, **_kwargs: filled
        rows = list(self.queryset._iterable_class(Standing(self.queryset, compiler)))
        if lookups := self.queryset._prefetch_related_lookups:
            models.prefetch_related_objects(rows, *lookups)
        return rows


class Standing(SimpleNamespace):
    """What Django's iterables read of a queryset, with a compiler that knows its statement already."""

    def __init__(self, queryset, compiler):
        query = queryset.query
        super().__init__(
            db=DEFAULT_DB_ALIAS,
            model=queryset.model,
            _fields=queryset._fields,
            _known_related_objects=queryset._known_related_objects,
            query=SimpleNamespace(
                get_compiler=lambda *_args, **_kwargs: compiler,
                selected=query.selected,
                extra_select=query.extra_select,
                values_select=query.values_select,
                annotation_select=query.annotation_select,
            ),
        )
