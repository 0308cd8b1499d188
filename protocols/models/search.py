"""The words by which a version is found. Written by the database itself (migration 0011), read through search_hits()."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from portal.models.tenant import TenantModel
from protocols.models.version import Version


class SearchEntry(TenantModel):
    """Title, reference, purposes and the published summary of one version, as PostgreSQL's words.

    A table of its own, so that no list of versions carries the words along.
    """

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="+")
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="search_words")]

    def __str__(self):
        return str(self.version_id)
