"""The same for the function of /verify."""

from django.db import migrations

from portal.db import sql


class Migration(migrations.Migration):
    dependencies = [("protocols", "0002_protection"), ("portal", "0004_search_path")]
    operations = [migrations.RunSQL(sql.TEMPORARY_LAST, migrations.RunSQL.noop)]
