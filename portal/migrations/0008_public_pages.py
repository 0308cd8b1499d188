"""Public pages of a framework: contact, accessibility statement, privacy notice; the words of their addresses are reserved."""

import django.db.models.deletion
from django.db import migrations, models

from portal.db.operations import ProtectTenant


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0007_reminder"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublicPages",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contact_name", models.CharField(blank=True, max_length=150, verbose_name="Team or person to ask")),
                ("contact_email", models.EmailField(blank=True, max_length=254, verbose_name="Email address")),
                ("contact_telephone", models.CharField(blank=True, max_length=40, verbose_name="Telephone number")),
                (
                    "reply_days",
                    models.PositiveSmallIntegerField(default=10, verbose_name="Working days until you answer"),
                ),
                (
                    "accessibility_status",
                    models.CharField(
                        choices=[
                            ("fully", "Fully compliant, shown by an audit"),
                            ("partially", "Partially compliant"),
                            ("not", "Not compliant"),
                        ],
                        default="partially",
                        max_length=10,
                        verbose_name="How far this site keeps to WCAG 2.2 AA",
                    ),
                ),
                (
                    "accessibility_text",
                    models.TextField(blank=True, max_length=10000, verbose_name="What is not accessible yet"),
                ),
                ("accessibility_reviewed_on", models.DateField(blank=True, null=True, verbose_name="Last reviewed on")),
                (
                    "controllers",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="Who is responsible for the personal data"
                    ),
                ),
                (
                    "protection_officer",
                    models.TextField(blank=True, max_length=1000, verbose_name="Data protection officer"),
                ),
                (
                    "privacy_text",
                    models.TextField(
                        blank=True, max_length=10000, verbose_name="Anything to add to the privacy notice"
                    ),
                ),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="framework",
            name="framework_slug_not_reserved",
        ),
        migrations.AddConstraint(
            model_name="framework",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "slug__in",
                        [
                            "accessibility",
                            "accounts",
                            "api",
                            "checkpoints",
                            "cookies",
                            "demo",
                            "files",
                            "healthz",
                            "help",
                            "invitations",
                            "me",
                            "organisations",
                            "privacy",
                            "readyz",
                            "static",
                            "verify",
                        ],
                    ),
                    _negated=True,
                ),
                name="framework_slug_not_reserved",
            ),
        ),
        migrations.AddField(
            model_name="publicpages",
            name="framework",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
            ),
        ),
        migrations.AddConstraint(
            model_name="publicpages",
            constraint=models.UniqueConstraint(fields=("framework",), name="public_pages_once"),
        ),
        ProtectTenant("PublicPages"),
    ]
