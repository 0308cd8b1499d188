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
        "breaches.breach:minutes-changed": _("The minutes were changed before they were circulated"),
        "breaches.breach:circulated": _("The minutes were circulated"),
        "breaches.breach:closed": _("The breach was closed"),
        "breaches.breach:report-sent": _("%(organisation)s sent its written report (number %(number)s)"),
        "breaches.breach:corrected": _("What was reported was corrected; the date of the breach is now: %(said)s"),
        "breaches.controller:assessed": _(
            "%(organisation)s stated what is affected, since when it knows, and the risk"
        ),
        "breaches.controller:notified": _("%(organisation)s notified the regulator (%(reference)s)"),
        "breaches.controller:phase": _("%(organisation)s gave the regulator further information (%(reference)s)"),
        "breaches.controller:not-notified": _("%(organisation)s decided not to notify the regulator"),
        "breaches.controller:people-told": _("%(organisation)s told the people concerned"),
        "breaches.controller:people-not-told": _("%(organisation)s decided that the people concerned need not be told"),
        "breaches.controller:controller-told": _("%(organisation)s was told by its processor"),
        "breaches.breach:parties-told": _("The other parties were told: %(told)s; not reachable: %(untold)s"),
        "breaches.notice:acknowledged": _("%(organisation)s acknowledged the report"),
        "breaches.notice:came-back": _("Every mail to %(organisation)s came back, so it has not been told"),
        "breaches.notice:told-otherwise": _("%(organisation)s was told in another way: %(how)s"),
        "breaches.breach:meeting-called": _("The meeting of the parties was called for %(starts_at)s"),
        "breaches.breach:officers-named": _("%(chair)s chairs the session, and %(secretary)s keeps its record"),
        "breaches.breach:contact-moved": _(
            "Nobody can be reached at %(organisation)s any more: the framework administrators take its part over"
        ),
        "breaches.sanction:imposed": _("%(organisation)s: %(kind)s"),
        "breaches.sanction:done": _("An action of %(organisation)s was done"),
        "breaches.sanction:lifted": _("The suspension of %(organisation)s was lifted (%(reference)s)"),
    },
    audience=Audience.READERS,
)
# the closed chain: for auditors who may attend, and nobody else
tell(
    Topic.BREACHES,
    {
        "breaches.session:opened": _("The closed session began"),
        "breaches.session:noted": _("A note was made in the closed session"),
        "breaches.session:proposed": _("A sanction was proposed in the closed session: %(kind)s"),
        "breaches.session:voted": _("Votes were recorded in the closed session"),
        "breaches.session:break-glass": _("An operator broke the glass: %(operator)s"),
        "breaches.closedsession:decided": _("The closed session decided"),
        "breaches.closedsession:told": _("The outcome of the closed session was told"),
        "breaches.closedsession:ended": _("The closed session ended without a decision"),
    },
)
