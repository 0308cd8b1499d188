"""What is frozen for signing stays: its files are never exchanged, its rows never changed, by whatever road."""

from django.db import migrations

CONTENT = ["clause", "term", "purpose", "dataitem"]
FUNCTIONS = """
create function refuse_thaw() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if old.canonical_id is not null and (tg_op = 'DELETE' or (new.canonical_id, new.text_copy_id) is distinct from (old.canonical_id, old.text_copy_id)) then
    raise exception 'version % is frozen: % is refused', old.id, tg_op;
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger refuse_thaw before delete or update of canonical_id, text_copy_id on protocols_version
  for each row execute function refuse_thaw();

create function refuse_frozen_text() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select 1 from protocols_version v where v.id in (old.version_id, new.version_id) and v.canonical_id is not null) then
    raise exception '% belongs to a frozen version: % is refused', tg_table_name, tg_op;
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
"""


def on_content(statement):
    """One statement for each table of the text."""
    return "".join(statement.format(table=f"protocols_{name}") for name in CONTENT)


class Migration(migrations.Migration):
    dependencies = [("protocols", "0003_search_path")]
    operations = [
        migrations.RunSQL(
            FUNCTIONS,
            "drop trigger refuse_thaw on protocols_version; drop function refuse_thaw(); drop function refuse_frozen_text();",
        ),
        migrations.RunSQL(
            on_content(
                "create trigger refuse_frozen_text before insert or update or delete on {table}"
                " for each row execute function refuse_frozen_text();"
            ),
            on_content("drop trigger refuse_frozen_text on {table};"),
        ),
    ]
