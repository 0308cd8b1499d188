"""Has your organisation signed up? Who has, and how to ask to join (HAM-register)."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from portal import clock
from portal.forms import GovForm
from portal.limits import too_many
from portal.permissions import Perm
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from protocols import joining, register
from protocols.models import JoinRequest, Protocol

# Per address and hour: enough for a person who types a second request, too few to fill somebody's list
TRIES, WINDOW = 5, 3600
COLOURS = {JoinRequest.Status.WAITING: "blue", JoinRequest.Status.ANSWERED: "green", JoinRequest.Status.CLOSED: "grey"}


class SignatoryFilter(GovForm):
    """One box."""

    mark_optional = False
    q = forms.CharField(label=_("Name of the organisation"), required=False, max_length=100)


class JoinForm(GovForm):
    """What somebody outside tells us. Nothing confidential is asked for, and the page says so."""

    organisation = forms.CharField(
        label=_("Name of the organisation"),
        max_length=200,
        error_messages={"required": _("Enter the name of the organisation")},
    )
    protocol = forms.ModelChoiceField(
        label=_("Which protocol"),
        queryset=Protocol._base_manager.none(),
        required=False,
        empty_label=_("I do not know yet"),
    )
    person = forms.CharField(
        label=_("Your name"), max_length=200, error_messages={"required": _("Enter your name")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    email = forms.EmailField(
        label=_("Your work email address"),
        help_text=_("The answer is sent there. It is used for nothing else."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Enter your work email address")},
    )
    message = forms.CharField(
        label=_("What your organisation does, and what you would share"),
        help_text=_("Write nothing about any person, and nothing confidential."),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args, framework, **kwargs):
        super().__init__(*args, **kwargs)
        shown = Protocol.objects.filter(pk__in=register.published(framework).values("protocol"))
        self.fields["protocol"].queryset = shown.order_by("title")  # type: ignore[attr-defined]
        self.fields["protocol"].label_from_instance = lambda protocol: protocol.title  # type: ignore[attr-defined]


@require_safe
@scoped(public=True)
def signatories(request):
    """The organisations that have signed a published protocol, each with the way to its protocols."""
    form = SignatoryFilter(request.GET)
    form.is_valid()
    text = form.cleaned_data.get("q", "")
    page = Paginator(register.public_signatories(request.framework, text), register.PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    here = reverse("register", args=[request.framework.slug])
    context = {
        "form": form,
        "tags": form_tags(text),
        "narrowed": bool(text),
        "page": page,
        "count": page.paginator.count,
        "headers": [_t("Organisation"), _t("Protocols signed")],
        "rows": [
            [
                row["organisation__name"],
                {
                    "value": ngettext("%(count)d protocol", "%(count)d protocols", row["protocols"])
                    % {"count": row["protocols"]},
                    "link": f"{here}?organisation={row['organisation_id']}",
                },
            ]
            for row in page
        ],
        "breadcrumbs": [(_t("Register"), here), (_t("Organisations that have signed"), "")],
    }
    return TemplateResponse(request, "protocols/register_signatories.html", context)


def form_tags(text) -> list[dict]:
    """The one filter as a removable tag."""
    return [{"what": _t("Name of the organisation"), "text": text, "href": "?"}] if text else []


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(public=True)
def join(request):
    """Ask to join: anybody may, a few times an hour."""
    form = JoinForm(request.POST or None, framework=request.framework)
    status = 200
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        if not too_many("join", tries=TRIES, window=WINDOW, now=now):
            joining.ask(request.framework, **form.cleaned_data, now=now)
            return redirect("join-sent", request.framework.slug)
        form.add_error(None, _t("Too many requests came from your address. Wait an hour, then try again"))
        status = 429
    here = reverse("register", args=[request.framework.slug])
    context = {
        "form": form,
        "heading": _t("Ask to join"),
        "submit": _t("Send the request"),
        "breadcrumbs": [(_t("Register"), here), (_t("Ask to join"), "")],
        "cancel_href": here,
    }
    return TemplateResponse(request, "protocols/join.html", context, status=status)


@require_safe
@scoped(public=True)
def join_sent(request):
    """The request is on its way; what happens next."""
    return TemplateResponse(request, "protocols/join_sent.html", {})


@require_safe
@scoped(Perm.AUTHORISE)
def join_requests(request):
    """What was asked, newest first, and what became of it."""
    found = JoinRequest.objects.filter(framework=request.framework).select_related("protocol")
    page = Paginator(found, register.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "headers": [_t("Organisation"), _t("Protocol"), _t("Asked on"), _t("State")],
        "rows": [request_row(one, request.framework.slug) for one in page],
        "breadcrumbs": [
            (_t("Organisations"), reverse("organisations", args=[request.framework.slug])),
            (_t("Requests to join"), ""),
        ],
    }
    return TemplateResponse(request, "protocols/join_requests.html", context)


def request_row(one, slug) -> list:
    """One request in the list."""
    return [
        {"value": one.organisation, "link": reverse("join-request", args=[slug, one.pk])},
        {"value": one.protocol.reference if one.protocol else "", "empty": _t("Not known yet")},
        longdate(one.made_at),
        {"tag": one.get_status_display(), "colour": COLOURS[one.status]},
    ]


class AnswerForm(GovForm):
    """What is mailed to whoever asked."""

    mark_optional = False
    answer = forms.CharField(
        label=_("Your answer"),
        help_text=_("It is sent by email to whoever asked. Write nothing confidential."),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def clean(self):
        """An answer has words; closing needs none."""
        values = super().clean() or {}
        if self.data.get("act") != "close" and not values.get("answer") and "answer" not in self.errors:
            self.add_error("answer", _t("Enter your answer, or close the request without one"))
        return values


@require_http_methods(["GET", "HEAD", "POST"])
@scoped(Perm.AUTHORISE)
def join_request(request, pk):
    """One request: answer it by mail, or close it."""
    one = get_object_or_404(
        JoinRequest.objects.select_related("protocol", "handled_by"), framework=request.framework, pk=pk
    )
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("act") == "close":
            joining.close(one, by=request.user, now=clock.now())
            messages.success(request, _t("The request is closed. Nothing was sent."))
        else:
            joining.answer(one, form.cleaned_data["answer"], by=request.user, now=clock.now())
            messages.success(request, _t("The answer is on its way to %(person)s.") % {"person": one.person})
        return redirect("join-requests", request.framework.slug)
    here = reverse("join-requests", args=[request.framework.slug])
    context = {
        "form": form,
        "one": one,
        "facts": request_facts(one),
        "waits": one.status == JoinRequest.Status.WAITING,
        "heading": _t("%(organisation)s asks to join") % {"organisation": one.organisation},
        "submit": _t("Send the answer"),
        "breadcrumbs": [(_t("Requests to join"), here), (one.organisation, "")],
    }
    return TemplateResponse(request, "protocols/join_request.html", context)


def request_facts(one) -> list[dict]:
    """The request, and its answer once there is one."""
    rows = [
        {"key": _t("Organisation"), "value": one.organisation},
        {"key": _t("Protocol"), "value": str(one.protocol or ""), "empty": _t("Not known yet")},
        {"key": _t("Asked by"), "lines": [one.person, one.email]},
        {"key": _t("Asked on"), "value": longdate(one.made_at)},
        {"key": _t("Message"), "lines": one.message.splitlines(), "empty": _t("None")},
    ]
    if one.handled_at:
        who = {"date": longdate(one.handled_at), "person": one.handled_by or _t("somebody who has left")}
        rows.append({"key": one.get_status_display(), "value": _t("%(date)s by %(person)s") % who})
    if one.answer:
        rows.append({"key": _t("Answer"), "lines": one.answer.splitlines()})
    return rows


urlpatterns = [
    path("register/organisations/", signatories, name="register-organisations"),
    path("register/join/", join, name="join"),
    path("register/join/sent/", join_sent, name="join-sent"),
    path("join-requests/", join_requests, name="join-requests"),
    path("join-requests/<int:pk>/", join_request, name="join-request"),
]
