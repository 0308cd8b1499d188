"""Guards whose absence nothing notices, and why that is right: another guard stands behind each."""

SURVIVORS: dict[str, str] = {}
