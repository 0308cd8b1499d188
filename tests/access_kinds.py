"""The kinds of rows of tests/access_rows.py: who gets what from an address."""

from dataclasses import dataclass, field

INSIDE = (
    "viewer",
    "drafter",
    "representative",
    "secretary",
    "auditor",
    "organisation_admin",
    "framework_admin",
    "both",
)
OUTSIDE = ("former-partner", "revoked", "pending", "suspended", "other-framework")
SIGNED_IN = (*INSIDE, *OUTSIDE)
# Whose other role is of a suspended organisation has only what is left
AS = {"half-suspended": "viewer"}

# The converters of the addresses, and what is put there
VERSION = "<slug:framework>/protocols/<slug:reference>/<number:number>/"
PROCEDURE = "<slug:framework>/protocols/<slug:reference>/procedures/"
COMPARISON = "<slug:framework>/protocols/<slug:reference>/compare/<side:old>/<side:new>"


@dataclass
class Row:
    """answers: persona → status. ids: converter → kind of thing (tests.world.identifiers). state: which protocol of
    the tenant the reference names. below: has something below the framework, so foreign children are tried. url: a
    fixed address. public: anybody may read it. inside: @scoped lets everybody in,
    and the view turns away."""

    answers: dict[str, int]
    ids: dict[str, str] = field(default_factory=dict)
    state: str = "open"
    below: bool = False
    url: str = ""
    public: bool = False
    inside: bool = False

    def expected(self, persona: str) -> int:
        """The status that this persona gets."""
        return self.answers[AS.get(persona, persona)]


def everybody(status=200, **options) -> Row:
    """The same for all, signed in or not."""
    return Row(dict.fromkeys(("anonymous", "no-mfa", *SIGNED_IN), status), public=True, **options)


def open_to_all(**options) -> Row:
    """A public page of a framework. It shows members more, so a member without a second factor must set one up first."""
    return Row({"anonymous": 200, "no-mfa": 302, **dict.fromkeys(SIGNED_IN, 200)}, public=True, **options)


def signed_in(status=200, **options) -> Row:
    """Anybody with an account and a second factor."""
    return Row({"anonymous": 302, "no-mfa": 302, **dict.fromkeys(SIGNED_IN, status)}, **options)


def members(*roles, status=200, hidden=(), anonymous=302, **options) -> Row:
    """Members with one of the roles (all when none is named); other members 403, or 404 if what the address names is
    hidden from them; strangers 404; anonymous and people without a second factor are sent to sign in or set it up."""
    answers = {"anonymous": anonymous, "no-mfa": 302, **dict.fromkeys(OUTSIDE, 404)}
    for persona in INSIDE:
        answers[persona] = status if not roles or persona in roles else (404 if persona in hidden else 403)
    return Row(answers, **options)


def version(*roles, **options) -> Row:
    """A page of a version."""
    return members(*roles, below=True, **options)


def draft(status=200, **ids) -> Row:
    """A page of a draft: for drafters."""
    return version("drafter", status=status, state="draft", ids=ids)


def schedule(path: str, kind: str) -> dict[str, Row]:
    """The pages of one schedule of a draft."""
    base = f"{VERSION}draft/{path}/"
    return {
        base: draft(),
        f"{base}add/": draft(),
        f"{base}<int:pk>/": draft(pk=kind),
        f"{base}<int:pk>/remove/": draft(pk=kind),
    }


def account(status=200, anonymous=302, no_mfa=None, **options) -> Row:
    """A page about one's own account."""
    answers = {"anonymous": anonymous, "no-mfa": no_mfa or status, **dict.fromkeys(SIGNED_IN, status)}
    return Row(answers, **options)
