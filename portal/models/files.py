"""Files that are kept for good: content-addressed, written and fsynced before their row, never changed."""

import hashlib
import os
import uuid
from pathlib import Path

from django.conf import settings
from django.db import models

from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet


def path_of(sha256: str) -> Path:
    """Where the bytes with this hash stand."""
    return settings.LAYOUT.files / sha256[:2] / sha256[2:4] / sha256


def write(content: bytes) -> str:
    """Put bytes in place durably and give their SHA-256; writing the same bytes twice is one file."""
    digest = hashlib.sha256(content).hexdigest()
    target = path_of(digest)
    if target.exists():
        return digest
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{uuid.uuid4().hex}")
    with temporary.open("xb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return digest


class StoredFileQuerySet(TenantQuerySet["StoredFile"]):
    """Files of one framework."""

    def keep(self, content: bytes, *, framework, name, media_type, purpose, audience, subject, now) -> "StoredFile":
        """Store bytes and their row. `subject`: the model instance whose readers may read the file."""
        digest = write(content)
        return self.create(
            framework=framework,
            sha256=digest,
            size=len(content),
            name=name,
            media_type=media_type,
            purpose=purpose,
            audience=audience,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            stored_at=now,
        )


StoredFileManager = TenantManager.from_queryset(StoredFileQuerySet)


class StoredFile(TenantModel):
    """One kept file. The bytes are at `path_of(sha256)`; the row is never updated."""

    class Audience(models.TextChoices):
        """Who may fetch it, beyond permission on its subject."""

        MEMBERS = "members", "Readers of the subject"
        PARTIES = "parties", "Parties"
        PUBLIC = "public", "Everybody"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    purpose = models.CharField(max_length=40)
    audience = models.CharField(max_length=10, choices=Audience.choices)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    stored_at = models.DateTimeField()

    objects = StoredFileManager()  # type: ignore[misc]

    class Meta:
        indexes = [models.Index(fields=["framework", "subject_type", "subject_id"], name="stored_file_subject")]

    def __str__(self):
        return self.name

    def content(self) -> bytes:
        """The bytes; raises OSError if they are gone, ValueError if they are not what was stored."""
        content = path_of(self.sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise ValueError(f"Stored file {self.uid} does not have its recorded SHA-256.")
        return content
