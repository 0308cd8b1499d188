"""A refusal comes back on the form, with everything that was typed, and says what to do."""

from portal.errors import NotReady


def attempt(form, verb, *args, **facts) -> bool:
    """Do it; False, with the reason as an error of the form, while something must be there first. Every verb is one
    transaction, so nothing is left of one that was refused. Another state than the form is for stays a StateError."""
    try:
        verb(*args, **facts)
    except NotReady as refused:
        form.add_error(None, f"{refused.explanation} {refused.what_to_do}")
        return False
    return True
