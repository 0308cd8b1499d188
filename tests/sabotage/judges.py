"""Which tests are asked about which kind of guard."""

ACCESS = "tests/test_access.py::"
MATRIX = f"{ACCESS}test_each_persona_gets_what_the_row_says["
DATABASE = f"{ACCESS}test_the_database_itself"
# Which tests can notice the absence of a guard of this kind: first those of the matrix, then whole files
FIRST = {
    "policies": [DATABASE],
    "functions across tenants": ["few"],
    "@scoped of views": ["route"],
    "permissions.py": ["few", "test_the_other_framework_stays_closed[<slug:framework>/protocols/"],
    "visible_to": ["few"],
    "doors": ["all"],
    "guards.py": ["few"],
}
THEN = {
    "functions across tenants": ["portal/test_row_level_security.py", "portal/test_people.py"],
    "permissions.py": ["portal/test_people.py", "portal/test_members.py"],
    "visible_to": ["protocols/test_register.py", "protocols/test_circulation.py", "protocols/test_consultation.py"],
    "doors": [
        "protocols/test_register.py",
        "protocols/test_related.py",
        "protocols/test_compare.py",
        "protocols/test_as_at.py",
        "protocols/test_history.py",
        "protocols/test_files.py",
        "protocols/test_search.py",
        "protocols/test_verify.py",
        "protocols/test_consultation.py",
        "signatories/test_notices.py",
        "signatories/test_delegation.py",
        "signatories/test_together.py",
        "signatories/test_changes.py",
    ],
    "guards.py": [
        "portal/test_sessions.py",
        "portal/test_sign_in_pages.py",
        "portal/test_accounts.py",
        "protocols/test_unsaved.py",
    ],
    "obstacles.py": ["signatories/test_obstacles.py", "signatories/test_workflow.py", "signatories/test_delegation.py"],
    "refusals": [
        "protocols/test_lifecycle.py",
        "protocols/test_workflow.py",
        "protocols/test_consultation.py",
        "protocols/test_consultation_rounds.py",
        "protocols/test_approval.py",
        "protocols/test_ratification.py",
        "protocols/test_editorial.py",
        "protocols/test_ending.py",
        "signatories/test_workflow.py",
        "signatories/test_workflow_running.py",
        "signatories/test_withdraw_in_force.py",
    ],
}
FILES = ["test_access.py", *dict.fromkeys(file for files in THEN.values() for file in files)]
