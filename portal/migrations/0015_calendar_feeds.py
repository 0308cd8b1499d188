"""Addresses under which a calendar program fetches deadlines and meetings."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.db.operations import ProtectTenant


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0014_saved_filters"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "board",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="portal.board"
                    ),
                ),
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
            ],
            options={
                "ordering": ["made_at", "pk"],
                "indexes": [models.Index(fields=["framework", "user"], name="calendar_feed_user")],
                "constraints": [
                    models.UniqueConstraint(fields=["framework", "token_hash"], name="calendar_feed_token_once")
                ],
            },
        ),
        ProtectTenant("CalendarFeed"),
    ]
