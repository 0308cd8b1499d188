"""Bank holidays that a framework records late, for one nation; earlier practical dates."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0019_reviews_permission_and_date"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="closureday",
            name="closure_day_once",
        ),
        migrations.AddField(
            model_name="closureday",
            name="nation",
            field=models.CharField(
                blank=True,
                choices=[
                    ("england-and-wales", "England and Wales"),
                    ("scotland", "Scotland"),
                    ("northern-ireland", "Northern Ireland"),
                ],
                default="",
                max_length=20,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="deadlinechange",
            name="practical",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="closureday",
            constraint=models.UniqueConstraint(fields=("framework", "date", "nation"), name="closure_day_once"),
        ),
    ]
