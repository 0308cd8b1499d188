"""One more crossing between tenants: which frameworks an organisation belongs to (ids only)."""

from django.db import migrations

from portal.db import sql

FUNCTION = """
create function frameworks_of(organisation bigint) returns table (framework_id bigint)
language sql stable security definer set search_path = pg_catalog, public as $$
  select distinct o.framework_id from portal_memberorganisation o where o.organisation_id = organisation
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_protection")]
    operations = [
        migrations.RunSQL(FUNCTION, "drop function frameworks_of(bigint)"),
        migrations.RunSQL(sql.for_app(["frameworks_of(bigint)"]), migrations.RunSQL.noop),
    ]
