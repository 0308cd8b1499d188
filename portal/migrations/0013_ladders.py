"""Every open deadline is reminded of: when it became known, as what a person is told, and the first run."""

from django.db import migrations, models

FIRST_RUN = """
insert into portal_job (framework_id, kind, subject_id, key, due_at, run_at, attempts, last_error)
select distinct framework_id, 'portal.remind', framework_id, 'portal.remind:0013', now(), now(), 0, ''
from portal_deadline where met_at is null and dropped_at is null
"""


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0012_whose_board"),
    ]

    operations = [
        migrations.AddField(
            model_name="deadline",
            name="recorded_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="reminder",
            name="told_as",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.RunSQL(FIRST_RUN, migrations.RunSQL.noop),
    ]
