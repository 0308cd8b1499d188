"""The scope in which database work runs: a plain value in a context variable.

Apart from the engine, only `portal.tenancy` sets it. Nothing here touches models or settings.
"""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """What the row-level security policies may let through.

    framework: id of the one tenant, or None.
    frameworks, organisations: ids readable across tenants (role portal_cross) or owned by the person.
    installation: rows that belong to no framework (installation ledger chain, account mails).
    cross: run under the read-only role portal_cross.
    """

    framework: int | None = None
    frameworks: tuple[int, ...] = ()
    organisations: tuple[int, ...] = ()
    user: int | None = None
    installation: bool = False
    cross: bool = False

    def settings(self) -> dict[str, str]:
        """The PostgreSQL settings that the policies read; '' where there is nothing."""
        return {
            "portal.framework": "" if self.framework is None else str(self.framework),
            "portal.frameworks": "{" + ",".join(map(str, self.frameworks)) + "}",
            "portal.organisations": "{" + ",".join(map(str, self.organisations)) + "}",
            "portal.user": "" if self.user is None else str(self.user),
            "portal.installation": "on" if self.installation else "",
        }


NOTHING = Scope()
current: ContextVar[Scope] = ContextVar("portal_scope", default=NOTHING)
