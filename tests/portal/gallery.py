"""Context of ``templates/components/gallery.html``: every component with invented content."""

from datetime import UTC, date, datetime

from django import forms
from django.core.paginator import Paginator

from portal.forms import GovForm, HintedRadioSelect, SplitDateField, TextDateField

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


class EveryField(GovForm):
    """One field of each kind."""

    found = SplitDateField(
        label="When did you find out?", help_text="For example, 27 3 2026", latest=date(2026, 11, 20)
    )
    how_many = forms.IntegerField(label="How many people are affected?", help_text="An estimate is fine", min_value=1)
    partner = forms.ChoiceField(label="Partner", choices=[("", "Choose a partner"), ("a", "Anyshire Police")])
    risk = forms.ChoiceField(
        label="Is there a high risk to people?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=HintedRadioSelect(hints={"yes": "Then the commissioner must be told within 72 hours"}),
    )
    what = forms.CharField(label="What happened?", widget=forms.Textarea, max_length=2000)
    tiers = forms.MultipleChoiceField(
        label="Tiers", choices=[("1", "Overarching")], widget=forms.CheckboxSelectMultiple, required=False
    )
    title = forms.CharField(label="Title", max_length=20)
    email = forms.EmailField(label="Email address", required=False)
    ends = TextDateField(label="End date")
    document = forms.FileField(label="Document", required=False)
    password = forms.CharField(label="Password", widget=forms.PasswordInput, required=False)
    sure = forms.BooleanField(label="The facts above are right", help_text="You can change them later")


def clause(uid, kind, label, text="", title="", children=()):
    """One node of the clause tree."""
    return {"uid": uid, "kind": kind, "label": label, "title": title, "text": text, "children": list(children)}


def gallery_context(form):
    """Everything the gallery shows; ``form`` is an EveryField, bound or not."""
    signed = {"tag": "Signed", "colour": "green"}
    items = [clause("4", "item", "a)", "Aggregate and management information")]
    principles = [
        clause("2", "clause", "3.1", "Information is shared **only** where it is needed. See {{clause:3}}."),
        clause("3", "clause", "3.7", "Three levels of data are told apart:", children=items),
    ]
    return {
        "form": form,
        "now": NOW,
        "breadcrumbs": [("Home", "/"), ("Protocols", "/p"), ("Anyshire safeguarding protocol", "")],
        "navigation": [
            {"text": text, "href": f"/{text}", "is_current": text == "Protocols"} for text in ("Overview", "Protocols")
        ],
        "sections": [{"text": "Summary", "href": "#1", "is_current": True}, {"text": "Text", "href": "#2"}],
        "facts": [
            {"key": "Next review", "value": "12 January 2027", "note": "in 53 days", "href": "#", "action": "Change"},
            {"key": "Address", "lines": ["Civic Centre", "High Road"]},
            {"key": "Deciding body", "value": "", "empty": "Not given yet"},
        ],
        "states": ["signed", "declined", "invited", "signed"],
        "headers": [
            "Organisation",
            {"text": "Parties", "numeric": True},
            {"text": "Date", "href": "?o=1", "sort": "ascending"},
            "Status",
        ],
        "rows": [
            ["Anyshire Council", 0, "17 November 2026", signed],
            [{"value": "Anyshire Police", "link": "#p"}, 3, None, {"tag": "Waiting", "colour": "grey"}],
        ],
        "page": Paginator(range(200), 10).page(6),
        "tasks": [
            {"title": "Parties", "href": "#", "status": "Completed"},
            {"title": "Purposes", "href": "#", "status": "Not yet started", "colour": "blue", "hint": "At least one"},
            {"title": "Send for approval", "status": "Cannot start yet"},
        ],
        "deadlines": [
            {
                "what": "Send the report",
                "detail": "10 working days",
                "due": date(2026, 11, 18),
                "late": 2,
                "urgency": "overdue",
            },
            {"what": "First review", "detail": "6 months", "due": date(2027, 1, 12), "urgency": "later"},
        ],
        "clauses": [clause("1", "heading", "3", title="General principles", children=principles)],
        "labels": {},
        "events": [
            {
                "title": "Signed for Anyshire Police",
                "by": "Tamsin Reid",
                "at": datetime(2026, 11, 17, 11, 15, tzinfo=UTC),
            }
        ],
        "colours": ["grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"],
    }
