"""History of every row of a draft; rows may be half filled; references of deleted drafts stay used (SIG-num)."""

import django.db.models.deletion
import django.db.models.functions.text
import simple_history.models
from django.db import migrations, models

from portal.db import sql
from portal.db.operations import ProtectTenant

NEW = ["HistoricalTerm", "HistoricalPurpose", "HistoricalDataItem", "HistoricalParty", "RetiredReference"]
# After the insert, so that whoever waited for a deletion sees the reference that it retired
REFUSE = """
create function refuse_retired_reference() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select 1 from protocols_retiredreference r
      where r.framework_id = new.framework_id and upper(r.reference) = upper(new.reference)) then
    raise exception 'reference % was used before', new.reference using errcode = 'unique_violation';
  end if;
  return null;
end $$;
create trigger refuse_retired_reference after insert or update of reference on protocols_protocol
  for each row execute function refuse_retired_reference();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0004_search_path"),
        ("protocols", "0006_partnerships"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalDataItem",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("label", models.CharField(max_length=10, verbose_name="Label")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (1, "Aggregate and management information"),
                            (2, "Minimum data requirements"),
                            (3, "Detailed and sensitive information"),
                        ],
                        null=True,
                        verbose_name="Level",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=300, verbose_name="Data item")),
                ("detail", models.TextField(blank=True, max_length=2000, verbose_name="Detail")),
                ("history_user_id", models.IntegerField(null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical data item",
                "verbose_name_plural": "historical data items",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalParty",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("order", models.PositiveSmallIntegerField(default=0)),
                (
                    "required",
                    models.BooleanField(default=True, verbose_name="Must sign before the version is complete"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Not yet invited"),
                            ("invited", "Waiting for signature"),
                            ("signed", "Signed"),
                            ("declined", "Declined"),
                            ("suspended", "Suspended"),
                            ("excluded", "Excluded"),
                            ("withdrawn", "Withdrawn"),
                            ("not-re-signed", "Not re-signed"),
                            ("succeeded", "Succeeded"),
                        ],
                        default="pending",
                        max_length=15,
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="Name of organisation")),
                ("address", models.TextField(blank=True, max_length=500, verbose_name="Main contact address")),
                ("telephone", models.CharField(blank=True, max_length=40, verbose_name="Main telephone number")),
                ("invited_at", models.DateTimeField(null=True)),
                ("viewed_at", models.DateTimeField(null=True)),
                ("signed_at", models.DateTimeField(null=True)),
                ("bound_from", models.DateTimeField(null=True)),
                ("bound_until", models.DateTimeField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("history_user_id", models.IntegerField(null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical party",
                "verbose_name_plural": "historical parties",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPurpose",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("label", models.CharField(max_length=10, verbose_name="Label")),
                ("text", models.TextField(max_length=2000, verbose_name="Purpose")),
                ("history_user_id", models.IntegerField(null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical purpose",
                "verbose_name_plural": "historical purposes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalTerm",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("term", models.CharField(blank=True, max_length=200, verbose_name="Term")),
                ("text", models.TextField(blank=True, max_length=5000, verbose_name="Meaning")),
                ("history_user_id", models.IntegerField(null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical term",
                "verbose_name_plural": "historical terms",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="RetiredReference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=40)),
                ("retired_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["reference"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="term",
            name="term_once",
        ),
        migrations.AlterField(
            model_name="dataitem",
            name="level",
            field=models.PositiveSmallIntegerField(
                blank=True,
                choices=[
                    (1, "Aggregate and management information"),
                    (2, "Minimum data requirements"),
                    (3, "Detailed and sensitive information"),
                ],
                null=True,
                verbose_name="Level",
            ),
        ),
        migrations.AlterField(
            model_name="dataitem",
            name="name",
            field=models.CharField(blank=True, max_length=300, verbose_name="Data item"),
        ),
        migrations.AlterField(
            model_name="term",
            name="term",
            field=models.CharField(blank=True, max_length=200, verbose_name="Term"),
        ),
        migrations.AlterField(
            model_name="term",
            name="text",
            field=models.TextField(blank=True, max_length=5000, verbose_name="Meaning"),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.UniqueConstraint(
                condition=models.Q(("term", ""), _negated=True), fields=("version", "term"), name="term_once"
            ),
        ),
        migrations.AddField(
            model_name="historicaldataitem",
            name="framework",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="portal.framework",
            ),
        ),
        migrations.AddField(
            model_name="historicaldataitem",
            name="version",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="protocols.version",
            ),
        ),
        migrations.AddField(
            model_name="historicalparty",
            name="framework",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="portal.framework",
            ),
        ),
        migrations.AddField(
            model_name="historicalparty",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="portal.organisation",
            ),
        ),
        migrations.AddField(
            model_name="historicalparty",
            name="version",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="protocols.version",
            ),
        ),
        migrations.AddField(
            model_name="historicalpurpose",
            name="framework",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="portal.framework",
            ),
        ),
        migrations.AddField(
            model_name="historicalpurpose",
            name="version",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="protocols.version",
            ),
        ),
        migrations.AddField(
            model_name="historicalterm",
            name="framework",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="portal.framework",
            ),
        ),
        migrations.AddField(
            model_name="historicalterm",
            name="version",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="protocols.version",
            ),
        ),
        migrations.AddField(
            model_name="retiredreference",
            name="framework",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
            ),
        ),
        migrations.AddConstraint(
            model_name="retiredreference",
            constraint=models.UniqueConstraint(
                models.F("framework"), django.db.models.functions.text.Upper("reference"), name="retired_reference_once"
            ),
        ),
        *[ProtectTenant(name) for name in NEW],
        migrations.RunSQL(sql.append_only("protocols_retiredreference"), migrations.RunSQL.noop),
        migrations.RunSQL(
            REFUSE,
            "drop trigger refuse_retired_reference on protocols_protocol; drop function refuse_retired_reference();",
        ),
    ]
