"""Flows, requests to join, what is said publicly of standings; the words by which versions are found."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from portal.db import sql
from portal.db.operations import ProtectTenant

FUNCTIONS = """
-- The words of a version: reference and title first, the published summary, the purposes. The same in two configurations:
-- "english" for whole words in any form, "simple" for beginnings of words. A reference is taken apart at its hyphens.
create function search_words(wanted bigint) returns tsvector
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select setweight(to_tsvector('simple', translate(p.reference, '-', ' ')), 'A')
      || setweight(to_tsvector('english', p.title) || to_tsvector('simple', p.title), 'A')
      || setweight(to_tsvector('english', s.text) || to_tsvector('simple', s.text), 'B')
      || setweight(to_tsvector('english', a.text) || to_tsvector('simple', a.text), 'C')
    from protocols_version v
    join protocols_protocol p on p.id = v.protocol_id
    cross join lateral (
      select coalesce((select case when d.level in ('full', 'summary') then d.summary end from protocols_publication d
        where d.version_id = v.id order by d.decided_at desc, d.id desc limit 1), '') as text) s
    cross join lateral (
      select coalesce(left(string_agg(u.text, ' ' order by u.id), 100000), '') as text from protocols_purpose u
        where u.version_id = v.id) a
    where v.id = wanted
$$;

create function search_add() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into protocols_searchentry (framework_id, version_id, words) values (new.framework_id, new.id, search_words(new.id));
  return null;
end $$;
create trigger search_add after insert on protocols_version for each row execute function search_add();

create function search_follow() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_table_name = 'protocols_protocol' then
    update protocols_searchentry set words = search_words(version_id)
      where version_id in (select id from protocols_version where protocol_id = new.id);
  elsif tg_op = 'DELETE' then
    update protocols_searchentry set words = search_words(version_id) where version_id = old.version_id;
  else
    update protocols_searchentry set words = search_words(version_id) where version_id = new.version_id;
  end if;
  return null;
end $$;
create trigger search_follow after update of title, reference on protocols_protocol for each row execute function search_follow();
create trigger search_follow after insert or update or delete on protocols_purpose for each row execute function search_follow();
create trigger search_follow after insert on protocols_publication for each row execute function search_follow();

-- Versions of the scope's framework in which every word occurs. The owner looks, because under row-level security the
-- index on words could not be used: its operator is not leakproof. Ids only; the caller filters by what may be seen.
create function search_hits(beginnings text, typed text) returns table (version_id bigint)
language sql stable security definer rows 100 set search_path = pg_catalog, public, pg_temp as $$
  select e.version_id from protocols_searchentry e
    where e.framework_id = nullif(current_setting('portal.framework', true), '')::bigint
      and e.words @@ (to_tsquery('simple', beginnings) || plainto_tsquery('english', typed))
