"""What changes between two states of the manifests, and what that means for runs as far as files tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dlcapply.model.plans import FieldKind

if TYPE_CHECKING:
    from dlcapply.model.findings import Finding, Place


# The code of the meaning that says that none is known.
UNKNOWN = "unknown"


class JobChange(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"
    UNKNOWN = "unknown"  # one of the states does not say what the job is there


class FileChange(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Role(StrEnum):
    """What a file is to the jobs."""

    PROJECT = "project"
    POLICY = "policy"
    VARIABLES = "variables"
    CLAIMS = "claims"
    PRICES = "prices"
    BASE = "base"
    MANIFEST = "manifest"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was written, in words, and the files that it comes from."""

    text: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value that differs, None where it is absent; secrets are masked. `effect` is what it can change.

    `files` are those that it was, or is, written in.
    """

    path: str
    before: Any
    after: Any
    effect: str
    before_at: str = ""
    after_at: str = ""
    files: tuple[str, ...] = ()

    @property
    def kind(self) -> FieldKind:
        return FieldKind.CHANGED

    @property
    def behaviour(self) -> str:
        return self.effect


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a change of a job means for its runs, as far as that is known without looking at them."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that a job can hold: pods, for so many hours, in so many runs; None where nothing bounds it.

    `types` are the instance types that its pods may run on.
    """

    pods: int | None
    hours: float | None
    runs: int
    types: tuple[str, ...] = ()
    unbounded_by: tuple[str, ...] = ()
    can_exceed: tuple[str, ...] = ()

    @property
    def pod_hours(self) -> float | None:
        if self.unbounded_by or self.pods is None or self.hours is None:
            return None
        return self.pods * self.hours * self.runs


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Those of all jobs of one state: their sum, how many have none, and of how many that is not known."""

    jobs: int = 0
    pod_hours: float = 0.0
    unlimited: int = 0
    unknown: int = 0

    @property
    def open(self) -> int:
        """How many jobs the sum says nothing of."""
        return self.unlimited + self.unknown


@dataclass(frozen=True, slots=True)
class JobDiff:
    """What changes about one job; `formerly` is its name before, `files` are those that make the difference.

    `before_at` and `after_at` are where it is declared.
    """

    name: str
    change: JobChange
    meanings: tuple[Meaning, ...]
    fields: tuple[ValueChange, ...] = ()
    formerly: str = ""
    before: Ceiling | None = None
    after: Ceiling | None = None
    files: tuple[str, ...] = ()
    before_at: Place | None = None
    after_at: Place | None = None

    @property
    def is_known(self) -> bool:
        """Whether it is known what the change means."""
        return all(meaning.code != UNKNOWN for meaning in self.meanings)


@dataclass(frozen=True, slots=True)
class SettingsDiff:
    """What changes in a file that governs all jobs."""

    file: str
    role: Role
    change: FileChange
    fields: tuple[ValueChange, ...]


@dataclass(frozen=True, slots=True)
class FileDiff:
    """A file that differs, and the jobs that differ by it."""

    file: str
    role: Role
    change: FileChange
    jobs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the states: how it was named, its commit, and why it can't be composed, whole or in part.

    `name` and `commit` are empty for the working tree. `findings` are its errors, `trouble` is why nothing of
    it is known.
    """

    name: str = ""
    commit: str = ""
    environment: str = ""
    findings: tuple[Finding, ...] = ()
    trouble: str = ""
    hint: str = ""
    ceilings: Ceilings = Ceilings()


@dataclass(frozen=True, slots=True)
class StateDiff:
    """Everything that differs between two states, by name; `unchanged` is how many jobs do not."""

    before: Side
    after: Side
    jobs: tuple[JobDiff, ...]
    settings: tuple[SettingsDiff, ...]
    files: tuple[FileDiff, ...]
    unchanged: int
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs, and both states are known."""
        return not (self.jobs or self.settings or self.files or self.before.trouble or self.after.trouble)

    @property
    def summary(self) -> dict[str, int]:
        counts = {change.value: 0 for change in JobChange}
        for job in self.jobs:
            counts[job.change.value] += 1
        return {**counts, "unchanged": self.unchanged}
