"""PostgreSQL engine whose every outermost transaction starts inside the current scope.

`set_config(…, true)` ends with the transaction, so nothing can stay on a kept connection; outside a
transaction no scope is set and tenant tables show no rows (fails closed).
"""

from django.db.backends.postgresql import base

from portal.db.context import Scope, current

# set_config('role', …, true) is SET LOCAL ROLE: one round trip for everything
SET = "select set_config('role', %s, true), " + ", ".join(f"set_config('{n}', %s, true)" for n in Scope().settings())


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL connection with the scope of `portal.db.context` on it."""

    def _set_autocommit(self, autocommit):
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        if not autocommit:
            self.apply_scope()

    def apply_scope(self):
        """Put the current scope on the open transaction (also when it changes inside one)."""
        scope = current.get()
        with self.connection.cursor() as cursor:
            # portal_cross has SELECT only; "none" returns to the role that logged in
            cursor.execute(SET, ["portal_cross" if scope.cross else "none", *scope.settings().values()])
