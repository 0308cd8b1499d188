"""Errors that people are told of: each says what happened and what to do."""

from django.utils.translation import gettext as _


class StateError(Exception):
    """The act does not fit the present state: shown as a 409 page, never as "forbidden"."""

    def __init__(self, explanation: str, what_to_do: str = ""):
        super().__init__(explanation)
        self.explanation = explanation
        self.what_to_do = what_to_do or _("Go back, load the page again and look at its present state.")


class TransitionNotAllowed(StateError):
    """A lifecycle was asked for a step that its table does not have."""

    def __init__(self, subject, source: str, target: str):
        self.subject, self.source, self.target = subject, source, target
        words = {value: str(label) for value, label in subject.Status.choices}
        if source == target:
            super().__init__(
                _("%(subject)s is “%(state)s” already.") % {"subject": subject, "state": words.get(source)}
            )
            return
        super().__init__(
            _("%(subject)s is “%(source)s”, so it cannot become “%(target)s”.")
            % {"subject": subject, "source": words.get(source, source), "target": words.get(target, target)}
        )


class NotReady(StateError):
    """Something must be there first; `missing` lists it in words."""

    def __init__(self, explanation: str, missing: list[str] | None = None, what_to_do: str = ""):
        super().__init__(explanation, what_to_do or _("Add what is missing, then try again."))
        self.missing = missing or []


class ScopeRequired(RuntimeError):
    """A tenant table was asked for outside a scope. A fault in the code, never shown to people."""
