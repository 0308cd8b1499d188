"""What the ledger says of breaches, in words (portal.sentences)."""

from django.utils.translation import gettext_lazy as _

from portal.sentences import Audience, Topic, tell

tell(
    Topic.BREACHES,
    {
        "breaches.breach:reported": _("A breach was reported (%(subject)s)"),
        "breaches.breach:presented": _("The organisation in breach presented it to the meeting"),
        "breaches.breach:in-closed-session": _("The organisation in breach withdrew; the session was closed"),
        "breaches.breach:recalled": _("The organisation in breach was recalled and told the outcome"),
        "breaches.breach:minuted": _("The minutes were written"),
        "breaches.breach:circulated": _("The minutes were circulated"),
        "breaches.breach:closed": _("The breach was closed"),
        "breaches.breach:parties-told": _("The other parties were told: %(told)s; not reachable: %(untold)s"),
        "breaches.notice:acknowledged": _("%(organisation)s acknowledged the report"),
        "breaches.notice:told-otherwise": _("%(organisation)s was told in another way: %(how)s"),
    },
    audience=Audience.READERS,
)
