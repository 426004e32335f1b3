"""What an operation works with: the state, the time, the caller, and the switches of the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, Refusal, invalid, not_found
from dlcapply.emulator.clock import read_time
from dlcapply.emulator.lifecycle import Lifecycle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.emulator.signature import User
    from dlcapply.emulator.store import Job, Store


@dataclass(frozen=True, slots=True)
class Workspace:
    workspace_id: str
    name: str
    is_default: bool = False


WORKSPACES = (Workspace("1001", "research", is_default=True), Workspace("1002", "production"))


@dataclass(frozen=True, slots=True)
class Switches:
    """How this service behaves where the documents leave it open, and how fast its jobs go.

    `lifecycles` are by glob of DisplayName, the first that fits; `list_lag` is in emulated seconds.
    """

    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    lifecycles: Mapping[str, Lifecycle] = field(default_factory=dict)
    workspaces: tuple[Workspace, ...] = WORKSPACES
    master_promotion: bool = False
    user_command_updates: bool = False
    list_lag: float = 0.0

    def lifecycle_of(self, name: str) -> Lifecycle:
        fitting = (rule for glob, rule in self.lifecycles.items() if fnmatchcase(name, glob))
        return next(fitting, self.lifecycle)

    def workspace_name(self, workspace_id: str) -> str:
        names = (one.name for one in self.workspaces if one.workspace_id == workspace_id)
        return next(names, f"workspace-{workspace_id}")

    @property
    def default_workspace(self) -> str:
        """Where a request without a workspace goes; raises Refusal if nowhere."""
        default = next((one.workspace_id for one in self.workspaces if one.is_default), None)
        if default is None:
            raise Refusal(403, "OperationForbidden", "There is no default workspace.")
        return default


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request, taken apart; it is carried out at the emulated time `now`."""

    user: User
    now: float
    store: Store
    switches: Switches
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: JsonObject

    def readable_job(self) -> Job:
        """The job of the path; raises Refusal when there is none that the caller may see."""
        job = self.store.find(self.path["JobId"])
        if job is None or not self._may_read(job):
            raise not_found("Job", self.path["JobId"])
        return job

    def own_job(self) -> Job:
        """The job of the path; raises Refusal when there is none of the caller's."""
        job = self.readable_job()
        if job.user_id != self.user.user_id:
            raise not_found("Job", job.job_id)
        return job

    def _may_read(self, job: Job) -> bool:
        return (
            job.body["Accessibility"] == "PUBLIC"
            or self.user.administrator
            or job.user_id == self.user.user_id
        )

    def number(self, name: str, *, default: int, maximum: int) -> int:
        """A whole number of the query, from 1; raises Refusal outside of its range."""
        text = self.query.get(name, str(default))
        if not text.isdecimal() or not 1 <= int(text) <= maximum:
            raise invalid(f"{name} must be from 1 to {maximum}.")
        return int(text)

    def choice(self, name: str, *choices: str) -> str:
        """A value of the query, the first of `choices` by default; raises Refusal for any other."""
        value = self.query.get(name, choices[0])
        if value not in choices:
            raise invalid(f"{name} must be one of {', '.join(choices)}.")
        return value

    def time(self, name: str, default: float) -> float:
        """A time of the query, in seconds since 1970; raises Refusal for what is none."""
        try:
            return read_time(self.query[name]) if self.query.get(name) else default
        except ValueError as error:
            raise invalid(f"{name} must be a time in ISO 8601.") from error

    def flag(self, name: str, *, default: bool) -> bool:
        """A yes or no of the query; SDKs write True, others true."""
        return self.query.get(name, str(default)).lower() == "true"
