"""Which tests are asked whether a guard is missing.

A check in code is judged by the tests beside it, then by every fast test in which it decided something
(tests/sabotage/loop.py finds them out). For what is not code of ours (policies, functions of the database, decorators,
data), this table says which.
"""

from pathlib import Path

HERE = Path(__file__).parents[1]
APPS = ("portal", "protocols", "signatories", "breaches", "reviews")
ACCESS = "tests/test_access.py"
MATRIX = f"{ACCESS}::test_each_persona_gets_what_the_row_says["
DATABASE = f"{ACCESS}::test_the_database_itself"
# Which tests can notice the absence of a guard of this kind: first those of the matrix, then whole files
FIRST = {
    "policies": [DATABASE, "tests/breaches/test_closed_session.py::test_the_database"],
    "visible_to": [
        f"{ACCESS}::test_nothing_is_visible_to_strangers",
        f"{ACCESS}::test_visible_to_gives_each_role_its_rows",
        f"{ACCESS}::test_visible_to_stays_in_the_framework",
        f"{ACCESS}::test_no_visible_to_gives_what_its_reader_may_not_see",
        f"{ACCESS}::test_who_is_party_to_nothing",
    ],
    "doors": [f"{ACCESS}::test_who_is_party_to_nothing"],
    "@scoped of views": ["route"],
    "permissions.py": ["perm", "few", "test_the_other_framework_stays_closed[<slug:framework>/protocols/"],
}
THEN = {
    "policies": ["portal/test_row_level_security.py"],
    "functions across tenants": ["portal/test_row_level_security.py", "portal/test_people.py"],
    "permissions.py": [
        "portal/test_deputies.py",
        "portal/test_organisations.py",
        "portal/test_people.py",
        "portal/test_members.py",
    ],
}
# Tests that never come near a guard, and take long
NO_JUDGES = (
    "test_embedded",
    "test_static",
    "test_demo",
    "test_deadlines_enumeration",
    "test_working_days",
    "test_query",
)
# POST speaks for these
NOT_ASKED = ("-put]", "-patch]", "-delete]")
MARKERS = "not browser and not race and not pdfvalid and not server and not slow"


def files() -> list[str]:
    """All that are asked; the matrix last, so that its world is still there when the sabotage begins."""
    found = [path for app in APPS for path in sorted((HERE / app).glob("test_*.py"))]
    asked = [f"tests/{path.relative_to(HERE)}" for path in found if not path.name.startswith(NO_JUDGES)]
    return [*asked, ACCESS]


# Modules whose tests have other names than theirs
ALSO = {
    "breaches.hiding": ("breaches/test_handing_over",),
    "breaches.models.session": ("breaches/test_closed_session",),
    "breaches.notices": ("breaches/test_reporting", "breaches/test_procedure"),
    "breaches.outcome": ("breaches/test_outcome", "breaches/test_procedure", "breaches/test_handing_over"),
    "breaches.parties": ("breaches/test_views",),
    "breaches.register": ("breaches/test_views",),
    "breaches.todo": ("breaches/test_procedure", "breaches/test_handing_over", "breaches/test_views"),
    "breaches.views_outcome": (
        "breaches/test_outcome",
        "breaches/test_procedure",
        "breaches/test_handing_over",
        "breaches/test_views",
    ),
    "breaches.views_reporting": ("breaches/test_views",),
    "portal.agenda_page": ("portal/test_agendas",),
    "portal.guards": (
        "portal/test_sessions",
        "portal/test_second_factor",
        "portal/test_people",
        "protocols/test_unsaved",
    ),
    "portal.handing_over": ("breaches/test_handing_over",),
    "portal.minutes": ("breaches/test_handing_over",),
    "portal.models.agenda_item": ("portal/test_agendas",),
    "portal.models.ledger": ("portal/test_agendas", "breaches/test_closed_session"),
    "portal.models.meeting": ("portal/test_minutes",),
    "portal.models.people": ("portal/test_permissions",),
    "portal.views_agenda": ("portal/test_meeting_pages",),
    "portal.views_calendar": ("portal/test_feeds", "portal/test_views_deadlines", "breaches/test_handing_over"),
    "portal.views_meetings": ("portal/test_meeting_pages", "breaches/test_handing_over"),
    "protocols.clause_history": ("protocols/test_history",),
    "protocols.page_rows": ("protocols/test_register",),
    "protocols.protocol_page": ("protocols/test_files", "protocols/test_register"),
    "protocols.verification": ("protocols/test_verify",),
    "protocols.views_comments": ("protocols/test_consultation",),
    "protocols.views_drafts": ("protocols/test_consultation",),
    "protocols.views_history": ("protocols/test_register",),
    "reviews.agenda": ("reviews/test_workflow", "reviews/test_views"),
    "reviews.looking_up": ("reviews/test_views",),
    "reviews.models.finding": ("reviews/test_views",),
    "reviews.models.review": ("reviews/test_views",),
    "reviews.notices": ("reviews/test_workflow", "reviews/test_views"),
    "reviews.review_page": ("reviews/test_views",),
    "reviews.sections": ("reviews/test_views",),
    "reviews.views_holding": ("reviews/test_views", "reviews/test_workflow"),
    "reviews.views_laws": ("reviews/test_triggers",),
    "reviews.views_plan": ("reviews/test_views",),
    "signatories.forms_authority": ("signatories/test_delegation",),
    "signatories.obstacles": ("signatories/test_views", "signatories/test_workflow", "signatories/test_delegation"),
    "signatories.presenters": ("signatories/test_views",),
    "signatories.views_representatives": ("signatories/test_delegation",),
}


def beside(module: str) -> tuple[str, ...]:
    """The beginning of the names of the tests of a module: views_pilot.py and models/pilot.py have theirs in
    test_pilots.py or test_views_pilot.py."""
    app, name = module.split(".")[0], module.split(".")[-1]
    names = {name, name.removeprefix("views_"), name.removesuffix("s")}
    return (
        *(f"tests/{app}/test_{each}" for each in sorted(names)),
        *(f"tests/{each}" for each in ALSO.get(module, ())),
    )
