"""PostgreSQL engine whose every outermost transaction starts inside the current scope.

`set_config(…, true)` ends with the transaction, so nothing can stay on a kept connection; outside a
transaction no scope is set and tenant tables show no rows (fails closed).
"""

from django.db.backends.postgresql import base

from portal.db.context import Scope, current

# set_config('role', …, true) is SET LOCAL ROLE: one round trip for everything
SET = "select set_config('role', %s, true), " + ", ".join(f"set_config('{n}', %s, true)" for n in Scope().settings())


def here() -> list[str]:
    """What SET takes: portal_cross has SELECT only; "none" returns to the role that logged in."""
    scope = current.get()
    return ["portal_cross" if scope.cross else "none", *scope.settings().values()]


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL connection with the scope of `portal.db.context` on it."""

    def get_new_connection(self, conn_params):
        """Nothing is prepared on a new connection."""
        self.prepared: set[str] = set()
        return super().get_new_connection(conn_params)

    def prepare(self, name: str, words: str, sql: str, params: list):
        """Have PostgreSQL keep the plan of a statement on this connection (portal.db.statements)."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        if name not in self.prepared:
            with self.wrap_database_errors, self.connection.cursor() as cursor:
                cursor.execute(words.replace("%", "%%") + sql, params)
            self.prepared.add(name)

    def _set_autocommit(self, autocommit):
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        if not autocommit:
            self.apply_scope()

    def apply_scope(self):
        """Put the current scope on the open transaction (also when it changes inside one)."""
        with self.connection.cursor() as cursor:
            cursor.execute(SET, here())

    def at_once(self, statement, parameters) -> int:
        """One statement in a transaction of its own, with the current scope, in one round trip; gives the rows changed.

        PostgreSQL makes one transaction of what comes in one message, so the scope ends with it here as well.
        """
        with self.cursor() as cursor:
            if self.in_atomic_block:
                cursor.execute(statement, parameters)
            else:
                cursor.execute(f"{SET}; {statement}", [*here(), *parameters])
            return cursor.rowcount
