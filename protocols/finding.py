"""From an address to a protocol or version that its reader may see. Everything else is "not found"."""

import re

from django.http import Http404
from django.urls import register_converter

from portal.db.statements import prepared
from portal.permissions import Perm
from protocols.models import DraftIssue, Protocol, Version

NUMBER = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}")


class VersionNumber:
    """The part of an address that names a version: "1.0" (SIG-num)."""

    regex = NUMBER.pattern

    def to_python(self, value):
        """Kept as text; find_version takes it apart."""
        return value

    def to_url(self, value):
        """The number as it stands."""
        return value


register_converter(VersionNumber, "number")


def find_protocol(request, reference) -> Protocol:
    """The protocol with this reference, in any case, that the reader may see; else Http404."""
    for found in protocols_named(request.access, reference.upper()):
        found.framework = request.framework
        return found
    raise Http404


@prepared
def protocols_named(access, key):
    """The one with this reference, if the reader may see it. key: the reference in capitals."""
    return (
        Protocol.objects.visible_to(access)
        .select_related("tier__deciding_body", "partnership__board", "parent", "lead_organisation")
        .filter(reference_key=key)
    )


def find_version(request, reference, number) -> Version:
    """The version that the reader may see; else Http404. A party sees no draft before it is circulated."""
    major, minor = _parts(number)
    return _first(versions_numbered(request.access, reference.upper(), major=major, minor=minor), request)


@prepared
def versions_numbered(access, key, *, major, minor):
    """The one of that number, if the reader may see it, with what every page of a version needs."""
    return with_protocol(_named(Version.objects.visible_to(access), key, major, minor))


def find_circulated(request, reference, number) -> Version:
    """The version, if a draft of it was ever circulated to the reader; else Http404. Drafts and comments stay readable
    while the next draft is being written (HAR-¶9)."""
    got = DraftIssue.objects.visible_to(request.access).values("version")
    seen = Version.objects.visible_to(request.access).values("pk") if request.access.can(Perm.VIEW_ALL) else got
    found = _named(Version.objects.filter(framework=request.framework, pk__in=seen), reference.upper(), *_parts(number))
    return _first(with_protocol(found), request)


def versions_named(request, reference, number):
    """The same as a queryset, to be asked for together with something else."""
    return _named(Version.objects.visible_to(request.access), reference.upper(), *_parts(number))


def _parts(number) -> tuple[int, int]:
    if not NUMBER.fullmatch(number):
        raise Http404
    major, minor = (int(part) for part in number.split("."))
    if max(major, minor) > 32767:
        raise Http404
    return major, minor


def _named(versions, key, major, minor):
    return versions.filter(protocol__reference_key=key, major=major, minor=minor)


def with_protocol(versions):
    """With tier, deciding body, partnership, parent and lead organisation, in the same statement."""
    return versions.select_related(
        "protocol__tier__deciding_body",
        "protocol__partnership__board",
        "protocol__parent",
        "protocol__lead_organisation",
    )


def _first(versions, request) -> Version:
    for found in versions:
        found.framework = found.protocol.framework = request.framework
        return found
    raise Http404