$$;
"""
NO_FUNCTIONS = """
drop trigger search_add on protocols_version;
drop trigger search_follow on protocols_protocol;
drop trigger search_follow on protocols_purpose;
drop trigger search_follow on protocols_publication;
drop function search_add(); drop function search_follow(); drop function search_hits(text, text); drop function search_words(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0006_sign_ins"),
        ("protocols", "0010_adoption_and_pilot"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="show_standings",
            field=models.BooleanField(
                default=False, verbose_name="Say publicly which organisations are suspended or excluded"
            ),
        ),
        migrations.CreateModel(
            name="HistoricalDataFlow",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("label", models.CharField(max_length=10, verbose_name="Label")),
                ("source", models.CharField(blank=True, max_length=20, verbose_name="From")),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="To",
                    ),
                ),
                (
                    "items",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="Data items",
                    ),
                ),
                (
                    "purposes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="Purposes",
                    ),
                ),
                ("method", models.CharField(blank=True, max_length=300, verbose_name="How")),
                ("frequency", models.CharField(blank=True, max_length=200, verbose_name="How often")),
                (
                    "onward",
                    models.CharField(
                        blank=True,
                        choices=[("none", "No, never outside the parties"), ("listed", "Only to those listed here")],
                        max_length=10,
                        verbose_name="Passed on",
                    ),
                ),
                (
                    "onward_to",
                    models.TextField(blank=True, max_length=2000, verbose_name="To whom it may be passed on"),
                ),
                ("power", models.TextField(blank=True, max_length=2000, verbose_name="Power or duty")),
                ("readers", models.TextField(blank=True, max_length=2000, verbose_name="Who may look")),
                ("vetting", models.TextField(blank=True, max_length=2000, verbose_name="How they are checked")),
                ("history_user_id", models.IntegerField(null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "framework",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="portal.framework",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="protocols.version",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical data flow",
                "verbose_name_plural": "historical data flows",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="DataFlow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(max_length=10, verbose_name="Label")),
                ("source", models.CharField(blank=True, max_length=20, verbose_name="From")),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="To",
                    ),
                ),
                (
                    "items",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="Data items",
                    ),
                ),
                (
                    "purposes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="Purposes",
                    ),
                ),
                ("method", models.CharField(blank=True, max_length=300, verbose_name="How")),
                ("frequency", models.CharField(blank=True, max_length=200, verbose_name="How often")),
                (
                    "onward",
                    models.CharField(
                        blank=True,
                        choices=[("none", "No, never outside the parties"), ("listed", "Only to those listed here")],
                        max_length=10,
                        verbose_name="Passed on",
                    ),
                ),
                (
                    "onward_to",
                    models.TextField(blank=True, max_length=2000, verbose_name="To whom it may be passed on"),
                ),
                ("power", models.TextField(blank=True, max_length=2000, verbose_name="Power or duty")),
                ("readers", models.TextField(blank=True, max_length=2000, verbose_name="Who may look")),
                ("vetting", models.TextField(blank=True, max_length=2000, verbose_name="How they are checked")),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="data_flows", to="protocols.version"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("version", "label"), name="data_flow_label_once")],
            },
        ),
        migrations.CreateModel(
            name="JoinRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for an answer"),
                            ("answered", "Answered"),
                            ("closed", "Closed without an answer"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("organisation", models.CharField(max_length=200, verbose_name="Name of the organisation")),
                ("person", models.CharField(max_length=200, verbose_name="Your name")),
                ("email", models.EmailField(max_length=254, verbose_name="Work e-mail address")),
                ("message", models.TextField(blank=True, max_length=2000, verbose_name="Message")),
                ("made_at", models.DateTimeField()),
                ("answer", models.TextField(blank=True, max_length=2000, verbose_name="Answer")),
                ("handled_at", models.DateTimeField(null=True)),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
                (
                    "handled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="protocols.protocol",
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at", "-pk"],
                "indexes": [models.Index(fields=["framework", "status"], name="join_request_status")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("handled_at__isnull", True), ("status", "waiting")),
                            models.Q(models.Q(("status", "waiting"), _negated=True), ("handled_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="join_request_handled_with_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="protocols.version"
                    ),
                ),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["words"], name="search_words")],
            },
        ),
        *[ProtectTenant(name) for name in ("DataFlow", "HistoricalDataFlow", "JoinRequest", "SearchEntry")],
        # what is frozen for signing stays, the flows as well (0004)
        migrations.RunSQL(
            "create trigger refuse_frozen_text before insert or update or delete on protocols_dataflow"
            " for each row execute function refuse_frozen_text();",
            "drop trigger refuse_frozen_text on protocols_dataflow;",
        ),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(sql.for_app(["search_hits(text, text)"]), migrations.RunSQL.noop),
        migrations.RunSQL(
            "insert into protocols_searchentry (framework_id, version_id, words)"
            " select framework_id, id, search_words(id) from protocols_version",
            migrations.RunSQL.noop,
        ),
    ]
