"""Guards whose absence nothing notices, and why that is right: another guard stands behind each."""

SPEAKER = "organisations_of() finds nobody without Perm.COMMENT an organisation to speak for, and the view answers 403."
CLOCK = "A controller whose answer is not “no” always has a clock, and that answer is refused beside it; mypy wants the question."
ROLES = "The rows that are read next are those of the person's own live roles; the permission saves a question."
ALLAUTH = "allauth's own decorator turns away whoever is not signed in, to the same page."
EVERY = "It is asked only for who sees every row of the framework anyway: the permission that the page wants goes with VIEW_ALL."
THEN = "Without VIEW_ALL the next line keeps those alone that have a version which the reader may see and could have seen then."
TYPED = (
    "The view that it follows has found the same version by find_version(), and what is dropped is the reader's own."
)
HOLDS = "find_workable() turned away who does not hold the review, and who holds it reads each of its findings."
AGREED = "A review that led to a draft is agreed: who may read the review, as asked a line above, reads its findings."

HELD = "Until its findings are settled it says nothing; settled ones are read by whoever may read the review, as for its item."

SURVIVORS: dict[str, str] = {
    "asked of Access: protocols.arrangements.represented: access.can(Perm.REPRESENT): true": ROLES,
    "doors: portal.views_meetings.new: Board.objects.visible_to(request.access): all": EVERY,
    "doors: portal.views_meetings.rules: Board.objects.visible_to(request.access): all": EVERY,
    "doors: protocols.as_at.protocols_wanted: Protocol.objects.visible_to(access): all": THEN,
    "doors: protocols.finding.find_circulated: Version.objects.visible_to(request.access): all": EVERY,
    "doors: protocols.finding.versions_named: Version.objects.visible_to(request.access): all": TYPED,
    "doors: protocols.forms.ProtocolForm.__init__: Protocol.objects.visible_to(access): all": EVERY,
    "doors: reviews.agenda.findings: Finding.objects.visible_to(access): all": HELD,
    "doors: reviews.looking_up.find_finding: Finding.objects.visible_to(request.access): all": HOLDS,
    "doors: reviews.sections.findings_for: Finding.objects.visible_to(access): all": AGREED,
    "refusals: breaches.regulator.require_running: refuse (StateError) if row is None or controller.answer == Breach.PersonalData.NO: not for “row is None”": CLOCK,
    "@scoped of views: …/protocols/<slug:reference>/<number:number>/consultation/comment/: COMMENT": SPEAKER,
    "@scoped of views: …/protocols/<slug:reference>/<number:number>/consultation/comments/<int:pk>/reply/: COMMENT": SPEAKER,
    "@scoped of views: accounts/2fa/passkeys/add/: login": ALLAUTH,
    "@scoped of views: accounts/2fa/passkeys/reauthenticate/: login": ALLAUTH,
    "@scoped of views: accounts/2fa/recovery-codes/generate/: login": ALLAUTH,
    "@scoped of views: accounts/sessions/: login": ALLAUTH,
}
