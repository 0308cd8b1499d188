"""The evidence of a signature: stored once, never updated (evidence.md).

`record` is the canonical JSON of everything that was; its SHA-256 names it. Address and browser stand in
SignaturePerson, so that they can be erased after a year (UK-keep) and the chain stays whole.
"""

from django.db import models

from portal.models.people import User
from portal.models.tenant import TenantModel
from protocols.models import Party
from signatories.models.authority import Authority


class Signature(TenantModel):
    """One signature of one party. Append-only by trigger and grant."""

    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="signature")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=20, unique=True)
    signed_at = models.DateTimeField()
    record = models.TextField()  # canonical JSON (RFC 8785), exactly the bytes that were hashed
    record_sha256 = models.CharField(max_length=64)
    prev_sha256 = models.CharField(max_length=64, blank=True)  # of the version's signature before this one
    position = models.PositiveSmallIntegerField()  # 1, 2, 3 … on the version, given under its lock
    version = models.ForeignKey("protocols.Version", on_delete=models.PROTECT, related_name="signatures")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="signature_position_once")]

    def __str__(self):
        return f"{self.reference} {self.party}"


class SignaturePerson(TenantModel):
    """The personal side of a signature: address and browser as seen, kept one year."""

    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="person")
    salt = models.CharField(max_length=32)
    ip = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)

    def __str__(self):
        return f"{self.signature_id}"


class Refusal(TenantModel):
    """A party said no, with its reason; it may sign later all the same."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="refusals")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=5_000)
    refused_at = models.DateTimeField()

    class Meta:
        ordering = ["refused_at"]

    def __str__(self):
        return f"{self.party}: {self.refused_at}"
