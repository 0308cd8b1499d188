"""What depends on the turns in the life of a version hears of them here: it is complete, in force, or has ended.

Protocols know nothing of the apps above them: those register a listener. It is called in the transaction of the act.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

Listener = Callable[[Any, datetime], None]
LISTENERS: list[Listener] = []


def on_turn(listener: Listener) -> Listener:
    """Register a function that is called as listener(version, now) after a version was completed, came into force, was
    superseded, was withdrawn or has expired; its status says which."""
    if listener not in LISTENERS:
        LISTENERS.append(listener)
    return listener


def tell(version, *, now: datetime) -> None:
    """Call every listener."""
    for listener in LISTENERS:
        listener(version, now)
