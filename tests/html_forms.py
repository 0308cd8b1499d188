"""The forms of a page, as a browser sees them: where they go, their fields, and what stands in each."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

PROSE = {"text", "search", "email", "tel", "url", "number", "textarea"}
BUTTONS = {"submit", "button", "reset", "image"}


@dataclass
class Field:
    """kind: type of the input, "textarea" or "select". values: what would be sent. choices: of a select or of radios."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)


@dataclass
class PageForm:
    """action: "" for the page itself. fields: by name."""

    action: str
    method: str
    multipart: bool = False
    fields: dict[str, Field] = field(default_factory=dict)

    def of_kind(self, *kinds: str) -> list[str]:
        """Names of the fields of these kinds."""
        return [name for name, each in self.fields.items() if each.kind in kinds]

    @property
    def prose(self) -> list[str]:
        """Names of the fields that a person types into, passwords aside; the longest kind first."""
        return sorted(self.of_kind(*PROSE), key=lambda name: self.fields[name].kind != "textarea")

    def data(self) -> dict[str, list[str]]:
        """What a browser would send if nothing were changed."""
        return {name: each.values for name, each in self.fields.items() if each.values and each.kind != "file"}


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.forms: list[PageForm] = []
        self.open: PageForm | None = None
        self.into: Field | None = None

    def handle_starttag(self, tag, attrs):
        """Collect."""
        has = dict(attrs)
        if tag == "form":
            self.open = PageForm(
                has.get("action") or "", (has.get("method") or "get").lower(), "multipart" in (has.get("enctype") or "")
            )
            self.forms.append(self.open)
        elif self.open is None:
            return
        elif tag == "option" and self.into is not None:
            value = has.get("value") or ""
            self.into.choices.append(value)
            if "selected" in has:
                self.into.values = [value]
        elif tag in {"input", "textarea", "select"} and has.get("name"):
            self.control(tag, has)

    def control(self, tag, has):
        """One field."""
        kind = (has.get("type") or "text").lower() if tag == "input" else tag
        if kind in BUTTONS:
            return
        found = self.open.fields.setdefault(has["name"], Field(has["name"], kind))
        value = has.get("value") or ("on" if kind in {"checkbox", "radio"} else "")
        if kind in {"checkbox", "radio"}:
            found.choices.append(value)
            if "checked" in has:
                found.values.append(value)
        elif tag == "input":
            found.values = [value]
        else:
            self.into = found
            if tag == "textarea":
                found.values = [""]

    def handle_data(self, data):
        """What stands in a textarea."""
        if self.into is not None and self.into.kind == "textarea":
            self.into.values = [self.into.values[0] + data]

    def handle_endtag(self, tag):
        """Close."""
        if tag == "form":
            self.open = None
        elif self.into is not None and tag == self.into.kind:
            if tag == "textarea":  # a browser drops the first line end, which Django puts there
                self.into.values = [self.into.values[0].removeprefix("\r").removeprefix("\n")]
            self.into = None


def forms_of(page: str) -> list[PageForm]:
    """Every form of a page."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms
