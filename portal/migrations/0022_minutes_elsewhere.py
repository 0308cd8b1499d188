"""The minutes of a meeting that was about one thing alone may be those of that thing (HAR-6.6)."""

import django.db.models.deletion
from django.db import migrations, models

TENANT = "portal_meeting_minuted_with_id_tenant"


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0021_unsent_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="meeting",
            name="minuted_with",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.agendaitem"
            ),
        ),
        migrations.RunSQL(
            f"alter table portal_meeting add constraint {TENANT} foreign key (framework_id, minuted_with_id)"
            " references portal_agendaitem (framework_id, id) deferrable initially deferred",
            f"alter table portal_meeting drop constraint {TENANT}",
        ),
    ]
