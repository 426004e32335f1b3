"""What a service is configured to be: its users, workspaces, resources and durations."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from dlcapply.emulator.answers import Refusal
from dlcapply.emulator.world.causes import CAUSES, Cause
from dlcapply.emulator.world.default_catalogue import CATALOGUE
from dlcapply.emulator.world.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.emulator.world.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class User:
    """The holder of an access key.

    `workspaces` are those that the user is a member of, None for all. An administrator of the workspaces
    also sees and stops others' PRIVATE jobs.
    """

    secret: str
    user_id: str
    administrator: bool = False
    name: str = ""
    workspaces: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace, and the policies that its administrators set for jobs.

    Jobs are stopped after `max_running_minutes`, and refused without a tag of `required_tags` or, where
    `pay_as_you_go` is off, without a ResourceId.
    """

    workspace_id: str
    name: str
    is_default: bool = False
    max_running_minutes: int | None = None
    required_tags: tuple[str, ...] = ()
    pay_as_you_go: bool = True


WORKSPACES = (Workspace("1001", "research", is_default=True), Workspace("1002", "production"))


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Emulated seconds that a job stays in each status where nothing else holds it; each may be infinite.

    `restarting` is the time in Restarting before EnvPreparing. `reclaimed` is the running time after which
    a job on spot or idle resources loses them. `image_pull` is the time until a job whose image cannot be
    pulled fails. `priority_delay` is the time until a changed Priority shows: the service takes 10 to 60
    seconds.
    `cause` is why runs go wrong, with all that shows of it, and `variant` in which wording: by default their
    names decide. Where the service restarts a job, its first `failures` lives fail and the next succeeds;
    None for no success. Each pod prints `log_lines_per_second` while it runs. On SIGUSR1 a process writes a
    checkpoint, which takes `checkpoint` seconds, does not listen (`ignore`), or dies (`end`), as `on_signal`
    says.
    """

    creating: float = 1.0
    queuing: float = 1.0
    bidding: float = 1.0
    env_preparing: float = 1.0
    sanity_checking: float = 1.0
    running: float = 3.0
    restarting: float = 1.0
    stopping: float = 2.0
    reclaimed: float = math.inf
    image_pull: float = 300.0
    priority_delay: float = 10.0
    cause: Cause = ""
    variant: int | None = None
    failures: int | None = None
    log_lines_per_second: float = 1.0
    on_signal: Literal["checkpoint", "ignore", "end"] = "checkpoint"
    checkpoint: float = 5.0

    def __post_init__(self) -> None:
        if self.cause not in {"", *CAUSES}:
            raise ValueError(f"cause must be one of {', '.join(CAUSES)}")
        if not math.isfinite(self.log_lines_per_second):
            raise ValueError("log_lines_per_second must be finite")


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is configured; what happens is in the state.

    `lifecycles` are by glob of DisplayName, the first that fits.
    """

    users: Mapping[str, User]
    workspaces: tuple[Workspace, ...] = WORKSPACES
    catalogue: Catalogue = CATALOGUE
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    lifecycles: Mapping[str, Lifecycle] = field(default_factory=dict)
    switches: Switches = field(default_factory=Switches)

    def lifecycle_of(self, name: str) -> Lifecycle:
        fitting = (rule for glob, rule in self.lifecycles.items() if fnmatchcase(name, glob))
        return next(fitting, self.lifecycle)

    def workspace(self, workspace_id: str) -> Workspace:
        """The workspace of that id; one that is not declared has no policies."""
        known = (one for one in self.workspaces if one.workspace_id == workspace_id)
        return next(known, Workspace(workspace_id, f"workspace-{workspace_id}"))

    def knows_workspace(self, workspace_id: str) -> bool:
        return any(one.workspace_id == workspace_id for one in self.workspaces)

    def default_workspace(self, user: User) -> str:
        """The workspace of a request that names none; raises Refusal unless the user is a member of it."""
        default = next((one.workspace_id for one in self.workspaces if one.is_default), None)
        if default is None or not self.is_member(user, default):
            raise Refusal(403, "OperationForbidden", "There is no default workspace.")
        return default

    def is_member(self, user: User, workspace_id: str) -> bool:
        return user.workspaces is None or workspace_id in user.workspaces

    def user_name(self, user_id: str) -> str:
        names = (user.name for user in self.users.values() if user.user_id == user_id and user.name)
        return next(names, f"user-{user_id[-4:]}")
