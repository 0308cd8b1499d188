"""A migration that no database has: tests point an app here to see /readyz wait for it."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    operations = []
