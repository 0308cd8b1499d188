"""How often a person wants to be reminded: a page of one's own account."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.models import User
from portal.reminder_forms import BY_ROLE, PaceForm
from portal.views_people import posted


@require_http_methods(["GET", "HEAD", "POST"])
def pace(request) -> HttpResponse:
    """Choose a pace; it holds in every framework, and from the next reminder on."""
    form = PaceForm(posted(request), initial={"pace": request.user.reminder_pace or BY_ROLE})
    if request.method == "POST" and form.is_valid():
        User.objects.filter(pk=request.user.pk).update(reminder_pace=form.cleaned_data["pace"])
        messages.success(request, _("How often you are reminded is saved."))
        return redirect("mfa_index")
    context = {
        "form": form,
        "heading": _("How often you are reminded"),
        "cancel_href": reverse("mfa_index"),
        "breadcrumbs": [(_("Your account"), reverse("mfa_index")), (_("How often you are reminded"), "")],
    }
    return TemplateResponse(request, "form_page.html", context)
