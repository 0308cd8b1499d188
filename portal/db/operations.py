"""Migration operations that keep a tenant's rows its own: row-level security and composite foreign keys."""

from django.db import models
from django.db.migrations.operations.base import Operation

SCOPE = "(select nullif(current_setting('portal.framework', true), '')::bigint)"
# the cast outside makes it ANY(array) and not ANY(sub-query)
SCOPES = "(select nullif(current_setting('portal.frameworks', true), '')::bigint[])::bigint[]"
INSTALLATION = "(select current_setting('portal.installation', true))"


def policies(table: str, column: str = "framework_id", *, nullable: bool = False) -> list[str]:
    """SQL that puts one table under row-level security by the framework in `column`.

    The sub-selects are evaluated once per query, not per row. nullable: rows without a framework belong to
    the installation scope.
    """
    mine = f"{column} = {SCOPE}"
    if nullable:
        mine = f"({mine} or ({column} is null and {INSTALLATION} = 'on'))"
    return [
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"create policy tenant on {table} to portal_app using ({mine}) with check ({mine})",
        f"create policy across on {table} for select to portal_cross using ({column} = any({SCOPES}))",
        f"create policy owner on {table} to portal_owner using (true) with check (true)",
    ]


def no_policies(table: str) -> list[str]:
    """The way back."""
    drops = [f"drop policy if exists {name} on {table}" for name in ("tenant", "across", "owner")]
    return [
        *drops,
        f"alter table {table} no force row level security",
        f"alter table {table} disable row level security",
    ]


class ProtectTenant(Operation):
    """Put a tenant model's table under row-level security, and make its foreign keys stay in the tenant.

    Every foreign key to another tenant table gets a composite twin `(framework_id, x_id)` → `(framework_id, id)`:
    PostgreSQL's own checks bypass row-level security, so without it a row could point into another tenant.
    """

    reversible = True

    def __init__(self, model_name: str, *, column: str = "framework_id", nullable: bool = False):
        self.model_name, self.column, self.nullable = model_name, column, nullable

    def state_forwards(self, app_label, state):
        """The state of the models does not change."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model_name)
        table = model._meta.db_table
        for statement in policies(table, self.column, nullable=self.nullable):
            schema_editor.execute(statement)
        if not self._has_framework(model):
            return
        schema_editor.execute(
            f"alter table {table} add constraint {table}_tenant unique (framework_id, {model._meta.pk.column})"
        )
        for field in self._tenant_keys(model):
            target = field.remote_field.model._meta
            schema_editor.execute(
                f"alter table {table} add constraint {table}_{field.column}_tenant foreign key (framework_id, {field.column})"
                f" references {target.db_table} (framework_id, {target.pk.column}) deferrable initially deferred"
            )

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        model = from_state.apps.get_model(app_label, self.model_name)
        table = model._meta.db_table
        if self._has_framework(model):
            for field in self._tenant_keys(model):
                schema_editor.execute(f"alter table {table} drop constraint {table}_{field.column}_tenant")
            schema_editor.execute(f"alter table {table} drop constraint {table}_tenant")
        for statement in no_policies(table):
            schema_editor.execute(statement)

    def describe(self):
        return f"Row-level security and composite foreign keys on {self.model_name}"

    def deconstruct(self):
        return self.__class__.__name__, [self.model_name], {"column": self.column, "nullable": self.nullable}

    @staticmethod
    def _has_framework(model) -> bool:
        return any(f.name == "framework" and isinstance(f, models.ForeignKey) for f in model._meta.local_fields)

    def _tenant_keys(self, model):
        return [
            field
            for field in model._meta.local_fields
            if isinstance(field, models.ForeignKey)
            and field.db_constraint  # type: ignore[attr-defined]
            and field.name != "framework"
            and not isinstance(field.remote_field.model, str)
            and self._has_framework(field.remote_field.model)
        ]
