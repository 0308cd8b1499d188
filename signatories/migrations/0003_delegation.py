"""Delegation of authority: under which it was granted, and for which protocol (SIG-who)."""

import django.db.models.deletion
from django.db import migrations, models

TWIN = (
    "alter table signatories_authority add constraint signatories_authority_{column}_tenant"
    " foreign key (framework_id, {column}) references {table} (framework_id, id) deferrable initially deferred"
)
BACK = "alter table signatories_authority drop constraint signatories_authority_{column}_tenant"
KEYS = [("delegated_from_id", "signatories_authority"), ("protocol_id", "protocols_protocol")]


class Migration(migrations.Migration):
    dependencies = [("signatories", "0002_protection"), ("protocols", "0004_frozen_text")]
    operations = [
        migrations.AddField(
            model_name="authority",
            name="delegated_from",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="delegations",
                to="signatories.authority",
            ),
        ),
        migrations.AddField(
            model_name="authority",
            name="protocol",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="protocols.protocol"
            ),
        ),
        migrations.AddConstraint(
            model_name="authority",
            constraint=models.CheckConstraint(
                condition=models.Q(("delegated_from__isnull", True), ("valid_to__isnull", False), _connector="OR"),
                name="authority_delegated_has_an_end",
            ),
        ),
        *[
            migrations.RunSQL(TWIN.format(column=column, table=table), BACK.format(column=column))
            for column, table in KEYS
        ],
    ]
