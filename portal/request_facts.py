"""What is known of the request in which an act happens: copied into ledger and evidence."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_facts: ContextVar[dict[str, str] | None] = ContextVar("portal_request_facts", default=None)


def facts() -> dict[str, str]:
    """ip, user_agent, request_id, session_hash of the current request; empty outside one."""
    return _facts.get() or {}


def remember(**values: str):
    """Set the facts; returns the token for `forget`."""
    return _facts.set(values)


def forget(token) -> None:
    """Back to what was before."""
    _facts.reset(token)


@contextmanager
def nobody() -> Iterator[None]:
    """What is done inside leaves nothing of the request in the ledger: a person reports without being named."""
    token = _facts.set(None)
    try:
        yield
    finally:
        _facts.reset(token)
