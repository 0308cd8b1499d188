"""What the other frameworks of the demonstration show, to be photographed (tests.screens.pages)."""

from tests.screens.ways import ADMIN, DRAFTER, SECRETARY, Page

FIRST, NUMBER = {"reference": "AISB-T1-001"}, {"number": "1.0"}
LIVES = [
    Page("protocols", DRAFTER, framework="anyshire", state="three tiers"),
    Page("protocols", DRAFTER, framework="anyshire", state="half a year ago", query="?as-at=THEN"),
    Page("protocols", DRAFTER, framework="elmshire", state="two tiers"),
    Page("protocols", DRAFTER, framework="millborough", state="policies"),
    Page("protocol", DRAFTER, FIRST, framework="anyshire", state="two editions"),
    Page("version", DRAFTER, FIRST | NUMBER, framework="anyshire", state="superseded"),
    Page("redline", DRAFTER, FIRST | {"old": "1.0", "new": "2.0"}, framework="anyshire", state="editions"),
    Page("protocol", DRAFTER, {"reference": "AISB-T2-001"}, framework="anyshire", state="partnership"),
    Page("protocol", DRAFTER, {"reference": "AISB-T3-001"}, framework="anyshire", state="pilot"),
    Page("consultation", DRAFTER, {"reference": "AISB-T2-002"} | NUMBER, framework="anyshire", state="replies"),
    Page("protocol", SECRETARY, {"reference": "EIS-1-001"}, framework="elmshire", state="withdrawn party"),
    Page("approval", SECRETARY, {"reference": "EIS-2-002"} | NUMBER, framework="elmshire", state="to decide"),
    Page("protocol", DRAFTER, {"reference": "EIS-2-003"}, framework="elmshire", state="not yet in force"),
    Page("protocol", DRAFTER, {"reference": "EIS-2-001"}, framework="elmshire", state="expired"),
    Page("organisations", ADMIN, framework="elmshire", state="suspended"),
    Page("protocol", SECRETARY, {"reference": "MIL-POL-001"}, framework="millborough", state="adopted"),
    Page("version", SECRETARY, {"reference": "MIL-POL-001"} | NUMBER, framework="millborough", state="adopted"),
    Page("signatures", DRAFTER, {"reference": "MIL-DEA-002"} | NUMBER, framework="millborough", state="delegated"),
]
