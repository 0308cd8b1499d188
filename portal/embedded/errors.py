"""What the launcher and the supervisor say when they cannot go on."""


class LaunchError(Exception):
    """A server cannot be started; the text says why and what to do."""
