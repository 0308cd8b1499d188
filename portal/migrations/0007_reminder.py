"""Who was reminded of what, and when; under row-level security."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.db.operations import ProtectTenant


class Migration(migrations.Migration):
    dependencies = [("portal", "0006_sign_ins")]
    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=60)),
                ("subject_type", models.CharField(max_length=60)),
                ("subject_id", models.BigIntegerField()),
                ("step", models.CharField(max_length=40)),
                ("due_on", models.DateField()),
                ("reminded_at", models.DateTimeField()),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"ordering": ["reminded_at", "pk"]},
        ),
        migrations.AddIndex(
            model_name="reminder",
            index=models.Index(fields=["framework", "user", "reminded_at"], name="reminder_of_a_mail"),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(
                fields=("framework", "rule", "subject_type", "subject_id", "user", "step", "due_on"),
                name="reminder_once",
            ),
        ),
        ProtectTenant("Reminder"),
    ]
