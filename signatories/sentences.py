"""What the ledger says of signing, in words (portal.sentences)."""

from django.utils.translation import gettext_lazy as _

from portal.sentences import Audience, Topic, tell

tell(
    Topic.SIGNING,
    {
        "signatories.signature:made": _(
            "The signature for %(organisation)s was kept with its evidence (%(reference)s)"
        ),
        "signatories.invitation:repeated": _("%(organisation)s was reminded to sign"),
    },
    audience=Audience.DESK,
)
tell(
    Topic.READING,
    {
        "signatories.party:viewed": _("%(organisation)s opened the signing page for the first time"),
        "signatories.text-copy:fetched": _("The text to be signed was downloaded for %(organisation)s"),
    },
)
tell(
    Topic.PEOPLE,
    {
        "signatories.authority:granted": _("An authority to sign was recorded (%(subject)s)"),
        "signatories.authority:ended": _("An authority to sign ended (%(subject)s)"),
    },
)
