"""Sharing outside the protocol is reported without blame (KEN-3.2iii)."""

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import clock
from portal.tenancy import scoped
from protocols.finding import find_protocol
from reviews import informal
from reviews.forms import InformalForm


@scoped()
def informal_report(request, reference):
    """Any member who may see the protocol; the name is kept only on wish."""
    protocol = find_protocol(request, reference)
    form = InformalForm(request.POST or None)
    back = reverse("protocol", args=[request.framework.slug, protocol.reference])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        by = request.user if data["with_name"] else None
        informal.report(protocol, text=data["text"], why=data["why"], by=by, now=clock.now())
        messages.success(request, _("Thank you. What you reported becomes a finding of the next review."))
        return redirect(back)
    context = {
        "form": form,
        "caption": protocol.reference,
        "heading": _("Report sharing outside the protocol"),
        "submit": _("Send the report"),
        "cancel_href": back,
        "breadcrumbs": [
            (_("Protocols"), reverse("protocols", args=[request.framework.slug])),
            (protocol.reference, back),
            (_("Report"), ""),
        ],
    }
    return TemplateResponse(request, "reviews/informal.html", context)
