"""The text of every circulated draft is kept, with who got it, and is never changed (SIG-num, HAR-¶9)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.db import sql
from portal.db.operations import ProtectTenant

TWIN = """
alter table protocols_draftissue add constraint protocols_draftissue_canonical_id_tenant
  foreign key (framework_id, canonical_id) references portal_storedfile (framework_id, id) deferrable initially deferred;
"""
KEPT = """
create function refuse_recirculation() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if old.canonical_id is not null and (tg_op = 'DELETE' or (new.version_id, new.number, new.issued_at, new.change, new.canonical_id)
      is distinct from (old.version_id, old.number, old.issued_at, old.change, old.canonical_id)) then
    raise exception 'draft % of version % was circulated: % is refused', old.number, old.version_id, tg_op;
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger refuse_recirculation before delete or update on protocols_draftissue
  for each row execute function refuse_recirculation();
"""
# Who got the drafts that were circulated before this: the parties that stand now, as pages assumed until here
EARLIER = """
insert into protocols_draftrecipient (framework_id, issue_id, organisation_id, name)
  select i.framework_id, i.id, p.organisation_id, p.name
    from protocols_draftissue i join protocols_party p on p.version_id = i.version_id order by i.id, p.order, p.id;
set constraints all immediate;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0004_search_path"),
        ("protocols", "0004_frozen_text"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="draftissue",
            name="canonical",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.storedfile"
            ),
        ),
        migrations.AddField(
            model_name="draftissue",
            name="issued_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.CreateModel(
            name="DraftRecipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recipients",
                        to="protocols.draftissue",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.organisation"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("issue", "organisation"), name="draft_recipient_once")],
            },
        ),
        ProtectTenant("DraftRecipient"),
        migrations.RunSQL(
            TWIN, "alter table protocols_draftissue drop constraint protocols_draftissue_canonical_id_tenant"
        ),
        migrations.RunSQL(EARLIER, migrations.RunSQL.noop),
        migrations.RunSQL(sql.append_only("protocols_draftrecipient"), migrations.RunSQL.noop),
        migrations.RunSQL(
            KEPT, "drop trigger refuse_recirculation on protocols_draftissue; drop function refuse_recirculation();"
        ),
    ]
