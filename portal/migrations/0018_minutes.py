"""Minutes and their circulation (HAR-6.6)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.db import sql
from portal.db.operations import ProtectTenant

# what was circulated stays as it was: a correction is a row of its own
FROZEN = """
create function refuse_circulated_minute() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from portal_agendaitem i join portal_meeting m on m.id = i.meeting_id
    where i.id = coalesce(new.item_id, old.item_id) and m.status = 'circulated'
  ) then
    raise exception 'the minutes have been circulated' using errcode = 'integrity_constraint_violation';
  end if;
  return coalesce(new, old);
end $$;
create trigger refuse_circulated before insert or update or delete on portal_minute
  for each row execute function refuse_circulated_minute();
"""
THAWED = "drop trigger refuse_circulated on portal_minute; drop function refuse_circulated_minute();"
APPEND_ONLY = ("portal_minutecorrection", "portal_circulation", "portal_recipient")


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("portal", "0017_agendas"),
    ]

    operations = [
        migrations.CreateModel(
            name="Circulation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Minute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=20000, verbose_name="Minutes")),
                ("revision", models.PositiveIntegerField(default=1)),
                ("written_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MinuteCorrection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=20000, verbose_name="Corrected minutes")),
                ("reason", models.CharField(max_length=500, verbose_name="Reason")),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["made_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "ordering": ["organisation__name", "pk"],
            },
        ),
        migrations.AddField(
            model_name="circulation",
            name="framework",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
            ),
        ),
        migrations.AddField(
            model_name="circulation",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="circulation",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="circulations", to="portal.meeting"
            ),
        ),
        migrations.AddField(
            model_name="minute",
            name="framework",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
            ),
        ),
        migrations.AddField(
            model_name="minute",
            name="item",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="minute", to="portal.agendaitem"
            ),
        ),
        migrations.AddField(
            model_name="minute",
            name="written_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="minutecorrection",
            name="framework",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
            ),
        ),
        migrations.AddField(
            model_name="minutecorrection",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="portal.agendaitem"
            ),
        ),
        migrations.AddField(
            model_name="minutecorrection",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="recipient",
            name="circulation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="recipients", to="portal.circulation"
            ),
        ),
        migrations.AddField(
            model_name="recipient",
            name="framework",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
            ),
        ),
        migrations.AddField(
            model_name="recipient",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.organisation"
            ),
        ),
        migrations.AddField(
            model_name="recipient",
            name="user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="circulation",
            constraint=models.UniqueConstraint(fields=("meeting", "number"), name="circulation_once"),
        ),
        migrations.AddConstraint(
            model_name="recipient",
            constraint=models.UniqueConstraint(fields=("circulation", "organisation", "user"), name="recipient_once"),
        ),
        *[ProtectTenant(name) for name in ("Minute", "MinuteCorrection", "Circulation", "Recipient")],
        migrations.RunSQL(FROZEN, THAWED),
        migrations.RunSQL("".join(map(sql.append_only, APPEND_ONLY)), migrations.RunSQL.noop),
    ]
