"""A one-use proof that a person used a second factor for one text, just now."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from portal.db.statements import prepared
from portal.errors import StateError
from portal.models.people import User


class SecondFactorProofQuerySet(models.QuerySet["SecondFactorProof"]):
    """Proofs of one installation; global, like accounts."""

    def spend(self, *, user, sha256, now) -> "SecondFactorProof":
        """Use up the person's fresh proof for this hash, under lock. Raises StateError if there is none."""
        since = now - timedelta(seconds=settings.SECOND_FACTOR_SECONDS)
        proof = next(iter(fresh_proofs(user.pk, sha256, since, now)), None)
        if proof is None:
            raise StateError(
                _("Your second factor has not been checked for this text in the last 5 minutes."),
                _("Enter a new code and sign again."),
            )
        proof.used_at = now
        proof.save(update_fields=["used_at"])
        return proof


class SecondFactorProof(models.Model):
    """user proved `method` for the text with `sha256` at `made_at`; may be spent once within 5 minutes."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    sha256 = models.CharField(max_length=64)
    method = models.CharField(max_length=20)
    credential = models.CharField(max_length=1400)  # the id of a passkey has up to 1023 bytes
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = SecondFactorProofQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "sha256", "-made_at"], name="second_factor_lookup")]

    def __str__(self):
        return f"{self.method} {self.made_at}"


@prepared
def fresh_proofs(user, sha256, since, now):
    """The newest unspent proof of this person for this hash, under its lock."""
    mine = SecondFactorProof.objects.select_for_update().filter(user=user, sha256=sha256, used_at__isnull=True)
    return mine.filter(made_at__gt=since, made_at__lte=now).order_by("-made_at")[:1]
