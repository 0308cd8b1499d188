"""/verify: anybody may ask whether a document is genuine. Nothing that is sent is kept."""

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from portal import clock
from portal.forms import GovForm
from portal.guards import lacks_second_factor
from portal.limits import too_many
from protocols.verification import tidy_code, verify_code, verify_file

# Per address: enough for an office behind one router, too few to keep the server busy
TRIES, WINDOW = 30, 300


class VerifyForm(GovForm):
    """A PDF or a code."""

    mark_optional = False

    document = forms.FileField(
        label=_("PDF"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
        help_text=_("At most 20 MB"),
    )
    code = forms.CharField(
        label=_("Or the code"),
        required=False,
        max_length=60,
        help_text=_("For example, 7K2M-Q4RT-X9AB. Capital letters, spaces and dashes do not matter."),
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_document(self):
        """A PDF by its content, whatever its name says. Gives the bytes, or None."""
        document = self.cleaned_data["document"]
        if document is None:
            return None
        if document.size > settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(_t("The file must be smaller than 20 MB"))
        content = document.read()
        if not content:
            raise forms.ValidationError(_t("The file is empty. Choose the PDF that you were given"))
        if b"%PDF-" not in content[:1024]:
            raise forms.ValidationError(_t("The file is not a PDF. Choose the PDF that you were given"))
        return content

    def clean_code(self):
        """The code as it is kept, or ""."""
        code = self.cleaned_data["code"]
        if not code:
            return ""
        try:
            return tidy_code(code)
        except ValueError:
            raise forms.ValidationError(_t("Enter the 12 letters and digits as printed, like 7K2M-Q4RT-X9AB")) from None

    def clean(self):
        """One of the two."""
        values = super().clean() or {}
        if not self.errors and not values.get("document") and not values.get("code"):
            self.add_error("document", _t("Choose a PDF or enter a code"))
        return values


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request):
    """Ask by file or code. A code in the address (the QR on a document) is looked up at once; nothing is changed."""
    typed = request.GET.get("code", "")
    if request.method == "POST":
        form = VerifyForm(request.POST, request.FILES)
    else:
        form = VerifyForm({"code": typed}) if typed else VerifyForm()
    if not form.is_bound:
        return answer(request, form)
    now = clock.now()
    if too_many("verify", tries=TRIES, window=WINDOW, now=now):
        form.errors.clear()
        form.add_error(None, _t("Too many documents were sent from your address. Wait 5 minutes, then try again"))
        return answer(request, form, status=429)
    if not form.is_valid():
        return answer(request, form)
    values = form.cleaned_data
    # members see more than the public, but not before they have set up their second factor
    reader = AnonymousUser() if lacks_second_factor(request.user) else request.user
    if values["document"]:
        verdict = verify_file(values["document"], user=reader, now=now)
    else:
        verdict = verify_code(values["code"], user=reader)
    return answer(request, VerifyForm(), verdict=verdict)


def answer(request, form, *, verdict=None, status=200):
    """The page; never kept by a cache, since what it says can change."""
    response = TemplateResponse(request, "protocols/verify.html", {"form": form, "verdict": verdict}, status=status)
    response["Cache-Control"] = "private, no-store"
    return response
