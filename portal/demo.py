"""Chapters of the demonstration that later apps add to a framework's story (signatories.demo tells the first one).

A chapter is called with the story of its framework, in its transaction, after the story was told; it uses the product's
own verbs. Registered in the app's ready(), only in demo mode.
"""

from collections.abc import Callable
from typing import Any

Chapter = Callable[[Any], None]
CHAPTERS: dict[str, list[Chapter]] = {}
LAST: dict[str, list[Chapter]] = {}


def chapter(slug: str, *, last: bool = False) -> Callable[[Chapter], Chapter]:
    """Register a chapter for the framework of that slug. last: it is about what the other chapters tell."""

    def register(tell: Chapter) -> Chapter:
        chapters = (LAST if last else CHAPTERS).setdefault(slug, [])
        if tell not in chapters:
            chapters.append(tell)
        return tell

    return register


def tell_all(story) -> None:
    """Tell every chapter of the story's framework."""
    for tell in [*CHAPTERS.get(story.slug, []), *LAST.get(story.slug, [])]:
        tell(story)
