"""Rows of the access matrix: breaches (tests/access_rows.py). The lead reported it, the partner is in breach."""

from tests.access_kinds import INSIDE, Row, members

OTHERS = tuple(persona for persona in INSIDE if persona != "representative")
BREACH = "<slug:framework>/breaches/<int:number>/"


def breach(*roles, **options) -> Row:
    """A page of a breach: for every party, the organisation in breach, the board's secretary and who reads the ledger."""
    ids = {"number": "breach"} | options.pop("ids", {})
    return members(*roles, ids=ids, below=True, state="in_force", **options)


def session(*roles, **options) -> Row:
    """A page of the closed session: for the others of the breach it is not there."""
    return breach(*roles, hidden=INSIDE, **options)


def unsent(status=200, **ids) -> Row:
    """A page of a report that was not sent: its author’s alone, here the representative’s."""
    return members("representative", hidden=OTHERS, status=status, ids={"draft": "breach-draft", **ids}, below=True)


BREACHES = {
    "<slug:framework>/breaches/": members(),
    "<slug:framework>/breaches/breaches.csv": members(),
    "<slug:framework>/breaches/breaches.xlsx": members(),
    "<slug:framework>/breaches/report/": members(),
    "<slug:framework>/breaches/report/<int:draft>/": unsent(),
    "<slug:framework>/breaches/report/<int:draft>/discard/": members(status=405, ids={"draft": "breach-draft"}),
    "<slug:framework>/breaches/report/<int:draft>/<slug:key>/": unsent(key="step"),
    BREACH: breach(),
    f"{BREACH}reported/": breach(),
    f"{BREACH}notices/<int:notice>/acknowledge/": breach(status=405, ids={"notice": "notice"}),
    f"{BREACH}regulator/": breach(),
    # its own people alone, here the partner's
    f"{BREACH}regulator/<int:controller>/<slug:act>/": breach(
        "representative", ids={"controller": "controller", "act": "act"}, hidden=("drafter", "secretary")
    ),
    f"{BREACH}regulator/new/": breach("drafter", "secretary", "representative"),
    f"{BREACH}regulator/processor/": breach("drafter", "secretary", "representative"),
    f"{BREACH}write/<int:organisation>/": breach(
        "representative", ids={"organisation": "partner"}, hidden=("drafter", "secretary")
    ),
    f"{BREACH}reports/<int:report>/": breach(ids={"report": "written-report"}),
    f"{BREACH}reports/<int:report>/pdf/": breach(status=409, ids={"report": "written-report"}),  # nothing sweeps here
    # in closed session: the partner is in breach, so for its people none of it exists (HAR-6.4)
    f"{BREACH}session/": session("drafter", "secretary", "auditor", "framework_admin"),
    f"{BREACH}session/note/": session("drafter", "secretary", "auditor", "framework_admin"),
    f"{BREACH}session/propose/": session("drafter", "secretary", "auditor", "framework_admin"),
    f"{BREACH}session/proposals/<int:proposal>/votes/": session("drafter", "secretary", ids={"proposal": "proposal"}),
    f"{BREACH}session/decide/": session("drafter", "secretary"),
    f"{BREACH}session/recall/": session("drafter", "secretary", status=409),  # it has not decided
    f"{BREACH}session/end/": breach(status=405),
    f"{BREACH}session/begin/": breach("drafter", "secretary", status=409, hidden=("representative",)),
    # an administrator of no organisation in breach stands in where the secretary must not (HAR-6.4)
    f"{BREACH}meeting/": session("drafter", "secretary", "framework_admin", status=409),
    f"{BREACH}officers/": session("drafter", "secretary", "framework_admin"),
    f"{BREACH}present/": session("drafter", "secretary", "framework_admin", status=409),
    f"{BREACH}minutes/": session("drafter", "secretary"),
    f"{BREACH}minutes/circulate/": session("drafter", "secretary", status=409),
    f"{BREACH}minutes/pdf/": breach(status=404),  # not circulated
    f"{BREACH}sanctions/<int:sanction>/done/": breach(
        "drafter", "secretary", "representative", ids={"sanction": "sanction"}
    ),
    f"{BREACH}sanctions/<int:sanction>/lift/": session(
        "drafter", "secretary", "framework_admin", ids={"sanction": "suspension"}
    ),
    f"{BREACH}close/": session("drafter", "secretary", "framework_admin", status=409),
    # who reported it for the lead, the people of the partner, the secretary
    f"{BREACH}correct/": session("drafter", "secretary", "representative"),
    f"{BREACH}notices/<int:notice>/told/": session(
        "drafter", "secretary", "representative", "framework_admin", ids={"notice": "notice"}
    ),
}
