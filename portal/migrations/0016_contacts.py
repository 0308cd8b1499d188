"""Deputies, people whom reminders pass over, each person's pace, the role of organisation administrator, and how long a
mail that was given up has lain."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.db import sql
from portal.db.operations import ProtectTenant

ROLES = [
    ("viewer", "Viewer"),
    ("drafter", "Drafter"),
    ("representative", "Representative"),
    ("secretary", "Board secretary"),
    ("auditor", "Auditor"),
    ("organisation_admin", "Organisation administrator"),
    ("framework_admin", "Framework administrator"),
]


def key_to(model, **options):
    """A foreign key that keeps what it points to."""
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=model, **options)


def number():
    """The primary key."""
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0015_calendar_feeds"),
    ]

    operations = [
        migrations.CreateModel(
            name="Deputy",
            fields=[
                ("id", number()),
                ("named_at", models.DateTimeField()),
                ("deputy", key_to(settings.AUTH_USER_MODEL)),
                ("framework", key_to("portal.framework")),
                ("organisation", key_to("portal.organisation")),
                ("user", key_to(settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("framework", "organisation", "user"), name="one_deputy"),
                    models.CheckConstraint(
                        condition=models.Q(("user", models.F("deputy")), _negated=True),
                        name="nobody_is_their_own_deputy",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Skipped",
            fields=[
                ("id", number()),
                (
                    "reason",
                    models.CharField(
                        choices=[("bounced", "Their mail came back"), ("left", "They no longer hold the role")],
                        max_length=10,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("cleared_at", models.DateTimeField(null=True)),
                ("framework", key_to("portal.framework")),
                ("organisation", key_to("portal.organisation", null=True)),
                ("user", key_to(settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["-since", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at__isnull", True)),
                        fields=("framework", "user", "organisation", "reason"),
                        name="skipped_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        ProtectTenant("Deputy"),
        ProtectTenant("Skipped"),
        migrations.AlterModelOptions(
            name="framework",
            options={
                "default_permissions": ("view",),
                "ordering": ["name"],
                "permissions": [
                    ("view_all_protocols", "view_all"),
                    ("draft_protocol", "draft"),
                    ("comment_on_draft", "comment"),
                    ("record_decision", "decide"),
                    ("read_ledger", "audit"),
                    ("represent_organisation", "represent"),
                    ("record_authority", "authorise"),
                    ("manage_organisation", "organisation"),
                    ("manage_members", "members"),
                    ("configure_framework", "configure"),
                ],
            },
        ),
        migrations.AddField(
            model_name="user",
            name="reminder_pace",
            field=models.CharField(
                blank=True,
                choices=[("at-once", "at-once"), ("daily", "daily"), ("weekly", "weekly")],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="role",
            field=models.CharField(choices=ROLES, max_length=20, verbose_name="Role"),
        ),
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(choices=ROLES, max_length=20, verbose_name="Role"),
        ),
        migrations.AddIndex(
            model_name="outgoingemail",
            index=models.Index(
                condition=models.Q(("status__in", ["bounced", "dead"])),
                fields=["framework", "user"],
                name="outgoing_email_undelivered",
            ),
        ),
        migrations.RunSQL(sql.file("health.sql") + sql.for_app(["outbox_health(timestamptz)"])),
    ]
