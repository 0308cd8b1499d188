"""What operators have paused. A restored installation starts with mail paused: what was sent already must not go again."""

from django.db import models


class Pause(models.Model):
    """One thing that is paused. The table is never part of a backup (portal/backup.py)."""

    MAIL = "mail"

    name = models.CharField(max_length=20, primary_key=True)
    since = models.DateTimeField()
    reason = models.CharField(max_length=200)

    def __str__(self):
        return f"{self.name}: {self.reason}"
