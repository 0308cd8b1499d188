"""Every verb that the code records has its sentence; no sentence shows a verb or an ISO date."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.apps import apps

from portal.models import AuditEvent
from portal.models.lifecycle import Lifecycle
from portal.sentences import SENTENCES, Topic, in_words
from protocols.drafting import ROW_FIELDS
from protocols.models import Clause

PROJECT = Path(__file__).parents[1]
APPS = ("portal", "protocols", "signatories", "breaches", "reviews")
VERB = re.compile(r"(?:portal|protocols|signatories|breaches|reviews)\.[a-z-]+:[a-z-]+")
# Not verbs of the ledger
OTHER = {"portal.wsgi:application"}
# Modules whose verbs composed() puts together by what they are: lifecycles, changes of a draft
OWN = {"lifecycle.py", "version.py"}


def trees():
    """Every module of the apps, parsed."""
    for app in APPS:
        for path in sorted((PROJECT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text("utf-8"))


def is_constant(node) -> bool:
    """A string as it stands."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def constants() -> set[str]:
    """Verbs that stand in the code as they are, sentences aside."""
    found = set()
    for path, tree in trees():
        if path.name != "sentences.py":
            found |= {n.value for n in ast.walk(tree) if is_constant(n) and VERB.fullmatch(n.value)}
    return found - OTHER


def calls_of(tree, name) -> list[ast.Call]:
    """Calls of a function or method by its name."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [node for node in found if getattr(node.func, "id", getattr(node.func, "attr", "")) == name]


def records(tree) -> list[ast.Call]:
    """Calls of the ledger's record()."""
    return [call for call in calls_of(tree, "record") if ast.unparse(call.func).startswith("AuditEvent.objects")]


def put_together(tree) -> set[str] | None:
    """Verbs of f-strings in a module: "prefix:{a if x else b}", or "prefix:{what}" with constants for `what`.

    None where a part cannot be told from the module.
    """
    found: set[str] = set()
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for call in records(function):
            if not isinstance(call.args[0], ast.JoinedStr):
                continue
            prefix, part = call.args[0].values[0].value, call.args[0].values[-1].value
            if isinstance(part, ast.IfExp):
                ends = [part.body, part.orelse]
            else:
                ends = [outer.args[0] for outer in calls_of(tree, function.name) if outer is not call and outer.args]
                ends = [end for end in ends if outer_constant(end)]
            if not ends or not all(is_constant(end) for end in ends):
                return None
            found |= {f"{prefix}{end.value}" for end in ends}
    return found


def outer_constant(node) -> bool:
    """An argument that is a word, and no verb of its own."""
    return is_constant(node) and ":" not in node.value


def composed() -> set[str]:
    """Verbs that the code puts together: the steps of every lifecycle, the changes of a draft, and f-strings."""
    found = {
        f"{model._meta.label_lower}:{target}"
        for model in apps.get_models()
        if issubclass(model, Lifecycle)
        for targets in model.TRANSITIONS.values()
        for target in targets
    }
    changes, open_ends = set(), set()
    for path, tree in trees():
        if path.name not in OWN:
            found |= put_together(tree) or set()
        for call in calls_of(tree, "changing"):
            what = call.args[1]
            if is_constant(what):
                changes.add(what.value)
            elif isinstance(what, ast.JoinedStr):
                open_ends.add(what.values[-1].value)
            else:  # a variable: both of move()
                changes |= {"clause-moved", "party-moved"}
    rows = [model._meta.model_name for model in (*ROW_FIELDS, Clause)]
    changes |= {f"{row}{end}" for row in rows for end in open_ends}
    return found | {f"protocols.version:{what}" for what in changes}


def test_every_verb_that_is_recorded_has_its_sentence():
    """Constants, lifecycles and changes of drafts; a new verb without words fails here."""
    recorded = constants() | composed()
    assert "protocols.version:clause-changed" in recorded  # the search itself works
    assert "signatories.signature:made" in recorded
    assert recorded - set(SENTENCES) == set()


def test_every_row_is_recorded_by_a_verb_that_the_search_finds():
    """The first argument of every record() of the ledger is a constant, a name of one, or can be put together."""
    strange = []
    for path, tree in trees():
        if path.name in OWN:
            continue
        plain = (ast.Constant, ast.Name, ast.JoinedStr)
        strange += [path.name for call in records(tree) if not isinstance(call.args[0], plain)]
        strange += [path.name] if put_together(tree) is None else []
    assert strange == []


@pytest.mark.parametrize("verb", sorted(SENTENCES))
def test_a_sentence_has_no_raw_verb_and_no_iso_date(verb):
    """Words for people: with a full payload, and with the empty one of an old row."""
    full = {
        "reference": "Minute 7", "body": "The Board", "outcome": "approved-with-changes", "level": "full", "draft": 2,
        "successor": "2.0", "date": "2026-03-01", "due": "2026-03-01T23:59:59+00:00", "rule": "review.first",
        "bound_from": "2026-03-01T00:00:00+00:00", "organisation": "Anyshire Council", "label": "1.1", "role": "auditor",
    }  # fmt: skip
    for payload in (full, {}):
        event = AuditEvent(
            verb=verb, payload=payload, at=datetime(2026, 3, 1, tzinfo=UTC), subject_label="REF-1 Title 1.0 draft 5"
        )
        said = in_words(event)
        assert said[0].isupper() or not said[0].isalpha()
        assert not VERB.search(said)
        assert not re.search(r"\d{4}-\d{2}-\d{2}", said)
        assert not re.search(r"%\(|approved-with|review\.first", said)


def test_every_topic_is_used():
    """A filter that finds nothing is no filter."""
    assert {one.topic for one in SENTENCES.values()} == set(Topic)
