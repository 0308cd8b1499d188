"""Sealed editions: new files beside the frozen text, never in its place."""

import secrets
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models import StoredFile
from portal.models.lifecycle import Lifecycle
from portal.models.tenant import TenantModel
from portal.models.verbs import verb
from protocols.models.version import Version

# Crockford's alphabet: no letter that can be taken for a digit when a code is typed from paper
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_code() -> str:
    """Twelve characters in three groups (60 bits), to be typed at /verify."""
    letters = "".join(secrets.choice(CODE_ALPHABET) for _ in range(12))
    return "-".join(letters[i : i + 4] for i in (0, 4, 8))


class Edition(TenantModel, Lifecycle):
    """One sealed file of a version: edition 1 at completion, further ones after each change of the parties."""

    class Kind(models.TextChoices):
        """For whom it is."""

        PARTIES = "parties", _("Parties' copy")
        PUBLIC = "public", _("Public copy")

    class Status(models.TextChoices):
        """The page shows "being sealed" until the worker is done."""

        BEING_SEALED = "being-sealed", _("Being sealed")
        SEALED = "sealed", _("Sealed")

    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {
        Status.BEING_SEALED: {Status.SEALED: "worker"},
        Status.SEALED: {},
    }

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="editions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=14, unique=True, default=new_code)
    status = models.CharField(max_length=15, choices=Status.choices, default=Status.BEING_SEALED)
    made_at = models.DateTimeField()
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["kind", "number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "kind", "number"], name="edition_once"),
            models.CheckConstraint(
                condition=models.Q(status="being-sealed", file__isnull=True, sha256="")
                | (models.Q(status="sealed", file__isnull=False) & ~models.Q(sha256="")),
                name="edition_sealed_has_file",
            ),
        ]
        indexes = [models.Index(fields=["sha256"], name="edition_sha256")]

    def __str__(self):
        return f"{self.version} · {self.get_kind_display()} {self.number}"

    @property
    def ledger_chain(self) -> str:
        """The protocol's chain."""
        return self.version.ledger_chain

    @verb
    def sealed(self, stored, *, now):
        """Being sealed → sealed, with the file that the worker made."""
        with self.transition(self.Status.SEALED, by=None, now=now, sha256=stored.sha256):
            self.file, self.sha256 = stored, stored.sha256
