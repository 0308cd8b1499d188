"""The parts of the docs that are printed from the code: configuration, transitions, permissions."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.configuration import ENVIRONMENT
from portal.models.lifecycle import Lifecycle
from portal.permissions import ROLE_PERMISSIONS, Role

PRINTED = "<!-- Printed by `manage.py write_docs`: change the code, not this file. -->"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def configuration() -> str:
    """Every environment variable."""
    rows = [
        [
            f"`{v.name}`",
            v.help,
            v.default_words or (f"`{v.default}`" if isinstance(v.default, str) and v.default else "not set"),
        ]
        for v in ENVIRONMENT
    ]
    return (
        f"# Configuration\n\n{PRINTED}\n\nEverything comes from the environment. Each variable can also be given as"
        " `NAME_FILE`: the path of a file whose content is the value. For a trial nothing needs to be set.\n\n"
        + table(["Variable", "Meaning", "Default"], rows)
        + "\n"
    )


def transitions() -> str:
    """Every lifecycle's table of states."""
    parts = [f"# States and who moves them\n\n{PRINTED}\n"]
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        if issubclass(model, Lifecycle) and model.TRANSITIONS:
            words = {value: str(label) for value, label in model.Status.choices}
            rows = [
                [words[source], words[target], who]
                for source, targets in model.TRANSITIONS.items()
                for target, who in targets.items()
            ]
            parts.append(
                f"## {str(model._meta.verbose_name).capitalize()}\n\n" + table(["From", "To", "Who"], rows) + "\n"
            )
    return "\n".join(parts)


def permissions() -> str:
    """Roles and what each may do."""
    rows = [
        [str(Role(role).label), ", ".join(sorted(perm.name.lower().replace("_", " ") for perm in perms))]
        for role, perms in ROLE_PERMISSIONS.items()
    ]
    return f"# Roles\n\n{PRINTED}\n\n" + table(["Role", "May"], rows) + "\n"


PAGES = {"configuration.md": configuration, "transitions.md": transitions, "roles.md": permissions}


class Command(BaseCommand):
    """`manage.py write_docs`, or with --check say which page is out of date."""

    help = "Write the pages of docs/ that are printed from the code."

    def add_arguments(self, parser):
        """--check."""
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a page is out of date")

    def handle(self, *args, check, **options):
        """Write or compare."""
        docs = Path(settings.BASE_DIR) / "docs"
        stale = [
            name for name, page in PAGES.items() if not (docs / name).exists() or (docs / name).read_text() != page()
        ]
        if check and stale:
            raise CommandError(f"Out of date: {', '.join(stale)}. Run `manage.py write_docs`.")
        if not check:
            for name, page in PAGES.items():
                (docs / name).write_text(page())
            self.stdout.write(f"Written: {', '.join(PAGES)}.")
