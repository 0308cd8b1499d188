"""Guards whose absence nothing notices, and why that is right: another guard stands behind each."""

SPEAKER = "organisations_of() finds nobody without Perm.COMMENT an organisation to speak for, and the view answers 403."
CLOCK = "A controller whose answer is not “no” always has a clock, and that answer is refused beside it; mypy wants the question."
ROLES = "The rows that are read next are those of the person's own live roles; the permission saves a question."
ALLAUTH = "allauth's own decorator turns away whoever is not signed in, to the same page."

SURVIVORS: dict[str, str] = {
    "asked of Access: protocols.arrangements.represented: access.can(Perm.REPRESENT): true": ROLES,
    "refusals: breaches.regulator.require_running: refuse (StateError) if row is None or controller.answer == Breach.PersonalData.NO: not for “row is None”": CLOCK,
    "@scoped of views: …/protocols/<slug:reference>/<number:number>/consultation/comment/: COMMENT": SPEAKER,
    "@scoped of views: …/protocols/<slug:reference>/<number:number>/consultation/comments/<int:pk>/reply/: COMMENT": SPEAKER,
    "@scoped of views: accounts/2fa/passkeys/add/: login": ALLAUTH,
    "@scoped of views: accounts/2fa/passkeys/reauthenticate/: login": ALLAUTH,
    "@scoped of views: accounts/2fa/recovery-codes/generate/: login": ALLAUTH,
    "@scoped of views: accounts/sessions/: login": ALLAUTH,
}
