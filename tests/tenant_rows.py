"""Below all models and managers: what PostgreSQL itself shows and takes of the other tenant's rows, table by table."""

from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction

from portal.tenancy import cross_scope, nothing, scope

# of guardian's tables of grants, which name the framework by another word
COLUMNS = "'framework_id', 'content_object_id'"


@dataclass(frozen=True)
class Table:
    """column: that names the tenant. key: its primary key."""

    name: str
    column: str
    key: str


def tables() -> list[Table]:
    """Every table of a tenant."""
    found = rows(
        "select c.relname, a.attname, k.attname from pg_class c"
        f" join pg_attribute a on a.attrelid = c.oid and a.attname in ({COLUMNS}) and not a.attisdropped"
        " join pg_index i on i.indrelid = c.oid and i.indisprimary"
        " join pg_attribute k on k.attrelid = c.oid and k.attnum = i.indkey[0]"
        " where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relrowsecurity"
        " and has_table_privilege('portal_app', c.oid, 'select') order by 1"
    )
    return [Table(*row) for row in found]


def rows(query, parameters=()):
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def with_rows_not_of(framework) -> set[str]:
    """Names of the tables in which rows of others are seen, in the scope that holds now."""
    return {
        table.name
        for table in tables()
        if rows(
            f"select exists (select 1 from {table.name} where {table.column} is distinct from %s)",
            [framework and framework.pk],
        )[0][0]
    }


def seen_in_scope(framework, user) -> set[str]:
    """Tables that show this person rows of another tenant in this tenant's scope."""
    with scope(framework.pk, user_id=user.pk), transaction.atomic():
        return with_rows_not_of(framework)


def seen_across(user, framework) -> set[str]:
    """Tables that show rows of another tenant on the pages across frameworks of a person who is in this one only."""
    with cross_scope(user):
        return with_rows_not_of(framework)


def seen_without_scope() -> set[str]:
    """Tables that show anything outside every scope."""
    with nothing(), transaction.atomic():
        return with_rows_not_of(None)


def taken_for(framework, theirs, user) -> set[str]:
    """Tables that take a row for the other tenant while this one's scope holds: a copy of an own row, moved there."""
    return {table.name for table in tables() if takes(table, framework, theirs, user)}


def takes(table, framework, theirs, user) -> bool:
    """Whether row-level security lets it pass; another refusal after it (a key that is there twice) is no guard."""
    # the ledger's own trigger refuses a row in a chain of another framework first; this chain belongs to nobody yet
    new = f"jsonb_build_object('{table.key}', -1, '{table.column}', %s, 'chain', 'nobody:1')"
    columns = writable(table)
    row = f"jsonb_populate_record(null::{table.name}, to_jsonb(t) || {new})"
    newest = f"(select * from {table.name} order by {table.key} desc limit 1) t"
    names, taken = (", ".join(f'{side}"{name}"' for name in columns) for side in ("", "r."))
    move = f"insert into {table.name} ({names}) select {taken} from {newest}, {row} r"
    try:
        with scope(framework.pk, user_id=user.pk), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(move, [theirs.pk])
            moved = cursor.rowcount
            transaction.set_rollback(True)
    except DatabaseError as refusal:
        return "row-level security" not in str(refusal)
    assert moved, f"{table.name} has no row to try it with"
    return True


def writable(table) -> list[str]:
    """The columns of a table that are not made of others."""
    found = rows(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
        " and attgenerated = ''",
        [table.name],
    )
    return [name for (name,) in found]


def empty_for(framework) -> set[str]:
    """Tables in which the tenant has no row at all, so that nothing could be seen. Look as the owner."""
    return {
        table.name
        for table in tables()
        if not rows(f"select exists (select 1 from {table.name} where {table.column} = %s)", [framework.pk])[0][0]
    }


def of_another_person(framework, user, other) -> tuple[int, bool]:
    """What somebody typed and did not save, seen by another of the same framework; and is a row in their name taken?"""
    query = "select count(*) from protocols_unsaveddraft where user_id = %s"
    with scope(framework.pk, user_id=user.pk), transaction.atomic():
        seen = rows(query, [other.pk])[0][0]
    with cross_scope(user):
        seen += rows(query, [other.pk])[0][0]
    try:
        with scope(framework.pk, user_id=other.pk), transaction.atomic(), connection.cursor() as cursor:
            # no column is read, so that only the policy's own check can refuse
            cursor.execute("update protocols_unsaveddraft set user_id = %s", [user.pk])
            transaction.set_rollback(True)
    except DatabaseError as refusal:
        return seen, "row-level security" not in str(refusal)
    return seen, True
