"""Chapters of the demonstration that later apps add to a framework's story (signatories.demo tells the first one).

A chapter is called with the story of its framework, in its transaction, after the story was told; it uses the product's
own verbs. Registered in the app's ready(), only in demo mode.
"""

from collections.abc import Callable
from typing import Any

Chapter = Callable[[Any], None]
CHAPTERS: dict[str, list[Chapter]] = {}


def chapter(slug: str) -> Callable[[Chapter], Chapter]:
    """Register a chapter for the framework of that slug."""

    def register(tell: Chapter) -> Chapter:
        chapters = CHAPTERS.setdefault(slug, [])
        if tell not in chapters:
            chapters.append(tell)
        return tell

    return register


def tell_all(story) -> None:
    """Tell every chapter of the story's framework."""
    for tell in CHAPTERS.get(story.slug, []):
        tell(story)
