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


def fill(route: str, values: dict[str, str]) -> str:
    """The route with its converters replaced."""
    return "/" + "".join(part_of(piece, values) for piece in pieces(route))


def pieces(route: str):
    """Split a route into plain text and <…> parts."""
    while "<" in route:
        before, rest = route.split("<", 1)
        inside, route = rest.split(">", 1)
        yield before
        yield f"<{inside}>"
    yield route


def part_of(piece: str, values: dict[str, str]) -> str:
    """Text as it stands, or the value of a converter."""
    if not piece.startswith("<"):
        return piece
    name = piece[1:-1].rsplit(":", 1)[-1]
    return values[name]
