"""When a suspension was lifted, and by which decision (HAR-6.6)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("breaches", "0005_closed_session"),
        ("portal", "0022_minutes_elsewhere"),
    ]

    operations = [
        migrations.AddField(
            model_name="sanction",
            name="lifted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="sanction",
            name="lifted_by_decision",
            field=models.CharField(blank=True, max_length=200, verbose_name="Reference of the decision"),
        ),
        migrations.AddConstraint(
            model_name="sanction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lifted_at__isnull", True),
                    models.Q(("kind", "suspension"), models.Q(("lifted_by_decision", ""), _negated=True)),
                    _connector="OR",
                ),
                name="sanction_lifted_by_decision",
            ),
        ),
    ]
