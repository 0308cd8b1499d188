"""100,000 protocols in minutes: the first of data.py are made by Django, all others are copied from them by SQL.

As superuser and with the triggers off, so the words of the search are written here, in one statement, and the hashes of
the ledger are numbers that hang together with nothing: no page reads them.
"""

import os

import psycopg2
from django.db import connection

# As data.py has them, for protocol number i
SINCE = "'2026-01-01 12:00+00'::timestamptz - make_interval(days => mod(7919 * i, 3650))"
HAS_WORD = "mod(i, 19) = 4"
NUMBERS = "array[mod(i, 200), mod(7 * i + 3, 200), mod(13 * i + 11, 200)] || case when mod(i, 20) = 0 then array[0] else '{}' end"
PARTIES = (
    f"lateral (select k, row_number() over (order by k) - 1 as place from (select distinct unnest({NUMBERS}) as k) d) p"
)
PROTOCOL = {
    "id": "%(protocols)s + i",
    "reference": "'W-' || lpad(i::text, 6, '0')",
    "title": f"'Protocol ' || i || ' for sharing information' || case when {HAS_WORD} then ' about ' || %(word)s else '' end",
    "lead_organisation_id": "(%(organisations)s::bigint[])[mod(i, 200) + 1]",
    "created_at": SINCE,
}
VERSION = {"id": "%(versions)s + i", "protocol_id": "%(protocols)s + i"} | dict.fromkeys(
    ("circulated_at", "completed_at", "in_force_from", "effective_on", "sign_by"), SINCE
)
OF_VERSION = {"version_id": "%(versions)s + i"}
COPIES: list[tuple[str, dict[str, str], str]] = [
    ("protocols_protocol", PROTOCOL, ""),
    ("protocols_version", VERSION, ""),
    (
        "protocols_party",
        OF_VERSION
        | {
            "organisation_id": "(%(organisations)s::bigint[])[p.k + 1]",
            "name": "'Organisation ' || lpad(p.k::text, 3, '0')",
            "order": "p.place",
            "signed_at": SINCE,
            "bound_from": SINCE,
        },
        f", {PARTIES}",
    ),
    (
        "protocols_clause",
        OF_VERSION
        | {"uid": "gen_random_uuid()", "text": f"%(body)s || case when {HAS_WORD} then %(word)s else '' end"},
        "",
    ),
    ("protocols_purpose", OF_VERSION, ""),
    ("protocols_dataitem", OF_VERSION, ""),
    ("protocols_publication", OF_VERSION | {"review_on": SINCE, "decided_at": SINCE}, ""),
    ("protocols_historicalprotocol", PROTOCOL, ""),
    ("protocols_historicalversion", VERSION, ""),
    (
        "portal_auditevent",
        {
            "chain": "'protocol:' || (%(protocols)s + i)",
            "at": SINCE,
            "subject_id": "%(versions)s + i",
            "subject_label": "'W-' || lpad(i::text, 6, '0')",
            "prev": "''",
            "hash": "lpad(to_hex(i), 64, '0')",
        },
        "",
    ),
]
KEY = {"protocols_historicalprotocol": "history_id", "protocols_historicalversion": "history_id"}
WORDS = (
    "insert into protocols_searchentry (framework_id, version_id, words)"
    " select framework_id, id, search_words(id) from protocols_version where id >= %(versions)s + %(start)s"
)


BY = {
    "protocols_protocol": "id",
    "protocols_version": "id",
    "portal_auditevent": "subject_id",
}  # how the example is found


def copy(framework, protocol, version, organisations, *, start: int, end: int, body: str, word: str) -> None:
    """Protocols with the numbers start … end - 1, made as the one with number 0."""
    values = {
        "protocols": protocol.pk, "versions": version.pk, "organisations": [one.pk for one in organisations],
        "start": start, "last": end - 1, "body": body, "word": word,
    }  # fmt: skip
    admin = psycopg2.connect(os.environ["PORTAL_SUPERUSER_DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    with admin, admin.cursor() as cursor:
        cursor.execute("set session_replication_role = replica; set synchronous_commit = off")
        for table, changed, more in COPIES:
            cursor.execute(statement(cursor, table, changed, more), values)
        cursor.execute(WORDS, values)
        for table in ("protocols_protocol", "protocols_version"):
            cursor.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")
    admin.close()


def statement(cursor, table: str, changed: dict[str, str], more: str) -> str:
    """Insert as the example is, column by column, but for what is changed; keys that nobody needs count on."""
    cursor.execute(
        "select column_name from information_schema.columns where table_name = %s and table_schema = 'public'"
        " and is_generated = 'NEVER' order by ordinal_position",
        [table],
    )
    key = KEY.get(table, "id")
    names = [name for (name,) in cursor.fetchall() if name != key or name in changed]
    takes = ", ".join(changed.get(name, f't."{name}"') for name in names)
    into = ", ".join(f'"{name}"' for name in names)
    by = BY.get(table, "id" if table in KEY else "version_id")
    example = f"t.{by} = %({'protocols' if table.endswith('protocol') else 'versions'})s"
    if table == "portal_auditevent":  # all four
        example += " and t.subject_type = 'protocols.version'"
    else:
        example = f"t.{KEY.get(table, 'id')} = (select min({KEY.get(table, 'id')}) from {table} t where {example})"
    return (
        f"insert into {table} ({into}) select {takes} from {table} t, generate_series(%(start)s, %(last)s) i{more}"
        f" where {example}"
    )
