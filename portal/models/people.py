"""People, organisations, frameworks, and who is what where.

Users and organisations are global: a police force belongs to many frameworks and has one login and one
list of everything it signed. A framework is a tenant.
"""

import secrets
from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import connection, models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from portal import clock
from portal.ladders import Pace
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.permissions import ROLE_PERMISSIONS, ROLES_WITHOUT_SECOND_FACTOR, Perm, Role

INVITATION_LIFE = timedelta(days=14)
# Words that stand where a framework's slug would stand in an address
RESERVED_SLUGS = frozenset(
    [
        "me",
        "organisations",
        "accounts",
        "verify",
        "checkpoints",
        "static",
        "api",
        "demo",
        "healthz",
        "readyz",
        "invitations",
        "files",
        "help",
        "accessibility",
        "privacy",
        "cookies",
    ]
)


class Nation(models.TextChoices):
    """Whose bank holidays count (READ-1)."""

    ENGLAND_AND_WALES = "england-and-wales", _("England and Wales")
    SCOTLAND = "scotland", _("Scotland")
    NORTHERN_IRELAND = "northern-ireland", _("Northern Ireland")


class UserManager(BaseUserManager["User"]):
    """Makes accounts; only invitations and commands call it."""

    def create_user(self, email, full_name, password=None, *, job_title=""):
        """An account with a normalised address; without a password it cannot sign in."""
        user = self.model(email=self.normalize_email(email).lower(), full_name=full_name, job_title=job_title)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person. One account everywhere; what they may do comes from memberships."""

    email = models.EmailField(_("Email address"), max_length=254, unique=True)
    full_name = models.CharField(_("Full name"), max_length=150)
    job_title = models.CharField(_("Job title"), max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    reminder_pace = models.CharField(  # portal.ladders.Pace; empty: as the roles say (portal.chain)
        max_length=10, blank=True, choices=[(pace.value, pace.value) for pace in Pace]
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]
    objects = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            # guardian lets superusers through everything, so there are none
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="no_superusers"),
        ]

    def __str__(self):
        return self.full_name

    def get_full_name(self):
        """The name as it stands in records."""
        return self.full_name


class Organisation(models.Model):
    """A public body (or partner). Edited only by its own administrators or, as a proposal, by a framework's."""

    name = models.CharField(_("Name"), max_length=200)
    address = models.TextField(_("Main address"), blank=True, max_length=500)
    telephone = models.CharField(_("Main telephone number"), blank=True, max_length=40)
    ico_number = models.CharField(
        _("ICO registration number"),
        blank=True,
        max_length=12,
        validators=[
            RegexValidator(r"^Z[A-Z0-9]\d{6}$|^Z\d{7}$", _("Enter the number as on the ICO register, like ZA123456."))
        ],
    )
    ico_expires = models.DateField(_("ICO registration expires on"), null=True, blank=True)
    ods_code = models.CharField(
        _("ODS code"),
        blank=True,
        max_length=10,
        validators=[
            RegexValidator(r"^[A-Z0-9]{3,10}$", _("Enter the code as in the NHS directory, like RX1 or A81001."))
        ],
    )
    nation = models.CharField(_("Nation"), max_length=20, choices=Nation.choices, default=Nation.ENGLAND_AND_WALES)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Framework(models.Model):
    """A tenant: an area with one governing board, its tiers, calendar and member organisations."""

    class Preset(models.TextChoices):
        """Whose arrangement of tiers was taken (KEN-4.1, HAM-2t, HAR-2.1, DUD-7, DUD-8)."""

        THREE_TIER = "three-tier", _("Three-tier (Kent)")
        TWO_TIER = "two-tier", _("Two-tier (Hampshire)")
        GENERAL_INDIVIDUAL = "general-individual", _("General and individual (Haringey)")
        PROTOCOL_POLICY_EXCHANGE = (
            "protocol-policy-exchange",
            _("Protocol, policy, data exchange agreement (Dudley)"),
        )

    name = models.CharField(_("Name"), max_length=150)
    slug = models.SlugField(_("Word in the address"), max_length=50, unique=True)
    nation = models.CharField(_("Nation"), max_length=20, choices=Nation.choices, default=Nation.ENGLAND_AND_WALES)
    preset = models.CharField(
        _("Arrangement of tiers"), max_length=30, choices=Preset.choices, default=Preset.GENERAL_INDIVIDUAL
    )
    brand_colour = models.CharField(max_length=7, default="#12436d", validators=[RegexValidator(r"^#[0-9a-f]{6}$")])
    security_summary_blocks = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        permissions = [(perm.value, perm.name.lower()) for perm in Perm if perm is not Perm.VIEW]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(slug__in=sorted(RESERVED_SLUGS)), name="framework_slug_not_reserved"
            )
        ]

    def __str__(self):
        return self.name

    @property
    def memberships(self):
        """Memberships of this framework (needs its scope)."""
        return Membership.objects.filter(framework=self)


