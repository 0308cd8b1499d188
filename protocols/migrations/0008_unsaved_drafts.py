"""What is typed and not saved: a table of which the database shows each person their own rows."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.db.operations import ProtectTenant

# Beside the tenant's policy: nobody sees or writes what another person typed, whatever the code asks for
MINE = "user_id = (select nullif(current_setting('portal.user', true), '')::bigint)"
OWN = f"""
create policy mine on protocols_unsaveddraft as restrictive to portal_app, portal_cross using ({MINE}) with check ({MINE});
alter table protocols_unsaveddraft add constraint protocols_unsaveddraft_version
  foreign key (framework_id, version_id) references protocols_version (framework_id, id) on delete cascade;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0004_search_path"),
        ("protocols", "0007_drafting_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="UnsavedDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(max_length=300)),
                ("fields", models.JSONField()),
                ("saved_at", models.DateTimeField()),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="unsaved",
                        to="protocols.version",
                    ),
                ),
            ],
            options={
                "ordering": ["-saved_at"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "user", "place"), name="unsaved_draft_once")
                ],
            },
        ),
        ProtectTenant("UnsavedDraft"),
        migrations.RunSQL(
            OWN,
            "drop policy mine on protocols_unsaveddraft; alter table protocols_unsaveddraft drop constraint protocols_unsaveddraft_version;",
        ),
    ]
