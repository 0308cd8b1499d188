"""Recall, sanctions, minutes (HAR-6.5, HAR-6.6)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("breaches", "0003_meeting_and_session"),
        ("portal", "0014_saved_filters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Minutes",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("text", models.TextField(max_length=50000, verbose_name="Minutes")),
                ("written_at", models.DateTimeField()),
                (
                    "breach",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="minutes", to="breaches.breach"
                    ),
                ),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "minutes",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Recall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("outcome", models.TextField(max_length=10000, verbose_name="Outcome")),
                ("told_by", models.CharField(max_length=200, verbose_name="Who told it")),
                ("told_to", models.CharField(max_length=200, verbose_name="Who was told")),
                ("told_at", models.DateTimeField(verbose_name="When")),
                ("recorded_at", models.DateTimeField()),
                (
                    "breach",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recall", to="breaches.breach"
                    ),
                ),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Sanction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="Name of organisation")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("warning", "Warning"),
                            ("action-plan", "Action plan"),
                            ("suspension", "Suspension"),
                            ("exclusion", "Exclusion"),
                        ],
                        max_length=12,
                    ),
                ),
                ("text", models.TextField(max_length=5000, verbose_name="What")),
                ("owner", models.CharField(blank=True, max_length=200, verbose_name="Who does it")),
                ("due_on", models.DateField(null=True, verbose_name="By when")),
                ("done_at", models.DateTimeField(null=True)),
                ("done_note", models.CharField(blank=True, max_length=500, verbose_name="What was done")),
                (
                    "breach",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sanctions", to="breaches.breach"
                    ),
                ),
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
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="minutes",
            constraint=models.UniqueConstraint(fields=("breach", "number"), name="minutes_number_once"),
        ),
    ]
