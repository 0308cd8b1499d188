"""Partnerships (KEN-4.3iii), under row-level security like every tenant's rows; four presets of tiers; the form of ODS codes."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

from portal.db.operations import ProtectTenant


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0004_search_path"),
    ]

    operations = [
        migrations.AlterField(
            model_name="framework",
            name="preset",
            field=models.CharField(
                choices=[
                    ("three-tier", "Three-tier (Kent)"),
                    ("two-tier", "Two-tier (Hampshire)"),
                    ("general-individual", "General and individual (Haringey)"),
                    ("protocol-policy-exchange", "Protocol, policy, data exchange agreement (Dudley)"),
                ],
                default="general-individual",
                max_length=30,
                verbose_name="Arrangement of tiers",
            ),
        ),
        migrations.AlterField(
            model_name="organisation",
            name="ods_code",
            field=models.CharField(
                blank=True,
                max_length=10,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[A-Z0-9]{3,10}$", "Enter the code as in the NHS directory, like RX1 or A81001."
                    )
                ],
                verbose_name="ODS code",
            ),
        ),
        migrations.CreateModel(
            name="Partnership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=150, verbose_name="Name")),
                (
                    "board",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="partnerships", to="portal.board"
                    ),
                ),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="PartnershipMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.organisation"
                    ),
                ),
                (
                    "partnership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="portal.partnership"
                    ),
                ),
            ],
            options={
                "ordering": ["organisation__name"],
            },
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.UniqueConstraint(
                models.F("framework"), django.db.models.functions.text.Lower("name"), name="partnership_name_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="partnershipmember",
            constraint=models.UniqueConstraint(fields=("partnership", "organisation"), name="partnership_member_once"),
        ),
        ProtectTenant("Partnership"),
        ProtectTenant("PartnershipMember"),
    ]
