"""The base of every table that belongs to one framework."""

from typing import TypeVar

from django.db import models

from portal.db.context import current
from portal.errors import ScopeRequired

Row = TypeVar("Row", bound=models.Model, covariant=True)


class TenantQuerySet(models.QuerySet[Row]):
    """A queryset over one tenant's rows."""


class TenantManager(models.Manager[Row]):
    """Refuses to look without a scope: forgetting it must fail, not leak."""

    def get_queryset(self):
        here = current.get()
        if here.framework is None and not here.cross and not here.installation:
            raise ScopeRequired(
                f"{self.model.__name__}.objects was used outside a scope: enter portal.tenancy.scope()."
            )
        return super().get_queryset()


class TenantModel(models.Model):
    """A row of one framework; PostgreSQL keeps it there (row-level security, composite foreign keys)."""

    framework = models.ForeignKey("portal.Framework", on_delete=models.PROTECT, related_name="+")

    objects = TenantManager()

    class Meta:
        abstract = True
