"""Which pages are photographed, as whom, and how the few are reached that a plain address does not show.

A page route that is missing here fails tests/test_screens.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from protocols.printing import DRAFT_MARK

ANYBODY, ADMIN, DRAFTER, SECRETARY = "anybody", "framework_admin", "drafter", "secretary"
SIGNER, AUDITOR = "representative", "auditor"
OWNER = "viewer"  # has signed in with password and code just now, so that the pages of an account ask for no proof


@dataclass(frozen=True)
class Page:
    """name: of the URL. persona: a role of the framework, or ANYBODY. args: name of a thing of the world, by
    converter. state: words in the file name, for several pictures of one page. path: instead of a name. before: done
    on the page before the picture is taken (playwright's page, world). query: behind the address."""

    name: str
    persona: str = ANYBODY
    args: dict[str, str] = field(default_factory=dict)
    framework: str = "haringey"
    state: str = ""
    path: str = ""
    query: str = ""
    before: Callable | None = None

    @property
    def file(self) -> str:
        """Name of its pictures, without width and ending."""
        return "-".join(filter(None, [self.name or "error", self.state])).replace(" ", "-").replace("_", "-")


def send(page, world):
    """Press the main button of the first form with nothing filled in: the page with its errors."""
    page.locator("main form:not(.portal-with-script) button[type=submit]").first.click()


def fill(**fields):
    """Fill boxes, then press the main button."""

    def run(page, world):
        for name, words in fields.items():
            page.locator(f"main [name={name}]").fill(words)
        send(page, world)

    return run


def upload(what, change=lambda content: content):
    """Choose a PDF of the protocol in force, perhaps changed, and press the main button."""

    def run(page, world):
        content = change(world.documents()[what])
        page.locator("[name=document]").set_input_files(
            {"name": "protocol.pdf", "mimeType": "application/pdf", "buffer": content}
        )
        send(page, world)

    return run


def with_code(page, world):
    """Prove with a code of the app that it is oneself."""
    fill(code=world.code_of(world.person(OWNER)))(page, world)


def choose_all(page, world):
    """Choose the first of the documents that wait, so that its page is shown."""
    page.goto(page.url.split("/sign/")[0] + "/sign/")
    page.locator("main [name=party]").first.check()
    send(page, world)


def choose_all_and_send(page, world):
    """The same, and sent with nothing ticked."""
    choose_all(page, world)
    send(page, world)


def press(words):
    """Press one button by its words."""

    def run(page, world):
        page.get_by_role("main").get_by_role("button", name=words, exact=True).click()

    return run


SECURITY = "/accounts/2fa/"


def password_of(page, world, email):
    """On the sign-in page."""
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(world.password)
    send(page, world)


def sign_in(page, world):
    """Password of the newcomer, so that the page that follows is the set-up of the app."""
    password_of(page, world, world.newcomer)


def choose_app(page, world):
    """The newcomer chooses the app."""
    sign_in(page, world)
    page.get_by_role("button", name="Set up an authenticator app").click()


def sign_in_half(page, world):
    """Password of somebody with an app: the page that asks for the code."""
    password_of(page, world, world.person("auditor"))


def sign_in_whole(page, world, email):
    """Password and code."""
    password_of(page, world, email)
    page.locator("[name=code]").fill(world.code_of(email))
    send(page, world)


def draft(name, persona=DRAFTER, state="", before=None, **args):
    """A page of the draft that waits for the newcomer."""
    return Page(name, persona, {"reference": "draft", "number": "1.0"} | args, state=state, before=before)


def live(name, persona=DRAFTER, state="", before=None, **args):
    """A page of the protocol in force."""
    return Page(name, persona, {"reference": "in_force", "number": "1.0"} | args, state=state, before=before)


def opened(name, persona=SIGNER, state="", before=None, **args):
    """A page of the protocol that is open for signature, in the small framework."""
    args = {"reference": "open", "number": "1.0"} | args
    return Page(name, persona, args, framework="anyshire", state=state, before=before)


def staged(name, what, persona=DRAFTER, state="", before=None, **args):
    """A page of a protocol that the world has brought into a state."""
    return Page(name, persona, {"reference": what, "number": "1.0"} | args, state=state, before=before)


def revised(name, state="", query=""):
    """The draft that was changed after its first round, against what was circulated."""
    sides = {"reference": "revised", "old": "1.0-draft-1", "new": "1.0"}
    return Page(name, DRAFTER, sides, state=state, query=query)


EVERYBODYS = [
    Page("home"),
    Page("framework", state="public"),
    Page("framework", DRAFTER),
    Page("framework", ADMIN, state="administrator"),
    Page("register"),
    Page("register", state="nothing found", query="?q=zzz"),
    Page("register", framework="anyshire", state="empty"),
    Page("register-organisations"),
    Page("register-organisations", state="nothing found", query="?q=zzz"),
    Page("join"),
    Page("join", state="empty", before=send),
    Page("join-sent"),
    Page("public-protocol", args={"reference": "in_force"}),
    Page("public-protocol", args={"reference": "general"}, state="general"),
    Page("verify"),
    Page("verify", state="nothing chosen", before=send),
    Page("verify", state="wrong code", before=fill(code="1234")),
    Page("verify", state="genuine", before=lambda page, world: fill(code=world.code)(page, world)),
    Page("verify", state="unknown", before=fill(code="AAAA-BBBB-CCCC")),
    Page("verify", state="public copy", before=upload("public")),
    Page("verify", state="text copy", before=upload("text-copy")),
    Page("verify", state="altered", before=upload("parties", lambda content: content[:-9] + b" " + content[-9:])),
    Page("verify", state="draft", before=upload("text-copy", lambda content: b"%PDF-1.7 " + DRAFT_MARK.encode())),
    Page("verify", state="unknown file", before=upload("text-copy", lambda content: content + b" ")),
    Page("checkpoints"),
    Page("help"),
    Page("accessibility"),
    Page("privacy"),
    Page("cookies"),
    Page("framework-help"),
    Page("framework-accessibility"),
    Page("framework-privacy"),
    Page("", path="/no-such-page/", state="404"),
    Page("people-invite", DRAFTER, state="403"),
    Page("demo"),
    Page("demo-mail"),
]
ACCOUNTS = [
    Page("account_login"),
    Page("account_login", state="empty", before=send),
    Page("account_login", state="wrong", before=fill(login="nobody@example.org", password="wrong")),
    Page("mfa_authenticate", path="/accounts/login/", before=sign_in_half),
    Page("mfa_activate_totp", path="/accounts/login/", before=choose_app),
    Page("mfa_set_up", path="/accounts/login/", before=sign_in),
    Page("mfa_list_webauthn", OWNER),
    Page("mfa_add_webauthn", OWNER),
    Page("account_sessions", OWNER),
    Page("account_logout", DRAFTER),
    Page("account_inactive"),
    Page("account_reauthenticate", DRAFTER),
    Page("account_change_password", OWNER),
    Page("account_change_password", OWNER, state="empty", before=send),
    Page("account_reset_password"),
    Page("account_reset_password_done"),
    Page("account_reset_password_from_key", path="/accounts/password/reset/key/1-no-key/", state="bad link"),
    Page("account_reset_password_from_key_done"),
    Page("mfa_index", DRAFTER),
    Page("mfa_reauthenticate", DRAFTER),
    Page("mfa_deactivate_totp", OWNER),
    Page("mfa_generate_recovery_codes", OWNER),
    Page("mfa_view_recovery_codes", OWNER, path=f"{SECURITY}recovery-codes/generate/", before=with_code),
    Page("invitation", args={"token": "token"}),
    Page("invitation", args={"token": "token"}, state="empty", before=send),
    Page("invitation", path="/invitations/not-a-token/", state="closed"),
]
FRAMEWORK = [
    Page("me", DRAFTER),
    Page("me", SIGNER, framework="anyshire", state="to sign"),
    Page("me", SECRETARY, state="secretary"),
    Page("people", DRAFTER),
    Page("people", ADMIN, state="administrator"),
    Page("people-invite", ADMIN),
    Page("people-invite", ADMIN, state="empty", before=send),
    Page("person-end", ADMIN, {"pk": "membership"}),
    Page("organisations", ADMIN),
    Page("organisation-new", ADMIN),
    Page("organisation-new", ADMIN, state="empty", before=send),
    Page("organisation-edit", ADMIN, {"pk": "member"}),
    Page("organisation-join", ADMIN),
    Page("organisation-join", ADMIN, state="found", query="?q=Anyshire+County+Council"),
    Page("organisation-join", ADMIN, state="nothing found", query="?q=zzz"),
    Page("organisation-suspend", ADMIN, {"pk": "member"}),
    Page("organisation-suspend", ADMIN, {"pk": "member"}, state="empty", before=send),
    Page("organisation-lift", ADMIN, {"pk": "suspended"}),
    Page("boards", ADMIN),
    Page("partnerships", ADMIN),
    Page("partnerships", ADMIN, framework="anyshire", state="none yet"),
    Page("partnership-new", ADMIN),
    Page("partnership-new", ADMIN, state="empty", before=send),
    Page("partnership-edit", ADMIN, {"pk": "partnership"}),
    Page("tiers", ADMIN),
    Page("tier-edit", ADMIN, {"pk": "free_tier"}),
    Page("closure-days", ADMIN),
    Page("closure-days", ADMIN, state="wrong date", before=fill(date="32 foo", title="")),
    Page("public-pages", ADMIN),
    Page("public-pages", ADMIN, state="wrong", before=fill(contact_email="x", reply_days="0")),
    Page("join-requests", ADMIN),
    Page("join-request", ADMIN, {"pk": "join_request"}),
    Page("join-request", ADMIN, {"pk": "join_request"}, state="empty", before=send),
    Page("ledger", AUDITOR),
    Page("protocol-history", AUDITOR, {"reference": "in_force"}),
    Page("protocol-history", AUDITOR, {"reference": "draft"}, state="draft"),
    Page("protocols", AUDITOR, state="as at", query="?as-at=2026-11-01"),
    Page("protocol", AUDITOR, {"reference": "in_force"}, state="as at", query="?as-at=2026-11-01"),
    Page("protocol", AUDITOR, {"reference": "in_force"}, state="as at wrong", query="?as-at=32+foo"),
    Page("register", state="as at", query="?as-at=2026-11-01"),
    Page("representatives", DRAFTER),
    Page("representatives", SECRETARY, state="secretary"),
    Page("representative-new", SECRETARY),
    Page("representative-new", SECRETARY, state="empty", before=send),
    Page("representative-end", SECRETARY, {"pk": "authority"}),
    Page("protocols", DRAFTER),
    Page("protocol", DRAFTER, {"reference": "in_force"}),
    Page("protocol", SIGNER, {"reference": "open"}, framework="anyshire", state="to sign"),
    Page("protocol", DRAFTER, {"reference": "draft"}, state="draft"),
    Page("version-new", DRAFTER, {"reference": "in_force"}),
    Page("procedures", DRAFTER, {"reference": "in_force"}),
    Page("procedures", SIGNER, {"reference": "in_force"}, state="representative"),
    Page("procedure-joint", DRAFTER, {"reference": "in_force"}),
    Page("procedure-joint", DRAFTER, {"reference": "in_force"}, state="empty", before=send),
    Page("procedure-local", SIGNER, {"reference": "in_force", "organisation": "mine"}),
    Page("manager-new", SIGNER, {"reference": "in_force", "organisation": "mine"}),
    Page("procedure-edit", SIGNER, {"reference": "in_force", "pk": "procedure"}),
    Page("procedure-remove", SIGNER, {"reference": "in_force", "pk": "procedure"}),
    Page("protocol-new", DRAFTER),
    Page("protocol-new", DRAFTER, state="empty", before=send),
    live("version"),
    live("clause-histories", AUDITOR),
    live("publication", SECRETARY),
    live(
        "publication",
        SECRETARY,
        state="empty",
        before=lambda p, w: (p.locator("[name=review_on]").fill(""), send(p, w)),
    ),
]
DRAFTING = [
    draft("draft"),
    draft("draft-details"),
    draft("draft-details", state="wrong dates", before=fill(effective_on="32 foo", review_first_months="x")),
    draft("draft-delete", state="409"),  # the demonstration has no draft that nobody saw
    draft("clause-edit", state="kept", uid="clause", before=lambda page, world: world.keep_typed(page)),
    draft("draft-unsaved", before=lambda page, world: world.keep_typed(page, "draft-unsaved")),
    draft("draft-again", state="409"),
    draft("draft-clauses"),
    draft("clause-new"),
    draft("clause-new", state="preview", before=press("Preview")),
    draft("clause-edit", uid="clause"),
    draft("clause-edit", state="stale", uid="clause", before=lambda page, world: world.clash(page)),
    draft("clause-remove", uid="clause"),
    Page("clause-history", AUDITOR, {"reference": "draft", "uid": "clause"}),
    *[
        page
        for name, thing in (
            ("terms", "term"),
            ("purposes", "purpose"),
            ("items", "item"),
            ("related", "related"),
            ("flows", "flow"),
            ("parties", "party"),
        )
        for page in (
            draft(f"draft-{name}"),
            draft(f"draft-{name}-add"),
            draft(f"draft-{name}-edit", pk=thing),
            draft(f"draft-{name}-remove", pk=thing),
        )
    ],
    draft("draft-items-add", state="empty", before=send),
    draft("consultation", state="none yet"),
    draft("consultation-open"),
    draft("consultation-open", state="empty", before=send),
    draft("approval", state="to submit"),
]
STAGED = [
    staged("consultation", "consulted"),
    staged("consultation", "consulted", SIGNER, state="representative"),
    staged("consultation-close", "consulted"),
    staged("comment-new", "consulted", SIGNER),
    staged("comment-new", "consulted", SIGNER, state="empty", before=send),
    staged("comment-respond", "consulted", pk="comment"),
    staged("comment-respond", "consulted", pk="comment", state="empty", before=send),
    staged("comment-reply", "consulted", SIGNER, pk="comment"),
    staged("consultation-extend", "consulted"),
    staged("consultation-extend", "consulted", state="empty", before=send),
    staged("consulted", "consulted"),
    staged("consulted-add", "consulted"),
    staged("consulted-add", "consulted", state="wrong", before=fill(groups="children", held_on="32 foo")),
    staged("consulted-edit", "consulted", pk="consulted_row"),
    staged("consulted-remove", "consulted", pk="consulted_row"),
    staged("draft-issue", "consulted", SIGNER, draft="1"),
    staged("intention", "consulted", SIGNER, party="own_party"),
    staged("intention", "consulted", SIGNER, party="own_party", state="empty", before=send),
    staged("approval", "consulted", SECRETARY, state="intentions"),
    staged("approval", "urgent", SECRETARY, state="urgent"),
    staged("approval-ratify", "urgent", SECRETARY),
    staged("approval-ratify", "urgent", SECRETARY, state="empty", before=send),
    staged("draft", "consulted", state="in consultation"),
    staged("draft-again", "approved"),
    staged("approval", "submitted", SECRETARY, state="waits"),
    staged("approval-decide", "submitted", SECRETARY),
    staged("approval-decide", "submitted", SECRETARY, state="empty", before=send),
    staged("approval", "approved"),
    staged("open-for-signature", "approved"),
    Page("compare", DRAFTER, {"reference": "revised"}),
    Page("compare", DRAFTER, {"reference": "revised"}, state="same twice", query="?old=1.0&new=1.0"),
    Page("compare", DRAFTER, {"reference": "consulted"}, state="one text"),
    revised("redline"),
    revised("redline", state="changes", query="?show=changes"),
    Page("redline", DRAFTER, {"reference": "revised", "old": "1.0", "new": "1.0"}, state="409"),
    Page("protocol", DRAFTER, {"reference": "revised"}, state="to compare"),
]
SIGNING = [
    opened("signatures", DRAFTER),
    opened("sign", party="party_waiting"),
    opened("sign", party="party_waiting", state="empty", before=send),
    opened("sign", party="party_signed", persona="signed", state="signed"),
    Page("sign-several", SIGNER, framework="anyshire"),
    Page("sign-together", SIGNER, framework="anyshire", state="nothing chosen"),
    Page("sign-together", SIGNER, framework="anyshire", state="one", before=choose_all),
    Page("sign-together", SIGNER, framework="anyshire", state="empty", before=choose_all_and_send),
    Page("authority-delegate", SIGNER, framework="anyshire"),
    Page("authority-delegate", SIGNER, framework="anyshire", state="empty", before=send),
    Page("delegation-revoke", SIGNER, {"pk": "delegation"}, framework="anyshire"),
    opened("sign-done", party="party_signed", persona="signed"),
    opened("decline", party="party_waiting"),
    opened("decline", party="party_waiting", state="empty", before=send),
    opened("party-invite", DRAFTER, party="party_waiting"),
    opened("party-release", SECRETARY, party="party_waiting"),
    opened("party-release", SECRETARY, party="party_waiting", state="empty", before=send),
    opened("version-withdraw", SECRETARY),
    opened("version-withdraw", SECRETARY, state="empty", before=send),
    opened("open-for-signature", DRAFTER, state="409"),
]
PILOTS = [
    Page("adoption", SECRETARY, {"reference": "policy", "number": "1.0"}),
    Page("adoption", SECRETARY, {"reference": "policy", "number": "1.0"}, state="empty", before=send),
    Page("protocol", SECRETARY, {"reference": "policy"}, state="to adopt"),
    draft("draft-parent"),
    draft("draft-pilot"),
    draft("draft-pilot", state="half", before=fill(starts_on="1 June 2027")),
    live("pilot"),
    live("pilot", SECRETARY, state="secretary"),
    live("pilot-evaluation"),
    live("pilot-outcome", SECRETARY),
    live("pilot-outcome", SECRETARY, state="empty", before=send),
    live("version-withdraw", SECRETARY, state="in force"),
    live("version-withdraw", SECRETARY, state="in force empty", before=send),
]
PAGES = [*EVERYBODYS, *ACCOUNTS, *FRAMEWORK, *DRAFTING, *STAGED, *SIGNING, *PILOTS]

# Routes that show no page of their own, and why
NO_PAGE = {
    "sign-together-done": "the answer to signing several documents; the demonstration signs none of these",
    "healthz": "for machines",
    "readyz": "for machines",
    "protocols-csv": "a download",
    "register-csv": "a download",
    "file": "a download",
    "sign-text-copy": "a download",
    "redline-pdf": "a download",
    "approval-submit": "a button of the page of the approval",
    "approval-confirm": "a button of the page of the approval",
    "invitation-revoke": "a button of the list of people",
    "mfa_login_webauthn": "a button of the sign-in page",
    "passkey-challenge": "for the browser",
    "mfa_edit_webauthn": "takes a device; looked at in tests/journeys/test_passkeys.py",
    "mfa_remove_webauthn": "takes a device; looked at in tests/journeys/test_passkeys.py",
    "mfa_reauthenticate_webauthn": "takes a device; looked at in tests/journeys/test_passkeys.py",
    "demo-sign-in": "a button of the page of the demonstration",
}
