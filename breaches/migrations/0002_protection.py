"""Row-level security, composite foreign keys, and records that refuse every change."""

from django.db import migrations

from portal.db import sql
from portal.db.operations import ProtectTenant

TABLES = (
    "Breach", "InBreach", "PartyNotice", "Controller", "ControllerRecord", "ReportDraft", "WrittenReport", "Correction",
)  # fmt: skip
APPEND_ONLY = ("inbreach", "controllerrecord", "writtenreport", "correction")


class Migration(migrations.Migration):
    dependencies = [("breaches", "0001_initial"), ("protocols", "0002_protection"), ("portal", "0002_protection")]
    operations = [
        *[ProtectTenant(name) for name in TABLES],
        *[migrations.RunSQL(sql.append_only(f"breaches_{name}")) for name in APPEND_ONLY],
    ]
