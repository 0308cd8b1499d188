"""Functions that run with the owner's rights look into the caller's temporary tables last, not first (PostgreSQL's default)."""

from django.db import migrations

from portal.db import sql


class Migration(migrations.Migration):
    dependencies = [("portal", "0003_frameworks_of")]
    operations = [migrations.RunSQL(sql.TEMPORARY_LAST, migrations.RunSQL.noop)]
