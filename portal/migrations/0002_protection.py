"""Row-level security, the ledger's machinery, the crossings between tenants, the cache table, the bank holidays."""

import json
from pathlib import Path

from django.db import migrations

from portal.db import sql
from portal.db.operations import ProtectTenant, no_policies, policies

LEDGER = ["portal_auditevent", "portal_auditperson"]
CACHE = """
create table portal_cache (cache_key varchar(255) primary key, value text not null, expires timestamp with time zone not null);
create index portal_cache_expires on portal_cache (expires);
"""
FUNCTIONS = [
    "my_scopes(bigint)",
    "my_roles(bigint)",
    "due_work(timestamptz)",
    "outbox_health(timestamptz)",
    "ledger_unsealed()",
    "ledger_faults()",
]
GRANTS_OF_GUARDIAN = ["portal_frameworkuserobjectpermission", "portal_frameworkgroupobjectpermission"]


def statements(lines):
    """One RunSQL from several statements."""
    return ";\n".join(lines) + ";"


def seed_bank_holidays(apps, schema_editor):
    """The committed table (READ-8) as rows, so that late ones can be added beside them."""
    table = json.loads((Path(__file__).parents[1] / "data" / "bank_holidays.json").read_text(encoding="utf-8"))
    holiday = apps.get_model("portal", "BankHoliday")
    holiday.objects.bulk_create(
        holiday(nation=nation, date=row["date"], title=row["title"])
        for nation, rows in table["nations"].items()
        for row in rows
    )


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial"), ("guardian", "0002_generic_permissions_index")]
    operations = [
        *[
            ProtectTenant(name)
            for name in (
                "MemberOrganisation",
                "Membership",
                "Invitation",
                "Board",
                "Decision",
                "StoredFile",
                "Job",
                "ClosureDay",
                "Deadline",
            )
        ],
        *[ProtectTenant(name, nullable=True) for name in ("AuditEvent", "AuditPerson", "OutgoingEmail")],
        *[
            migrations.RunSQL(statements(policies(table, "content_object_id")), statements(no_policies(table)))
            for table in GRANTS_OF_GUARDIAN
        ],
        # heads of chains and guardian's generic tables: nobody but the owner sees them
        *[
            migrations.RunSQL(
                f"alter table {table} enable row level security; alter table {table} force row level security;"
                f" create policy owner on {table} to portal_owner using (true) with check (true);",
                statements(no_policies(table)),
            )
            for table in ("portal_chainhead", "guardian_userobjectpermission", "guardian_groupobjectpermission")
        ],
        migrations.RunSQL(
            sql.no_grants("portal_chainhead", "select", "insert", "update", "delete")
            + "revoke select on portal_chainhead from portal_cross;"
        ),
        migrations.RunSQL(sql.file("ledger.sql") + sql.file("crossing.sql")),
        migrations.RunSQL(sql.for_app(FUNCTIONS)),
        migrations.RunSQL(
            sql.append_only("portal_auditevent")
            + sql.append_only("portal_ledgerseal")
            + sql.append_only("portal_storedfile")
        ),
        migrations.RunSQL(sql.append_only("portal_decision")),
        migrations.RunSQL(sql.no_grants("portal_auditperson", "update", "delete")),
        migrations.RunSQL(CACHE, "drop table portal_cache"),
        migrations.RunPython(seed_bank_holidays, migrations.RunPython.noop),
    ]
