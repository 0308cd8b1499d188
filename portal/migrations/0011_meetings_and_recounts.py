"""Meetings with a date; deadlines that are counted again and keep the dates they had; strict and practical dates."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.db.operations import ProtectTenant


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0010_decision_facts"),
    ]

    operations = [
        migrations.AddField(
            model_name="deadline",
            name="assumed",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="deadline",
            name="found_late",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="deadline",
            name="practical_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="deadline",
            name="practical_explanation",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="deadline",
            name="warn_on",
            field=models.DateField(null=True),
        ),
        migrations.CreateModel(
            name="DeadlineChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("was_due_at", models.DateTimeField()),
                ("was_explanation", models.TextField()),
                ("due_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=300)),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deadline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="portal.deadline"
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
                "ordering": ["changed_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="Date and time")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="Place")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("held", "Held"),
                            ("minuted", "Minutes written"),
                            ("circulated", "Minutes circulated"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=12,
                    ),
                ),
                (
                    "board",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="meetings", to="portal.board"
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
                "ordering": ["starts_at", "pk"],
                "indexes": [models.Index(fields=["framework", "board", "starts_at"], name="meeting_board_starts")],
            },
        ),
        ProtectTenant("DeadlineChange"),
        ProtectTenant("Meeting"),
        migrations.RunSQL(
            "update portal_deadline set warn_on = (due_at at time zone 'Europe/London')::date", migrations.RunSQL.noop
        ),
    ]
