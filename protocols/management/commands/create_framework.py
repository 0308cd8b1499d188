"""manage.py create_framework: a new framework with its board, tiers and first administrator."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from portal import clock, tenancy, text, workflow
from portal.models import Framework
from portal.models.people import RESERVED_SLUGS, Nation
from portal.permissions import Role
from protocols import presets


class Command(BaseCommand):
    """Everything in one transaction; the first administrator is invited by mail, as everybody is."""

    help = "Makes a framework with its governing board and tiers, its first organisation, and invites its first administrator."

    def add_arguments(self, parser):
        """What a framework starts from."""
        parser.add_argument("name", help="name of the framework, as “Anyshire Information Sharing Partnership”")
        parser.add_argument("slug", help="word in the address, as “anyshire”")
        parser.add_argument(
            "--nation", choices=Nation.values, default=Nation.ENGLAND_AND_WALES, help="whose bank holidays count"
        )
        parser.add_argument(
            "--preset",
            choices=Framework.Preset.values,
            default=Framework.Preset.GENERAL_INDIVIDUAL,
            help="arrangement of tiers",
        )
        parser.add_argument("--board", default="", help="name of the governing board; default: the name with “Board”")
        parser.add_argument(
            "--organisation", required=True, help="the first member organisation, for which the administrator acts"
        )
        parser.add_argument("--admin-email", required=True, help="address of the first administrator")
        parser.add_argument("--admin-name", required=True, help="full name of the first administrator")
        parser.add_argument("--admin-title", default="", help="job title of the first administrator")

    def handle(self, *args, **options):
        """Make it, or say what is wrong and make nothing."""
        now = clock.now()
        if options["slug"] in RESERVED_SLUGS:
            raise CommandError(f"“{options['slug']}” is reserved for the portal's own pages. Choose another word.")
        for name in ("name", "board", "organisation", "admin_name", "admin_title"):
            options[name] = text.normalise(options[name]).strip()
            for character in text.forbidden_characters(options[name].replace("\n", "\0")):
                raise CommandError(f"--{name.replace('_', '-')}: take out the {text.describe(character)}.")
        framework = Framework(
            name=options["name"], slug=options["slug"], nation=options["nation"], preset=options["preset"]
        )
        try:
            framework.full_clean()
            validate_email(options["admin_email"])
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        with transaction.atomic():
            made = workflow.create_framework(
                name=framework.name,
                slug=framework.slug,
                nation=framework.nation,
                preset=framework.preset,
                board=options["board"],
                by=None,
                now=now,
            )
            with tenancy.scope(made.pk):
                presets.apply(made, by=None, now=now, board_name=options["board"])
                member = workflow.new_organisation(
                    made,
                    name=options["organisation"],
                    nation=made.nation,
                    joined_on=clock.london_date(now),
                    by=None,
                    now=now,
                )
                workflow.invite(
                    made,
                    email=options["admin_email"],
                    full_name=options["admin_name"],
                    job_title=options["admin_title"],
                    organisation=member.organisation,
                    role=Role.FRAMEWORK_ADMIN,
                    by=None,
                    now=now,
                )
        self.stdout.write(
            f"Made {made.name} at /{made.slug}/. The invitation to {options['admin_email']} is on its way."
        )
