"""Marks the methods that change things."""

from collections.abc import Callable
from typing import TypeVar

Method = TypeVar("Method", bound=Callable)


def verb(method: Method) -> Method:
    """A method that changes rows: Django's templates then never call it, whatever somebody writes in one."""
    method.alters_data = True  # type: ignore[attr-defined]
    return method