class FrameworkUserObjectPermission(UserObjectPermissionBase):
    """guardian's grants to a person on a framework, by real foreign keys."""

    content_object = models.ForeignKey(Framework, on_delete=models.CASCADE)


class FrameworkGroupObjectPermission(GroupObjectPermissionBase):
    """guardian's grants to a group on a framework; none are made, guardian wants the table."""

    content_object = models.ForeignKey(Framework, on_delete=models.CASCADE)


class MemberOrganisation(TenantModel):
    """An organisation that belongs to a framework."""

    class Status(models.TextChoices):
        """Only an active organisation's people may come in."""

        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        LEFT = "left", _("Left")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="frameworks")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["framework", "organisation"], name="organisation_once_in_framework"),
            models.CheckConstraint(
                condition=models.Q(status="left", left_on__isnull=False)
                | (~models.Q(status="left") & models.Q(left_on__isnull=True)),
                name="member_organisation_left_with_date",
            ),
        ]

    def __str__(self):
        return f"{self.organisation}"


class MembershipQuerySet(TenantQuerySet["Membership"]):
    """Memberships; `live()` is the only door for access."""

    def live(self):
        """Active roles of active organisations: what counts for access at this moment."""
        active = MemberOrganisation._base_manager.filter(
            framework_id=models.OuterRef("framework_id"),
            organisation_id=models.OuterRef("organisation_id"),
            status=MemberOrganisation.Status.ACTIVE,
        )
        return self.filter(models.Exists(active), ended_at__isnull=True, user__is_active=True)


MembershipManager = TenantManager.from_queryset(MembershipQuerySet)


class Membership(TenantModel):
    """A person's role in a framework for one organisation. The truth from which guardian's rows follow."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("Role"), max_length=20, choices=Role.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipManager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["framework", "user", "organisation", "role"],
                condition=models.Q(ended_at__isnull=True),
                name="role_held_once",
            )
        ]
        indexes = [models.Index(fields=["framework", "user"], name="membership_framework_user")]

    def __str__(self):
        # without the name: the ledger keeps this label for good, and the person's side of a row apart from it
        return f"{self.get_role_display()} · {self.organisation}"


def sync_permissions(framework: Framework, user: User) -> int:
    """Make guardian's grants on the framework equal to what the live roles give; returns how many changed."""
    roles = framework.memberships.live().filter(user=user).values_list("role", flat=True)
    wanted = {perm.value for role in roles for perm in ROLE_PERMISSIONS[role]}
    with transaction.atomic():
        held = {
            row.permission.codename: row
            for row in FrameworkUserObjectPermission.objects.filter(user=user, content_object=framework).select_related(
                "permission"
            )
        }
        for codename in held.keys() - wanted:
            held[codename].delete()
        for codename in sorted(wanted - held.keys()):
            FrameworkUserObjectPermission.objects.assign_perm(codename, user, framework)
    return len(held.keys() ^ wanted)


def needs_second_factor(user: User) -> bool:
    """Does any live role of this person, anywhere, ask for a second factor? (every role but viewer)"""
    with connection.cursor() as cursor:
        cursor.execute("select role from my_roles(%s)", [user.pk])
        return bool({row[0] for row in cursor.fetchall()} - ROLES_WITHOUT_SECOND_FACTOR)


def inviters(framework_id: int) -> MembershipQuerySet:
    """Live roles of a framework that invite people. Needs its scope."""
    roles = [role for role, perms in ROLE_PERMISSIONS.items() if Perm.MEMBERS in perms]
    return Membership.objects.filter(framework_id=framework_id, role__in=roles).live()


class Invitation(TenantModel):
    """An account (or a further role) offered by mail. The link's token is signed when the mail is sent, never stored."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(_("Email address"))
    full_name = models.CharField(_("Full name"), max_length=150)
    job_title = models.CharField(_("Job title"), max_length=150, blank=True)
    role = models.CharField(_("Role"), max_length=20, choices=Role.choices)
    nonce = models.CharField(max_length=43, default=secrets.token_urlsafe, editable=False)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True) | models.Q(revoked_at__isnull=True),
                name="invitation_one_end",
            )
        ]

    def __str__(self):
        # without address and name, for the same reason as a membership
        return f"{self.get_role_display()} · {self.organisation}"

    def open(self, now) -> bool:
        """Can it still be accepted? It dies with its sender's role; one that a command sent has no sender."""
        waits = self.accepted_at is None and self.revoked_at is None and now < self.expires_at
        return waits and (self.invited_by_id is None or self.sender_may_invite(self.invited_by_id))

    def sender_may_invite(self, sender: int) -> bool:
        """Does whoever sent it still hold a role in this framework that invites people? Needs its scope."""
        return inviters(self.framework_id).filter(user_id=sender).exists()
