"""Whether the process lives (/healthz) and whether everything it needs works (/readyz). Public, never cached.

The answers hold states, ages and counts only: no names, addresses, versions or messages of errors.
"""

from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import clock
from portal.models import Heartbeat, Pause

REDIS_SECONDS = 2

Finding = dict[str, Any]


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers. Touches nothing else, so that a lost database does not get every process killed."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every check passes, else 503; ``checks`` holds one finding for each.

    A finding is ``{"ok": bool, …}``; ages are in seconds, null when there is nothing to measure.
    """
    checks = {name: _finding(check) for name, check in CHECKS.items()}
    ready = all(finding["ok"] for finding in checks.values())
    return JsonResponse({"status": "ready" if ready else "not ready", "checks": checks}, status=200 if ready else 503)


def _finding(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except (DatabaseError, redis.RedisError) as error:
        return {"ok": False, "error": type(error).__name__}


def database() -> Finding:
    """The database answers this process's own role."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return {"ok": True}


def migrations() -> Finding:
    """Every migration that this code knows is applied. Applied ones stay so: new code is a new process."""
    if not _applied:
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if waiting:
            return {"ok": False, "waiting": waiting}
        _applied.append(True)
    return {"ok": True, "waiting": 0}


def broker() -> Finding:
    """Redis answers, if the installation uses it."""
    url = settings.CONFIG["REDIS_URL"]
    if not url:
        return {"ok": True, "configured": False}
    with redis.Redis.from_url(url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS) as server:
        server.ping()
    return {"ok": True, "configured": True}


def heartbeat() -> Finding:
    """Periodic work runs: beat rang, a worker heard it, and the sweep began not long ago (READ-11)."""
    last = Heartbeat.objects.filter(name="sweep").values_list("at", flat=True).first()
    if last is None:
        return {"ok": False, "age_seconds": None}
    age = (clock.now() - last).total_seconds()
    return {"ok": age <= settings.READY["PORTAL_OLDEST_HEARTBEAT"], "age_seconds": round(age)}


def mail() -> Finding:
    """No mail has waited too long past its moment or was tried for too long, since a mail server that is away puts each
    try off; and none that was given up has lain too long: an operator tries it again or leaves it out."""
    with connection.cursor() as cursor:
        cursor.execute("select oldest, unsent, dead, dead_for from outbox_health(%s)", [clock.now()])
        oldest, unsent, given_up, dead_for = cursor.fetchone()
    ages = {"PORTAL_OLDEST_MAIL": oldest, "PORTAL_OLDEST_UNSENT_MAIL": unsent, "PORTAL_OLDEST_DEAD_MAIL": dead_for}
    waited, tried, lain = (None if age is None else max(0, round(age)) for age in ages.values())
    ok = all((age or 0) <= settings.READY[name] for name, age in zip(ages, (waited, tried, lain), strict=True))
    return {
        "ok": ok,
        "oldest_seconds": waited,
        "unsent_seconds": tried,
        "given_up": given_up,
        "given_up_seconds": lain,
        "paused": Pause.objects.filter(name=Pause.MAIL).exists(),
    }


_applied: list[bool] = []
CHECKS: dict[str, Callable[[], Finding]] = {
    "database": database,
    "migrations": migrations,
    "redis": broker,
    "heartbeat": heartbeat,
    "mail": mail,
}
