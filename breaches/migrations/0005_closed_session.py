"""Row-level security of the meeting and of the closed session (HAR-6.4): the second guard, below every query."""

from pathlib import Path

from django.db import migrations

from portal.db import sql
from portal.db.operations import ProtectTenant

FUNCTIONS = Path(__file__).resolve().parents[1] / "db" / "closed_session.sql"
TABLES = (
    "Hearing", "ClosedSession", "ClosedNote", "Proposal", "Vote", "BreakGlass", "Recall", "Sanction", "Minutes",
)  # fmt: skip
CLOSED = ("closedsession", "closednote", "proposal", "vote")
APPEND_ONLY = ("closednote", "breakglass", "recall", "minutes")


def closed(table: str) -> str:
    """Restrictive: whatever else lets a row through, this must as well."""
    return (
        f"create policy closed_session on breaches_{table} as restrictive to portal_app, portal_cross"
        " using (closed_session_open(breach_id)) with check (closed_session_open(breach_id))"
    )


class Migration(migrations.Migration):
    dependencies = [("breaches", "0004_outcome")]
    operations = [
        *[ProtectTenant(name) for name in TABLES],
        migrations.RunSQL(FUNCTIONS.read_text(encoding="utf-8")),
        *[migrations.RunSQL(closed(table)) for table in CLOSED],
        *[migrations.RunSQL(sql.append_only(f"breaches_{name}")) for name in APPEND_ONLY],
    ]
