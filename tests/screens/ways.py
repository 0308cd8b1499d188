"""A page to be photographed: as whom, and how the few are reached that a plain address does not show."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

ANYBODY, ADMIN, DRAFTER, SECRETARY = "anybody", "framework_admin", "drafter", "secretary"
SIGNER, AUDITOR = "representative", "auditor"
BOTH = "representative of two frameworks"
BREACHER = "breacher"  # the representative of the organisation in breach, in Anyshire
OWNER = "viewer"  # has signed in with password and code just now, so that the pages of an account ask for no proof


@dataclass(frozen=True)
class Page:
    """name: of the URL. persona: a role of the framework, or ANYBODY. args: name of a thing of the world, by
    converter. state: words in the file name, for several pictures of one page. path: instead of a name. before: done
    on the page before the picture is taken (playwright's page, world). query: behind the address; THEN is a day half a
    year ago. scripted: shows something only with JavaScript."""

    name: str
    persona: str = ANYBODY
    args: dict[str, str] = field(default_factory=dict)
    framework: str = "haringey"
    state: str = ""
    path: str = ""
    query: str = ""
    before: Callable | None = None
    scripted: bool = False

    @property
    def refused(self) -> bool:
        """Is it a form that was sent wrong?"""
        return bool(self.before) and self.state.split()[0:1] in (["empty"], ["wrong"], ["half"])

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


def marked_draft(content):
    """A file that says of itself that it is a draft."""
    from protocols.printing import DRAFT_MARK  # noqa: PLC0415  settings are read only when the server's are known

    return b"%PDF-1.7 " + DRAFT_MARK.encode()


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


def scripted(page):
    """The same page, which shows itself only with JavaScript."""
    return replace(page, scripted=True)


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
