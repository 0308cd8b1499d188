"""What is due: 100,000 deadlines in one framework, over 900 days, of which 3,333 are due within 30."""

import os
import time
from datetime import timedelta

import psycopg2
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from bench import load
from bench.pages import Row
from portal import clock, reminders, sweep
from portal.models import Deadline
from portal.tenancy import scope
from protocols.models import Protocol

DEADLINES, DAYS, WITHIN = 100_000, 900, 30
FILL = """
insert into portal_deadline (framework_id, rule, subject_type_id, subject_id, owner_id, started_at, recorded_at, due_at,
    provisional, explanation, note, inputs, found_late, assumed, practical_explanation)
  select p.framework_id, 'review.annual', %(kind)s, p.id, p.lead_organisation_id, %(now)s, %(now)s,
      %(now)s::timestamptz + (i::float * %(days)s / %(count)s) * interval '1 day', false, '', '',
      '{"nation": "england-and-wales"}', false, false, ''
    from generate_series(1, %(count)s) i
    join (select *, row_number() over (order by id) - 1 as place from protocols_protocol) p
      on p.place = mod(i, (select count(*)::int from protocols_protocol))
"""


def measure(framework) -> list[Row]:
    """The statement that finds what is due (≤ 20 ms), the one that finds where there is work, and a whole run."""
    now = clock.now()
    admin = psycopg2.connect(os.environ["PORTAL_SUPERUSER_DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    admin.autocommit = True
    with scope(framework.pk), transaction.atomic():
        kind = ContentType.objects.get_for_model(Protocol).pk
    with admin.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(FILL, {"kind": kind, "now": now, "days": DAYS, "count": DEADLINES})
        cursor.execute("vacuum analyze portal_deadline")
    admin.close()

    def due():
        with scope(framework.pk), transaction.atomic():
            return list(
                Deadline.objects.open().filter(due_at__lt=now + timedelta(days=WITHIN)).values_list("pk", "due_at")
            )

    found, work = load.loop(due, times=15), load.loop(lambda: sweep.due_work(now), times=15)
    began = time.perf_counter()
    with scope(framework.pk), transaction.atomic():
        people = reminders.due(framework, now=now)
    whole = time.perf_counter() - began
    words = f"{DEADLINES:,} deadlines: {len(due()):,} due within {WITHIN} days"
    return [
        Row(words, DEADLINES, found.p50, 0, most=20.0),
        Row(f"{DEADLINES:,} deadlines: frameworks with work", DEADLINES, work.p50, 0, most=20.0),
        Row(f"{DEADLINES:,} deadlines: a whole look for reminders ({len(people)} people)", DEADLINES, whole * 1000, 0),
    ]
