"""What each persona gets from a GET of each address. See tests/test_access.py.

A row is written from what the address is for, never copied from what it answers.
"""

from tests.access_kinds import (
    COMPARISON,
    INSIDE,
    PROCEDURE,
    SIGNED_IN,
    VERSION,
    Row,
    account,
    draft,
    everybody,
    members,
    open_to_all,
    schedule,
    signed_in,
    version,
)
from tests.access_rows_breaches import BREACHES
from tests.access_rows_meetings import MEETINGS
from tests.access_rows_reviews import REVIEWS

PUBLIC = {
    "": everybody(),
    "healthz": everybody(),
    "readyz": everybody(503),  # nothing sweeps in these tests
    "checkpoints/": everybody(),
    "verify/": everybody(),
    "help/": everybody(),
    "accessibility/": everybody(),
    "privacy/": everybody(),
    "cookies/": everybody(),
    "<slug:framework>/help/": open_to_all(),
    "<slug:framework>/accessibility/": open_to_all(),
    "<slug:framework>/privacy/": open_to_all(),
    "invitations/<str:token>/": everybody(404, url="/invitations/not-a-token/"),
    "<slug:framework>/": open_to_all(),
    "<slug:framework>/register/": open_to_all(),
    "<slug:framework>/register/register.csv": open_to_all(),
    "<slug:framework>/register/<slug:reference>/": open_to_all(state="in_force", below=True),
    "<slug:framework>/register/organisations/": open_to_all(),
    "<slug:framework>/register/join/": open_to_all(),
    "<slug:framework>/register/join/sent/": open_to_all(),
}
FRAMEWORK = {
    "<slug:framework>/people/": members(),
    "<slug:framework>/people/invite/": members("framework_admin"),
    "<slug:framework>/people/<int:pk>/end/": members("framework_admin", ids={"pk": "membership"}, below=True),
    "<slug:framework>/invitations/<int:pk>/revoke/": members(
        "framework_admin", status=405, ids={"pk": "invitation"}, below=True
    ),
    "<slug:framework>/organisations/": members(),
    "<slug:framework>/organisations/new/": members("framework_admin"),
    "<slug:framework>/organisations/<int:pk>/edit/": members(
        "framework_admin", "organisation_admin", ids={"pk": "member-organisation"}, below=True
    ),
    "<slug:framework>/organisations/<int:pk>/deputies/": members(
        "framework_admin", "organisation_admin", ids={"pk": "member-organisation"}, below=True
    ),
    "<slug:framework>/organisations/<int:pk>/deputies/<int:person>/": members(
        "framework_admin", "organisation_admin", ids={"pk": "member-organisation", "person": "person"}, below=True
    ),
    "<slug:framework>/reminders/": members("framework_admin"),
    "<slug:framework>/reminders/mails/<int:pk>/retry/": members(
        "framework_admin", status=405, ids={"pk": "dead-mail"}, below=True
    ),
    "<slug:framework>/reminders/jobs/<int:pk>/retry/": members(
        "framework_admin", status=405, ids={"pk": "given-up-job"}, below=True
    ),
    "<slug:framework>/organisations/join/": members("framework_admin"),
    "<slug:framework>/organisations/<int:pk>/suspend/": members(
        "framework_admin", ids={"pk": "member-organisation"}, below=True
    ),
    "<slug:framework>/organisations/<int:pk>/lift/": members(
        "framework_admin",
        status=409,
        ids={"pk": "member-organisation"},
        below=True,  # it is not suspended
    ),
    "<slug:framework>/boards/": members(),
    "<slug:framework>/partnerships/": members(),
    "<slug:framework>/partnerships/new/": members("framework_admin"),
    "<slug:framework>/partnerships/<int:pk>/edit/": members("framework_admin", ids={"pk": "partnership"}, below=True),
    "<slug:framework>/tiers/": members(),
    "<slug:framework>/tiers/<int:pk>/edit/": members("framework_admin", ids={"pk": "free-tier"}, below=True),
    "<slug:framework>/closure-days/": members(),
    "<slug:framework>/closure-days/<int:pk>/remove/": members("framework_admin", ids={"pk": "closure-day"}, below=True),
    "<slug:framework>/public-pages/": members("framework_admin"),
    "<slug:framework>/join-requests/": members("secretary", "framework_admin"),
    "<slug:framework>/join-requests/<int:pk>/": members(
        "secretary", "framework_admin", ids={"pk": "join-request"}, below=True
    ),
    "<slug:framework>/deadlines/": members(),
    "<slug:framework>/deadlines/deadlines.csv": members(),
    "<slug:framework>/deadlines/deadlines.xlsx": members(),
    "<slug:framework>/deadlines/calendar/": members(),
    "<slug:framework>/deadlines/<int:pk>/": members(ids={"pk": "deadline"}, below=True),
    "<slug:framework>/deadlines/filters/new/": members(),
    # one's own: only the drafter has one here, and for everybody else it does not exist
    "<slug:framework>/deadlines/filters/<int:pk>/delete/": members(
        "drafter", hidden=INSIDE, ids={"pk": "saved-filter"}, below=True
    ),
    "<slug:framework>/calendar-feeds/": members(),
    "<slug:framework>/calendar-feeds/<int:pk>/revoke/": members(
        "drafter", hidden=INSIDE, ids={"pk": "calendar-feed"}, below=True
    ),
    # for calendar programs: the address is all they have, and this one is none (tests/portal/test_feeds.py has real ones)
    "<slug:framework>/calendar/<str:token>.ics": Row(
        {"anonymous": 404, "no-mfa": 302, **dict.fromkeys(SIGNED_IN, 404)},
        url="/north-area/calendar/not-a-token.ics",
        public=True,
    ),
    "<slug:framework>/progress/": members("drafter", "secretary", "auditor", "framework_admin"),
    # a PDF is made for each of four; tests/pdf/test_progress.py looks into one
    "<slug:framework>/progress/report.pdf": members("drafter", "secretary", "auditor", "framework_admin"),
    "<slug:framework>/ledger/": members("auditor", "framework_admin"),
    "<slug:framework>/representatives/": members(),
    "<slug:framework>/representatives/new/": members("secretary", "framework_admin"),
    "<slug:framework>/representatives/<int:pk>/end/": members(
        "secretary", "framework_admin", ids={"pk": "authority"}, below=True
    ),
    "<slug:framework>/representatives/delegate/": members("representative"),
    "<slug:framework>/representatives/<int:pk>/take-back/": members(
        "representative", ids={"pk": "delegation"}, below=True
    ),
    # a public file is for everybody, so anonymous people are not sent to sign in for the others: not found
    "<slug:framework>/files/<uuid:uid>/": members(
        state="in_force", ids={"uid": "file"}, below=True, anonymous=404, inside=True
    ),
}
PROTOCOLS = {
    "<slug:framework>/protocols/": members(),
    "<slug:framework>/protocols/new/": members("drafter"),
    "<slug:framework>/protocols/<slug:reference>/": version(),
    "<slug:framework>/protocols/<slug:reference>/next/": version("drafter", status=409),  # one is under way
    "<slug:framework>/protocols/<slug:reference>/compare/": version(),
    f"{COMPARISON}/": version(ids={"old": "draft-side", "new": "version-side"}),
    # a text is not compared with itself, and no PDF is made eight times over (tests/protocols/test_compare.py makes one)
    f"{COMPARISON}/pdf/": version(status=409, ids={"old": "version-side", "new": "version-side"}),
    "<slug:framework>/protocols/protocols.csv": members("drafter", "secretary", "auditor", "framework_admin"),
    "<slug:framework>/protocols/<slug:reference>/history/": version(),
    # a draft's clause: its protocol is not there for viewers and representatives
    "<slug:framework>/protocols/<slug:reference>/clauses/<uuid:uid>/history/": version(
        "drafter",
        "secretary",
        "auditor",
        "framework_admin",
        state="draft",
        ids={"uid": "clause"},
        hidden=("viewer", "representative", "organisation_admin", "both"),
    ),
    f"{VERSION}history/": version(),
    VERSION: version(),
    f"{VERSION}draft/": draft(),
    f"{VERSION}draft/again/": version("drafter", state="urgent"),
    f"{VERSION}draft/details/": draft(),
    f"{VERSION}draft/delete/": draft(),
    f"{VERSION}draft/unsaved/": draft(),
    f"{VERSION}draft/clauses/": draft(),
    f"{VERSION}draft/clauses/new/": draft(),
    f"{VERSION}draft/clauses/<uuid:uid>/": draft(uid="clause"),
    f"{VERSION}draft/clauses/<uuid:uid>/remove/": draft(uid="clause"),
    **schedule("definitions", "term"),
    **schedule("purposes", "purpose"),
    **schedule("data-items", "item"),
    **schedule("related", "related"),
    **schedule("flows", "flow"),
    **schedule("parties", "draft-party"),
    # a draft that was never circulated is not there for viewers and representatives
    f"{VERSION}consultation/": version("drafter", "secretary", state="draft", hidden=("representative",)),
    f"{VERSION}consultation/open/": draft(),
    f"{VERSION}consultation/extend/": version("drafter", state="consulted"),
    f"{VERSION}consultation/close/": version("drafter", state="consulted"),
    f"{VERSION}consultation/comment/": version("drafter", "secretary", "representative", state="consulted"),
    f"{VERSION}consultation/comments/<int:pk>/": version("drafter", state="consulted", ids={"pk": "comment"}),
    f"{VERSION}consultation/comments/<int:pk>/reply/": version(
        "drafter", "secretary", "representative", state="consulted", ids={"pk": "comment"}
    ),
    f"{VERSION}consulted/": draft(),
    f"{VERSION}consulted/add/": draft(),
    f"{VERSION}consulted/<int:pk>/": draft(pk="consulted"),
    f"{VERSION}consulted/<int:pk>/remove/": draft(pk="consulted"),
    f"{VERSION}drafts/<int:draft>/": version(ids={"draft": "issue"}),
    f"{VERSION}parties/<int:party>/intention/": version("representative", ids={"party": "party"}),
    f"{VERSION}approval/": version(
        "drafter", "secretary", state="draft", hidden=("viewer", "representative", "organisation_admin", "both")
    ),
    f"{VERSION}approval/submit/": draft(302),
    f"{VERSION}approval/confirm/": version("secretary", status=302, state="draft"),
    f"{VERSION}approval/decide/": version("secretary", state="submitted"),
    f"{VERSION}approval/ratify/": version("secretary", state="urgent"),
    f"{VERSION}publication/": version("secretary", state="in_force"),
    f"{VERSION}adoption/": version("secretary", status=409),  # it is signed, not adopted
    f"{VERSION}draft/pilot/": draft(),
    f"{VERSION}draft/parent/": draft(),
    f"{VERSION}pilot/": version(state="in_force"),
    f"{VERSION}pilot/evaluation/": version("drafter", state="in_force"),
    f"{VERSION}pilot/outcome/": version("secretary", state="in_force"),
}
PROCEDURES = {
    f"{PROCEDURE}": version(),
    f"{PROCEDURE}joint/": version("drafter"),
    f"{PROCEDURE}of/<int:organisation>/": version("representative", ids={"organisation": "partner"}),
    f"{PROCEDURE}of/<int:organisation>/manager/": version("representative", ids={"organisation": "partner"}),
    f"{PROCEDURE}<int:pk>/": version("representative", ids={"pk": "arrangement"}),
    f"{PROCEDURE}<int:pk>/remove/": version("representative", ids={"pk": "arrangement"}),
}
SIGNING = {
    "<slug:framework>/sign/": members("representative"),
    "<slug:framework>/sign/together/": members("representative"),
    "<slug:framework>/sign/together/done/": members("representative", status=302),  # it names nothing
    f"{VERSION}open/": version("drafter", status=409),  # it is open already
    f"{VERSION}signatures/": version(),
    f"{VERSION}withdraw/": version("secretary"),
    f"{VERSION}parties/<int:party>/invite/": version("drafter", ids={"party": "party"}),
    f"{VERSION}parties/<int:party>/release/": version("secretary", ids={"party": "party"}),
    f"{VERSION}sign/<int:party>/": version("representative", ids={"party": "party"}),
    f"{VERSION}sign/<int:party>/decline/": version("representative", ids={"party": "party"}),
    f"{VERSION}sign/<int:party>/done/": version("representative", status=302, ids={"party": "party"}),  # not signed yet
    f"{VERSION}sign/<int:party>/text-copy/": version("representative", ids={"party": "party"}),
}
ACCOUNT = {
    "me/": signed_in(),
    "me/protocols/": signed_in(),
    "me/protocols/protocols.csv": signed_in(),
    "me/protocols/protocols.xlsx": signed_in(),
    "accounts/login/": account(302, anonymous=200),
    "accounts/logout/": account(),
    "accounts/inactive/": everybody(),
    "accounts/reauthenticate/": account(),
    "accounts/password/change/": account(),
    "accounts/password/reset/": everybody(),
    "accounts/password/reset/done/": everybody(),
    "accounts/password/reset/key/done/": everybody(),
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": everybody(
        url="/accounts/password/reset/key/1-not-a-key/"
    ),
    "accounts/reminders/": account(no_mfa=302),
    "accounts/2fa/": account(),
    "accounts/2fa/authenticate/": account(302),
    "accounts/2fa/reauthenticate/": account(no_mfa=302),
    "accounts/2fa/totp/activate/": account(302),  # re-authentication first, or it is active already
    "accounts/2fa/totp/deactivate/": account(302),
    "accounts/sessions/": account(302),  # re-authentication first
    "accounts/2fa/set-up/": account(),
    "accounts/2fa/passkeys/": account(no_mfa=302),
    "accounts/2fa/passkeys/add/": account(302),  # a fresh second factor first
    "accounts/2fa/passkeys/<int:pk>/rename/": account(302, url="/accounts/2fa/passkeys/1/rename/"),
    "accounts/2fa/passkeys/<int:pk>/remove/": account(302, url="/accounts/2fa/passkeys/1/remove/"),
    "accounts/2fa/passkeys/reauthenticate/": account(302),  # nobody here has a passkey: another way
    "accounts/2fa/passkeys/sign-in/": everybody(302),
    "accounts/2fa/passkeys/challenge/": account(404, no_mfa=302),  # no passkey, nothing to ask for
    "accounts/2fa/recovery-codes/": account(404, no_mfa=302),
    "accounts/2fa/recovery-codes/generate/": account(302),
}
ROWS = {**BREACHES, **PUBLIC, **FRAMEWORK, **MEETINGS, **PROTOCOLS, **PROCEDURES, **SIGNING, **REVIEWS, **ACCOUNT}
