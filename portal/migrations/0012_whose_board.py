"""Whose a board is, its quorum and majority, the headings of its papers (HAR-2.3, DUD-17)."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

# a board that partnerships name is theirs, unless it is the framework's first, the governing one
THEIRS = """
update portal_board set kind = 'partnership'
where id in (select board_id from portal_partnership)
  and id not in (select min(id) from portal_board group by framework_id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("portal", "0011_meetings_and_recounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="board",
            name="kind",
            field=models.CharField(
                choices=[
                    ("framework", "The framework"),
                    ("partnership", "A partnership"),
                    ("parties", "The parties of a protocol"),
                ],
                default="framework",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="board",
            name="majority",
            field=models.CharField(
                choices=[
                    ("simple", "More than half of those present"),
                    ("two-thirds", "Two thirds of those present"),
                    ("all", "All who are present"),
                ],
                default="simple",
                max_length=12,
                verbose_name="Majority",
            ),
        ),
        migrations.AddField(
            model_name="board",
            name="paper_headings",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="board",
            name="quorum_percent",
            field=models.PositiveSmallIntegerField(
                default=50,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)],
                verbose_name="Quorum (per cent of its organisations)",
            ),
        ),
        migrations.AddField(
            model_name="board",
            name="subject_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="board",
            name="subject_type",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contenttypes.contenttype"
            ),
        ),
        migrations.RunSQL(THEIRS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="board",
            constraint=models.UniqueConstraint(
                fields=("framework", "subject_type", "subject_id"), name="board_of_parties_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="board",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "parties"), ("subject_id__isnull", False), ("subject_type__isnull", False)),
                    models.Q(
                        models.Q(("kind", "parties"), _negated=True),
                        ("subject_id__isnull", True),
                        ("subject_type__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="board_of_parties_of_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="board",
            constraint=models.CheckConstraint(
                condition=models.Q(("quorum_percent__gte", 1), ("quorum_percent__lte", 100)),
                name="board_quorum_is_a_share",
            ),
        ),
    ]
