"""How long the oldest unsent mail has been tried, for /readyz."""

from django.db import migrations

from portal.db import sql


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0020_late_bank_holidays"),
    ]

    operations = [
        migrations.RunSQL(sql.file("health.sql") + sql.for_app(["outbox_health(timestamptz)"]), migrations.RunSQL.noop),
    ]
