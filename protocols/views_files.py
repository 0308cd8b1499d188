"""The one way to a kept file: who may fetch it, and how it leaves the portal."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_safe

from portal import clock
from portal.downloads import as_download
from portal.models import AuditEvent, StoredFile
from portal.permissions import Perm
from portal.tenancy import scoped
from protocols.models import Publication, Version
from protocols.register import in_effect, represents_party

# Fetching one of these is an event of the ledger (evidence.md: reads of restricted things)
RECORDED = {"sealed-edition", "evidence"}


@require_safe
@scoped(public=True)
def file(request, uid):
    """Hand out a file to those for whom it is; to everybody else it does not exist (404)."""
    stored = get_object_or_404(StoredFile.objects.filter(framework=request.framework), uid=uid)
    version = subject_of(stored)
    if version is None or not may_fetch(stored, version, request):
        raise Http404
    content = stored.content()
    if stored.purpose in RECORDED:
        AuditEvent.objects.record(
            "protocols.file:fetched",
            version,
            by=request.user,
            now=clock.now(),
            purpose=stored.purpose,
            sha256=stored.sha256,
        )
    return as_attachment(stored, content)


def subject_of(stored) -> Version | None:
    """The version whose file it is. Files of other subjects have doors of their own."""
    if stored.subject_type != Version._meta.label_lower:
        return None
    versions = Version.objects.filter(framework=stored.framework_id, pk=stored.subject_id)
    return versions.annotate(level=in_effect("level")).select_related("protocol").first()


def may_fetch(stored, version, request) -> bool:
    """By the audience of the file: the readers of the version, its parties, or everybody once it is published in full."""
    access = request.access
    if stored.audience == StoredFile.Audience.PUBLIC and version.level == Publication.Level.FULL:
        return True
    if not Version.objects.visible_to(access).filter(pk=version.pk).exists():
        return False
    if stored.audience == StoredFile.Audience.PARTIES:
        return access.can(Perm.VIEW_ALL) or represents_party(request.user, version)
    return True


def as_attachment(stored, content) -> HttpResponse:
    """A download that no browser shows or runs inside the portal, whatever the file says of itself."""
    return as_download(content, stored.name, stored.media_type)


urlpatterns = [path("files/<uuid:uid>/", file, name="file")]
