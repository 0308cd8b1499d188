"""Django's migrate, run as the owner of the tables (PORTAL_OWNER_DATABASE_URL)."""

from django.conf import settings
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

from portal.configuration import database


class Command(Migrate):
    """The serving role owns nothing, so it cannot migrate: this command logs in as portal_owner."""

    def handle(self, *args, **options):
        """Point the connection at the owner, then migrate."""
        connection = connections[options["database"]]
        owner = database(settings.CONFIG["PORTAL_OWNER_DATABASE_URL"])
        connection.close()
        connection.settings_dict.update({key: owner[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")})
        connection.settings_dict["OPTIONS"] = {"connect_timeout": "10", "options": "-c lock_timeout=5000"}
        super().handle(*args, **options)
