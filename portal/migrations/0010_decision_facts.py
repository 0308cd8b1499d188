"""An urgent approval has a day by which it is ratified; an editorial change may be exempted from signing (HAR-2.3)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0009_pause"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="no_re_signing",
            field=models.BooleanField(default=False, verbose_name="Need not be signed again"),
        ),
        migrations.AddField(
            model_name="decision",
            name="ratify_by",
            field=models.DateField(blank=True, null=True, verbose_name="To be ratified by"),
        ),
        migrations.AlterField(
            model_name="decision",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("approved", "Approved"),
                    ("approved-with-changes", "Approved with listed changes"),
                    ("referred-back", "Referred back"),
                    ("refused", "Refused"),
                    ("urgent", "Urgent, to be ratified"),
                    ("ratified", "Ratified"),
                    ("not-ratified", "Ratification refused"),
                    ("not-required", "A party is no longer required"),
                    ("withdrawn", "Withdrawn"),
                ],
                max_length=25,
                verbose_name="Outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("ratify_by__isnull", True), ("outcome", "urgent"), _connector="OR"),
                name="decision_ratify_urgent",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("no_re_signing", False),
                    ("outcome__in", ["approved", "approved-with-changes", "urgent"]),
                    _connector="OR",
                ),
                name="decision_exempts_approved",
            ),
        ),
    ]
