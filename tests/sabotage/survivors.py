"""Guards whose absence nothing notices, and why that is right: another guard stands behind each."""

SPEAKER = "organisations_of() finds nobody without Perm.COMMENT an organisation to speak for, and the view answers 403."
ALLAUTH = "allauth's own decorator turns away whoever is not signed in, to the same page."

SURVIVORS: dict[str, str] = {
    "@scoped of views: …/protocols/<slug:reference>/<number:number>/consultation/comment/: COMMENT": SPEAKER,
    "@scoped of views: …/protocols/<slug:reference>/<number:number>/consultation/comments/<int:pk>/reply/: COMMENT": SPEAKER,
    "@scoped of views: accounts/2fa/passkeys/add/: login": ALLAUTH,
    "@scoped of views: accounts/2fa/passkeys/reauthenticate/: login": ALLAUTH,
    "@scoped of views: accounts/2fa/recovery-codes/generate/: login": ALLAUTH,
    "@scoped of views: accounts/sessions/: login": ALLAUTH,
}
