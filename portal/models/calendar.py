"""Days that are not working days: bank holidays of the nations, closure days of a framework (READ-1)."""

from django.db import models

from portal.models.people import Nation
from portal.models.tenant import TenantModel


class BankHoliday(models.Model):
    """A bank holiday; seeded from portal/data/bank_holidays.json, late ones are added."""

    nation = models.CharField(max_length=20, choices=Nation.choices)
    date = models.DateField()
    title = models.CharField(max_length=100)

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["nation", "date"], name="bank_holiday_once")]

    def __str__(self):
        return f"{self.date} {self.title} ({self.nation})"


class ClosureDay(TenantModel):
    """A day that is no working day in one framework, recorded by its administrator: its bodies are closed, or, with a
    nation, a bank holiday was declared there after the portal's own table was made (READ-8)."""

    date = models.DateField()
    title = models.CharField(max_length=100)
    nation = models.CharField(max_length=20, choices=Nation.choices, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["framework", "date", "nation"], name="closure_day_once")]

    def __str__(self):
        return f"{self.date} {self.title}"
