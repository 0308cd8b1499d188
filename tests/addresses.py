"""Every address of the portal from its resolver, and real values for what stands in it."""

from dataclasses import dataclass

from django.urls import URLPattern, get_resolver


@dataclass(frozen=True)
class Address:
    """name: of the URL. route: as written, whole. view: the function that answers."""

    name: str
    route: str
    view: object


def addresses() -> list[Address]:
    """All of them, sorted by route."""
    return sorted(collect(get_resolver().url_patterns), key=lambda address: address.route)


def collect(patterns, prefix=""):
    """Walk included patterns too."""
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield Address(entry.name or "", route, entry.callback)
        else:
            yield from collect(entry.url_patterns, route)
