"""Everything people read goes through gettext: in a pseudo-language no page, mail, PDF or error page shows a bare word."""

import json
import re

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils import translation

from portal import notices, tenancy
from portal.account_notices import _credential_changed
from portal.embedded.layout import PROJECT
from portal.models import OutgoingEmail
from portal.notices import NOTICES
from protocols.printing import protocol_context
from tests import pseudo
from tests.access_rows import ROWS
from tests.builders import NOW
from tests.pdf import samples
from tests.test_access import everything, world
from tests.world import CANARIES

__all__ = ["world"]
LOOKERS = ("framework_admin", "secretary", "drafter", "representative", "auditor", "no-mfa", "pending")
# Names, which are the same in every language, and marks of the machine
NAMES = (
    "Concordat",
    "Enter",
    "JavaScript",
    "ico.org.uk/make-a-complaint",
    "PDF/UA-1",
    "SHA-256",
    "UTC",
    "BST",
    "GMT",
    "English",
    "CSV",
    "XLSX",
)
NAMES += ("OFFICIAL-SENSITIVE", "OFFICIAL", "-SENSITIVE", settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
NAMES += tuple(CANARIES.values())
NAMES += ("True", "False")  # the ledger as it is held
CODE = re.compile(
    r"\b[0-9a-f]{8,}\b|\b\d{4}-\d\d-\d\dT[\d:]+Z|\b[A-Z]{2,5}-[A-Z0-9-]+\b|\S+@\S+|https?://\S+|\b[a-z_]+\.[a-z_-]+:[a-z_-]+\b"
)
ERRORS = ("400.html", "403.html", "404.html", "409.html", "429.html", "500.html")


def stored_words() -> list[str]:
    """Every text that people typed, as the database has it; longest first, so that a part never hides the rest."""
    found = set(texts_in(json.loads((PROJECT / "portal/data/laws.json").read_text(encoding="utf-8"))))
    with everything():
        for model in apps.get_models():
            if model._meta.app_label not in {"portal", "protocols", "signatories", "breaches", "reviews", "mfa"}:
                continue
            names = [
                field.name
                for field in model._meta.local_fields
                if isinstance(field, (models.CharField, models.TextField, models.JSONField)) and not field.choices
            ]
            for row in model._base_manager.values_list(*names) if names else ():
                for value in row:
                    found |= set(texts_in(value))
    return in_order(found)


def in_order(texts) -> list[str]:
    """Longest first, so that a part never hides the rest."""
    return sorted((text for text in texts if len(text) > 1), key=len, reverse=True)


def texts_in(value):
    """The lines of a value, also inside JSON."""
    if isinstance(value, str):
        # as Markdown shows it: without marks, each piece between them, and each cell of a table
        for line in re.split(r"\n|\{\{[^}]*\}\}|\*\*|\*|\||\[|\]\([^)]*\)", value):
            yield " ".join(line.split())
            # histories and comparisons show sentences in pieces
            yield from (" ".join(piece.split()) for piece in re.split(r"[.;]", line) if len(piece.split()) > 1)
    elif isinstance(value, dict):
        for one in [*value.keys(), *value.values()]:
            yield from texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)


def bare(html: str, data: list[str]) -> list[str]:
    """Bare words of a page, names and codes aside."""
    return [line for line in pseudo.literals(html, data) if pseudo.LETTERS.search(without_names(line))]


def without_names(line: str) -> str:
    """The line without what is the same in every language."""
    line = CODE.sub(" ", line)
    for name in NAMES:
        line = line.replace(name, " ")
    return line


def test_a_bare_word_is_found():
    """The finder itself: text, attribute and button are seen; data, names and bracketed text with links are not."""
    page = (
        '<p>⟦Read <a href="/">the ⟦Kent⟧ text</a> now⟧ Concordat Ann Smith</p><input type="submit" value="Go on">'
        '<img alt="Logo"><script>var words</script><p title="⟦fine⟧">Left over</p>'
    )
    assert bare(page, ["Ann Smith"]) == ["Concordat Left over", "Go on", "Logo"]


def test_every_page_speaks_the_pseudo_language(world):
    """Each address, as everybody who gets a page of their own; forms once more with nothing filled in."""
    data, faults = stored_words(), {}
    with pseudo.speaking():
        for route, row in ROWS.items():
            seen = [name for name in LOOKERS if row.expected(name) == 200][:2]
            seen += ["anonymous"] if row.expected("anonymous") == 200 else []
            for name in seen or [next((name for name in LOOKERS if row.expected(name) >= 400), "drafter")]:
                client, address = world.clients[name], world.url(route, world.ours)
                answers = [client.get(address)]
                if answers[0].context and answers[0].context.get("form") is not None and "accounts/" not in route:
                    with transaction.atomic():  # nothing of it stays
                        answers.append(client.post(address))
                        transaction.set_rollback(True)
                for answer in answers:
                    if "text/html" in answer.headers.get("Content-Type", ""):
                        found = bare(answer.content.decode(), data)
                        faults |= {f"{route} {name}": found} if found else {}
    assert faults == {}, json.dumps(faults, indent=1, ensure_ascii=False)


def test_error_pages_speak_the_pseudo_language(rf):
    """All six."""
    with pseudo.speaking(), translation.override(pseudo.LANGUAGE):
        faults = {name: bare(render_to_string(name, {}), []) for name in ERRORS}
    assert not any(faults.values()), faults


def test_every_mail_speaks_the_pseudo_language(world):
    """Subject and text of each mail that the world has queued, and of all about accounts."""
    data, faults, person = stored_words(), {}, world.people["drafter"]
    kinds = [kind for kind, notice in NOTICES.items() if notice.context is _credential_changed]
    with tenancy.installation(), transaction.atomic(), pseudo.speaking():
        for kind in [*kinds, "account.recovery_code_used", "account.password_reset"]:
            mail = OutgoingEmail(kind=kind, user=person, queued_at=NOW, ids={"left": 3})
            faults[kind] = bare(letter(mail), data)
    for tenant in (world.ours,):
        with tenancy.scope(tenant.framework.pk), transaction.atomic(), pseudo.speaking():
            for mail in OutgoingEmail.objects.filter(framework=tenant.framework):
                faults[mail.kind] = bare(letter(mail), data)
    assert not any(faults.values()), {kind: found for kind, found in faults.items() if found}


def letter(mail) -> str:
    """Subject and text as one; nothing for a mail that is not needed any more."""
    message = notices.render(mail)
    return f"{message.subject}\n{message.body}" if message else ""


@pytest.mark.parametrize("kind", ["draft", "text_copy", "sealed", "public"])
def test_printed_documents_speak_the_pseudo_language(kind):
    """Cover, document control, contents, schedules and signatures of each edition."""
    version = samples.golden()
    extras = samples.extras(version, kind)
    data = in_order({*texts_in(version), *texts_in(extras)})
    with pseudo.speaking():
        version["lang"] = pseudo.LANGUAGE
        context = protocol_context(version, extras | {"edition": extras["edition"] | {"canonical_sha256": None}})
        with translation.override(pseudo.LANGUAGE):
            html = render_to_string("pdf/protocol.html", context)
    found = bare(html, data)
    assert found == [], "\n".join(found)


def test_settings_know_no_pseudo_language(settings):
    """Only tests speak it."""
    assert [code for code, _name in settings.LANGUAGES] == ["en-gb"]
