"""SQL files beside this module, and the statements that migrations build from lists."""

from pathlib import Path

HERE = Path(__file__).resolve().parent

# A temporary table of the caller must never stand in for a real one inside a SECURITY DEFINER function
TEMPORARY_LAST = """
do $$ declare f regprocedure; begin
  for f in select oid from pg_proc where prosecdef and pronamespace = 'public'::regnamespace loop
    execute format('alter function %s set search_path = pg_catalog, public, pg_temp', f);
  end loop;
end $$;
"""


def file(name: str) -> str:
    """The text of portal/db/<name>."""
    return (HERE / name).read_text(encoding="utf-8")


def append_only(table: str) -> str:
    """Refuse UPDATE, DELETE and TRUNCATE by trigger (also under session_replication_role) and by grant."""
    return f"""
    create trigger refuse_change before update or delete on {table} for each row execute function refuse_change();
    create trigger refuse_truncate before truncate on {table} for each statement execute function refuse_change();
    alter table {table} enable always trigger refuse_change;
    alter table {table} enable always trigger refuse_truncate;
    revoke update, delete, truncate on {table} from portal_app;
    """


def no_grants(table: str, *what: str) -> str:
    """Take rights from the serving role."""
    return f"revoke {', '.join(what)} on {table} from portal_app;"


def for_app(functions: list[str]) -> str:
    """Functions that only the serving role (and the owner) may call."""
    return "".join(
        f"revoke all on function {name} from public; grant execute on function {name} to portal_app;"
        for name in functions
    )
