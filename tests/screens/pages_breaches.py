"""Pages of breaches, as they are photographed."""

from tests.screens.ways import AUDITOR, BREACHER, DRAFTER, SECRETARY, SIGNER, Page, send


def breach(name, persona=SECRETARY, state="", before=None, **args):
    """A page of the breach that was just reported."""
    return Page(name, persona, {"number": "breach", **args}, framework="anyshire", state=state, before=before)


def closed_breach(name, persona=SECRETARY, state="in closed session", before=None, **args):
    """A page of the breach that is in closed session."""
    return Page(
        name, persona, {"number": "breach_in_session", **args}, framework="anyshire", state=state, before=before
    )


BREACHES = [
    Page("breaches", SECRETARY, framework="anyshire"),
    Page("breaches", DRAFTER, state="none"),
    Page("breaches", SECRETARY, framework="anyshire", state="nothing found", query="?q=zzz"),
    Page("breach-report", AUDITOR, framework="anyshire"),
    Page("breach-report-step", AUDITOR, {"draft": "breach_draft", "key": "happened"}, framework="anyshire"),
    Page(
        "breach-report-step",
        AUDITOR,
        {"draft": "breach_draft", "key": "happened"},
        framework="anyshire",
        state="empty",
        before=send,
    ),
    Page(
        "breach-report-step", AUDITOR, {"draft": "breach_draft", "key": "identified"}, framework="anyshire", state="2"
    ),
    Page("breach-report-step", AUDITOR, {"draft": "breach_draft", "key": "protocol"}, framework="anyshire", state="3"),
    Page(
        "breach-report-step",
        AUDITOR,
        {"draft": "breach_draft", "key": "organisations"},
        framework="anyshire",
        state="3 parties",
    ),
    Page("breach-report-step", AUDITOR, {"draft": "breach_draft", "key": "data"}, framework="anyshire", state="4"),
    Page("breach-report-check", AUDITOR, {"draft": "breach_draft"}, framework="anyshire"),
    breach("breach"),
    breach("breach", SIGNER, state="representative"),
    breach("breach-reported"),
    breach("breach-regulator"),
    breach("breach-regulator", BREACHER, state="own"),
    *[
        breach("breach-controller", BREACHER, state=act, controller="controller", act=act)
        for act in ("assess", "notified", "not-notified", "people")
    ],
    breach("breach-controller", BREACHER, state="empty", before=send, controller="controller", act="notified"),
    breach("breach-controller-new", BREACHER),
    breach("breach-processor", BREACHER),
    breach("breach-write", BREACHER, organisation="breacher"),
    breach("breach-write", BREACHER, state="empty", before=send, organisation="breacher"),
    breach("breach-correct", SECRETARY),
    Page("breach-written", SECRETARY, {"number": "breach_written", "report": "written_report"}, framework="anyshire"),
    breach("breach-call"),
    breach("breach-call", state="empty", before=send),
    *[
        closed_breach(name)
        for name in ("breach", "breach-officers", "breach-session", "breach-note", "breach-propose", "breach-decide")
    ],
    closed_breach("breach", BREACHER, state="in breach"),
    closed_breach("breach-propose", state="empty", before=send),
    closed_breach("breach-votes", proposal="proposal"),
    Page("breach-present", SECRETARY, {"number": "breach"}, framework="anyshire"),
    *[
        Page(name, SECRETARY, {"number": "breach_minuted"}, framework="anyshire", state="minutes circulated")
        for name in ("breach", "breach-minutes", "breach-close")
    ],
    Page("meeting", SECRETARY, {"pk": "meeting_of_breach"}, framework="anyshire", state="minutes with the breach"),
    Page("breach-session-begin", SECRETARY, {"number": "breach_presented"}, framework="anyshire"),
    Page("breach", SECRETARY, {"number": "breach_presented"}, framework="anyshire", state="presented"),
    Page("breach", SECRETARY, {"number": "breach_recalled"}, framework="anyshire", state="outcome told"),
    Page("breach-minutes", SECRETARY, {"number": "breach_recalled"}, framework="anyshire", state="to be written"),
    Page(
        "breach-minutes", SECRETARY, {"number": "breach_to_circulate"}, framework="anyshire", state="to be circulated"
    ),
    Page("breach-lift", SECRETARY, {"number": "breach_minuted", "sanction": "suspension"}, framework="anyshire"),
    Page("breach-done", SECRETARY, {"number": "breach_minuted", "sanction": "sanction"}, framework="anyshire"),
    Page("breach", SECRETARY, {"number": "breach_closed"}, framework="anyshire", state="closed"),
    breach("breach-told", notice="breach_notice"),
    breach("breach-told", notice="breach_notice", state="empty", before=send),
]
