"""A numbered draft as it was circulated: to read for those who got it, whatever came after it (SIG-num, HAR-¶9)."""

from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.permissions import Perm
from portal.tenancy import scoped
from protocols.finding import find_circulated
from protocols.models import DraftIssue
from protocols.pages import crumbs, place
from protocols.reading import reading_of


@require_safe
@scoped()
def issue(request, reference, number, draft):
    """The kept text; a draft that the reader's organisation did not get is not found."""
    version = find_circulated(request, reference, number)
    issues = DraftIssue.objects.visible_to(request.access).select_related("canonical", "issued_by")
    found = issues.filter(version=version, number=min(draft, 32767), canonical__isnull=False).first()
    if found is None:
        raise Http404
    name = _("%(number)s draft %(draft)d") % {"number": version.number, "draft": found.number}
    # the page of the consultation is for those who may comment
    above = [(_("Consultation"), place(request, "consultation", version))] if request.access.can(Perm.COMMENT) else []
    context = reading_of(found.text()) | {
        "version": version,
        "protocol": version.protocol,
        "issue": found,
        "name": name,
        "recipients": [recipient.name for recipient in found.recipients.all()],
        "party_headers": [_("Organisation"), _("Main contact address"), _("Main telephone number")],
        "breadcrumbs": crumbs(request, version, *above, (name, "")),
    }
    return TemplateResponse(request, "protocols/draft_issue.html", context)


urlpatterns = [
    path("protocols/<slug:reference>/<number:number>/drafts/<int:draft>/", issue, name="draft-issue"),
]
