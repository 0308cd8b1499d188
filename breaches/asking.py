"""The steps of a report that is being written: which form each has, and what its answers were so far."""

from dataclasses import dataclass
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from breaches.forms import (
    ContainmentForm,
    DataForm,
    HappenedForm,
    IdentifiedForm,
    NamelessForm,
    OrganisationsForm,
    ProtocolForm,
)
from breaches.parties import in_force, protocols_for

LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Question:
    """One page of the report."""

    key: str
    form: type[NamelessForm]
    caption: object


STEPS = (
    Question("happened", HappenedForm, _("Question 1 of 5")),
    Question("identified", IdentifiedForm, _("Question 2 of 5")),
    Question("protocol", ProtocolForm, _("Question 3 of 5")),
    Question("organisations", OrganisationsForm, _("Question 3 of 5")),
    Question("data", DataForm, _("Question 4 of 5")),
    Question("containment", ContainmentForm, _("Question 5 of 5")),
)
BY_KEY = {step.key: step for step in STEPS}


def following(key: str) -> str | None:
    """The next step, or None after the last."""
    keys = [step.key for step in STEPS]
    at = keys.index(key) + 1
    return keys[at] if at < len(keys) else None


def typed(post) -> dict[str, list[str]]:
    """What a form sent, to be kept as it was typed."""
    return {
        name: [value.replace("\0", "")[:LONGEST] for value in values]
        for name, values in post.lists()
        if name not in {"csrfmiddlewaretoken", "later"}
    }


class Asking:
    """A draft with the forms of its steps, for one reader."""

    def __init__(self, draft, access, *, now):
        self.draft, self.access, self.now = draft, access, now
        self._protocol: Any = None

    def options(self, key) -> dict:
        """What a form of a step needs to know of the others."""
        if key == "identified":
            return {"happened": self.cleaned("happened")}
        if key == "protocol":
            return {"protocols": protocols_for(self.access)}
        if key in {"organisations", "data"}:
            return {"parties": in_force(self.version) if self.version else ()}
        return {}

    def form(self, key, data=None):
        """The form of a step: with what was sent, or with what was kept, as it was typed."""
        cls, options = BY_KEY[key].form, self.options(key)
        if data is not None:
            return cls(data, now=self.now, **options)
        kept = self.draft.answers.get(key)
        if not kept:
            return cls(now=self.now, **options)
        blank = cls(now=self.now, **options)
        values = MultiValueDict(kept)
        initial = {name: f.widget.value_from_datadict(values, {}, name) for name, f in blank.fields.items()}
        return cls(now=self.now, initial=initial, **options)

    def checked(self, key):
        """The form of a step with its kept answers, validated."""
        return self.form(key, MultiValueDict(self.draft.answers.get(key) or {}))

    def cleaned(self, key) -> dict:
        """The answers of a step that are right."""
        form = self.checked(key)
        form.is_valid()
        return form.cleaned_data

    @property
    def protocol(self):
        """The protocol that was chosen, if the reader may still report on it."""
        if self._protocol is None:
            wanted = str((self.draft.answers.get("protocol") or {}).get("protocol", [""])[0])
            self._protocol = next((one for one in protocols_for(self.access) if str(one.pk) == wanted), None)
        return self._protocol

    @property
    def version(self):
        """Its version in force."""
        return self.protocol.in_force if self.protocol else None
