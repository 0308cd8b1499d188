"""Adoption by one organisation, never changed once recorded (DUD-8); pilots (DUD-11)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.db import sql
from portal.db.operations import ProtectTenant


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0005_partnerships"),
        ("protocols", "0009_related_and_arrangements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="historicalparty",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Not yet invited"),
                    ("invited", "Waiting for signature"),
                    ("signed", "Signed"),
                    ("adopted", "Adopted"),
                    ("declined", "Declined"),
                    ("suspended", "Suspended"),
                    ("excluded", "Excluded"),
                    ("withdrawn", "Withdrawn"),
                    ("not-re-signed", "Not re-signed"),
                    ("succeeded", "Succeeded"),
                ],
                default="pending",
                max_length=15,
            ),
        ),
        migrations.AlterField(
            model_name="party",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Not yet invited"),
                    ("invited", "Waiting for signature"),
                    ("signed", "Signed"),
                    ("adopted", "Adopted"),
                    ("declined", "Declined"),
                    ("suspended", "Suspended"),
                    ("excluded", "Excluded"),
                    ("withdrawn", "Withdrawn"),
                    ("not-re-signed", "Not re-signed"),
                    ("succeeded", "Succeeded"),
                ],
                default="pending",
                max_length=15,
            ),
        ),
        migrations.CreateModel(
            name="Adoption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("adopted_by", models.CharField(max_length=200, verbose_name="Organisation")),
                ("body", models.CharField(max_length=200, verbose_name="Who decided in the organisation")),
                ("decided_on", models.DateField(verbose_name="Date of its decision")),
                ("reference", models.CharField(max_length=100, verbose_name="Minute or decision reference")),
                ("statement", models.CharField(blank=True, max_length=400)),
                ("recorded_at", models.DateTimeField()),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="protocols.party"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="adoption", to="protocols.version"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Pilot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField(verbose_name="First day of the pilot")),
                ("ends_on", models.DateField(verbose_name="Last day of the pilot")),
                ("evaluation", models.TextField(blank=True, max_length=20000, verbose_name="Evaluation")),
                ("evaluated_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True, choices=[("rolled-out", "Rolled out"), ("ended", "Ended")], max_length=12
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decision",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.decision"
                    ),
                ),
                (
                    "evaluated_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pilot", to="protocols.version"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gt", models.F("starts_on"))), name="pilot_has_a_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decision__isnull", True), ("outcome", "")),
                            models.Q(
                                models.Q(("outcome", ""), _negated=True),
                                ("decided_at__isnull", False),
                                ("decision__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="pilot_outcome_is_decided",
                    ),
                ],
            },
        ),
        ProtectTenant("Adoption"),
        ProtectTenant("Pilot"),
        migrations.RunSQL(sql.append_only("protocols_adoption"), migrations.RunSQL.noop),
    ]
