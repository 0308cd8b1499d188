"""A tier 2 protocol belongs to a partnership of its own framework (KEN-4.3iii); a tier may be adopted, not signed (DUD-8)."""

import django.db.models.deletion
from django.db import migrations, models

# the twin of the foreign key that stays in the tenant (portal.db.operations)
TWIN = "protocols_protocol_partnership_id_tenant"


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0005_partnerships"),
        ("protocols", "0005_circulated_drafts"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalprotocol",
            name="partnership",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="portal.partnership",
            ),
        ),
        migrations.AddField(
            model_name="protocol",
            name="partnership",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="protocols",
                to="portal.partnership",
            ),
        ),
        migrations.AddField(
            model_name="tier",
            name="adopted",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="tier",
            name="decided_by",
            field=models.CharField(
                choices=[
                    ("body", "The deciding body of the tier"),
                    ("partnership", "The board of the partnership that owns the protocol"),
                ],
                default="body",
                max_length=12,
            ),
        ),
        migrations.RunSQL(
            f"alter table protocols_protocol add constraint {TWIN} foreign key (framework_id, partnership_id)"
            " references portal_partnership (framework_id, id) deferrable initially deferred",
            f"alter table protocols_protocol drop constraint {TWIN}",
        ),
    ]
