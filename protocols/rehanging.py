"""The parent or the owner of a protocol is put right, until a text of it was frozen (KEN-4.1, KEN-4.3iii, HAR-10)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.errors import StateError
from protocols.beginning import keep, owner_errors, parent_errors
from protocols.drafting import changing, title_is_open
from protocols.parents import external_parent as words_of


def require_open(version):
    """What was signed or adopted names its parent: from then on it stays. Raises StateError."""
    if not title_is_open(version):
        raise StateError(
            _("A version of %(protocol)s was frozen under its parent, so the parent cannot be changed.")
            % {"protocol": version.protocol},
            _("Begin another protocol under the other parent."),
        )


def change_parent(version, *, parent, external_parent="", external_parent_dated=None, partnership=None, by, now):
    """Another parent, inside the portal or outside, and another owner; the rules are those of beginning a protocol.

    Raises StateError outside the drafter's desk or once a version was frozen, ValidationError with the errors by field.
    """
    protocol, title = version.protocol, external_parent.strip()
    errors = parent_errors(protocol.tier, parent, title) | owner_errors(protocol.tier, partnership)
    if errors:
        raise ValidationError(errors)
    was = str(protocol.parent or words_of(protocol))
    facts = {"was": was, "parent": str(parent or ""), "external_parent": title, "partnership": str(partnership or "")}
    with changing(version, "parent-changed", by=by, now=now, **facts):
        protocol = version.protocol
        protocol.refresh_from_db()
        require_open(version)
        protocol.parent, protocol.external_parent = parent, title
        protocol.external_parent_dated = external_parent_dated if title else None
        protocol.partnership = partnership
        keep(protocol, by=by)
