"""Row-level security and composite foreign keys on the documents; looking up a file or code at /verify."""

from django.db import migrations

from portal.db import sql
from portal.db.operations import ProtectTenant

MODELS = [
    "Tier",
    "Protocol",
    "Version",
    "DraftIssue",
    "Party",
    "Clause",
    "Term",
    "Purpose",
    "DataItem",
    "Consultation",
    "Comment",
    "Edition",
    "Publication",
]
HISTORIES = ["HistoricalProtocol", "HistoricalVersion", "HistoricalClause"]
VERIFY = """
-- Which kept document of a version has this SHA-256 or this code. Ids only; the page then asks in the framework's scope.
create function verify_lookup(wanted_sha256 text, wanted_code text)
returns table (framework_id bigint, version_id bigint, edition_id bigint, kind varchar)
language sql stable security definer set search_path = pg_catalog, public as $$
  select e.framework_id, e.version_id, e.id, e.kind from protocols_edition e
    where e.status = 'sealed' and ((wanted_sha256 <> '' and e.sha256 = wanted_sha256) or (wanted_code <> '' and e.code = wanted_code))
  union all
  select v.framework_id, v.id, null::bigint, 'text-copy' from protocols_version v
    join portal_storedfile f on f.id in (v.text_copy_id, v.canonical_id) where wanted_sha256 <> '' and f.sha256 = wanted_sha256
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("protocols", "0001_initial"), ("portal", "0002_protection")]
    operations = [
        *[ProtectTenant(name) for name in MODELS],
        *[ProtectTenant(name) for name in HISTORIES],
        migrations.RunSQL(VERIFY, "drop function verify_lookup(text, text)"),
        migrations.RunSQL(sql.for_app(["verify_lookup(text, text)"])),
        migrations.RunSQL(sql.append_only("protocols_publication")),
    ]
