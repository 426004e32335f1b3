"""What an operation is given: the request, its caller, the time, the state, and the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcapply.emulator.answers import JsonObject, Refusal
from dlcapply.emulator.clock import read_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dlcapply.emulator.state.database import Database
    from dlcapply.emulator.world.switches import Switches
    from dlcapply.emulator.world.world import User, World


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request, taken apart; it is carried out at the emulated time `now`.

    `host` is the address under which the caller reached the service. The values of `query` have passed the
    checks of the operation's parameters.
    """

    user: User
    now: float
    database: Database
    world: World
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: JsonObject
    host: str = ""

    @property
    def switches(self) -> Switches:
        return self.world.switches

    def workspace_id(self, asked: str | None) -> str:
        """The workspace asked for, or the default one; raises Refusal unless the caller is a member."""
        workspace_id = asked or self.world.default_workspace(self.user)
        if not self.world.is_member(self.user, workspace_id):
            raise no_permission(f"workspace {workspace_id}", self.user)
        return workspace_id

    def page(self, rows: Sequence[Any], *, default: int) -> Sequence[Any]:
        """The page of `rows` that PageNumber and PageSize ask for."""
        size = self.number("PageSize", default)
        start = size * (self.number("PageNumber", 1) - 1)
        return rows[start : start + size]

    def number(self, name: str, default: int) -> int:
        return int(self.query.get(name) or default)

    def time(self, name: str, default: float) -> float:
        """A time of the query, in seconds since 1970."""
        return read_time(self.query[name]) if self.query.get(name) else default

    def flag(self, name: str, *, default: bool) -> bool:
        """A yes or no of the query; SDKs write True, others true."""
        return (self.query.get(name) or str(default)).lower() == "true"


def no_permission(what: str, user: User) -> Refusal:
    """The refusal of a caller without the right to do this, with the detail that clients may print."""
    detail = {
        "AuthAction": "pai:Access",
        "AuthPrincipalDisplayName": user.user_id,
        "NoPermissionType": "ImplicitDeny",
    }
    return Refusal(403, "NoPermission", f"You have no permission on {what}.", detail)
