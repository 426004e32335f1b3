"""What a caller may choose: which manifests and where to, what a plan may do, and how it is carried out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from os import PathLike, fspath
from typing import TYPE_CHECKING

from dlcapply.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


MOST_STOPS = 1_000_000
MOST_AT_A_TIME = 64
AT_A_TIME = 8
MOST_TAIL = 100_000  # lines
MOST_LIMIT = 100_000  # rows: ListJobs shows no more
SETTLE = 90.0  # seconds
REVIEW_WORKFLOW = ".github/workflows/review.yml"
FINISHED = "finished"
MILESTONES = ("accepted", "running", FINISHED)
STOP = "stop"
ON_TIMEOUT = ("report", STOP)
IMAGE_PULL_TIMEOUT = 300.0  # seconds
VIEWS = ("all", "own")
# Every metric that GetJobMetrics has (its help page), the most telling first.
METRICS = (
    *("GpuCoreUsage", "GpuMemoryUsage", "CpuCoreUsage", "MemoryUsage"),
    *("NetworkInputRate", "NetworkOutputRate", "DiskReadRate", "DiskWriteRate"),
)
# In place of a value that may be a secret; what it stands for is given anew.
HIDDEN = "…"
# As `--exclude` spells it: no job at all.
NOTHING = ("*",)


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """Which manifests, and where to.

    `var` are NAME=VALUE, as they are typed. `select` and `exclude` are name globs or label=value. Without a
    project file, `region`, `workspace` and `owner` make the environment. `state_dir` is the folder of the
    journal and of the embedded emulator, in place of the project's own.
    """

    paths: tuple[str, ...] = ()
    environment: str = ""
    region: str = ""
    workspace: str = ""
    owner: str = ""
    endpoint: str = ""
    view: str = ""
    var: tuple[str, ...] = ()
    var_file: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    state_dir: str = ""


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What a plan may do; raises UsageError for values that mean nothing.

    `allow_replace` names the jobs whose active run may be replaced; `allow_stops` is the number of stops and
    replaces that is agreed to where prune would stop more than half.
    """

    prune: bool = False
    allow_replace: tuple[str, ...] = ()
    no_preflight: bool = False
    allow_stops: int | None = None

    def __post_init__(self) -> None:
        check_flag("prune", self.prune)
        check_flag("no_preflight", self.no_preflight)
        if self.allow_stops is not None:
            check_count("allow_stops", self.allow_stops, 0, MOST_STOPS)


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """How a plan is carried out; times are in seconds. Raises UsageError for values that mean nothing.

    `expect` is the digest that the plan must have, `approved` are files or folders of saved plans outside of
    which nothing is done. `settle` is how long a created run may take to be listed; with `journal_lost`
    nothing is created before that time has passed. `wait` is `accepted`, `running` or `finished`, None for
    not at all; `wait_timeout` None for no end. `on_timeout`, `image_pull_timeout` and `logs` as in
    `WaitOptions`.
    """

    expect: str = ""
    approved: tuple[str, ...] = ()
    parallelism: int = AT_A_TIME
    fail_fast: bool = False
    settle: float = SETTLE
    journal_lost: bool = False
    wait: str | None = None
    wait_timeout: float | None = None
    on_timeout: str = "report"
    image_pull_timeout: float = IMAGE_PULL_TIMEOUT
    logs: bool = False

    def __post_init__(self) -> None:
        check_count("parallelism", self.parallelism, 1, MOST_AT_A_TIME)
        check_flag("fail_fast", self.fail_fast)
        check_flag("journal_lost", self.journal_lost)
        check_time("settle", self.settle)
        if self.wait is not None and self.wait not in MILESTONES:
            raise UsageError(f"wait is one of {', '.join(MILESTONES)}, and not {self.wait!r}")
        _check_patience(self.wait_timeout, self.on_timeout, self.image_pull_timeout)
        _check_logs(self.logs, self.wait, "--wait")


@dataclass(frozen=True, slots=True)
class WaitOptions:
    """How runs are waited for; times are in seconds, None for no end.

    `until` is `accepted`, `running` or `finished`. `on_timeout` is `report` or `stop`: what becomes of runs
    that are not done in time, or whose image could not be pulled for `image_pull_timeout`. With `logs` what
    the runs print is told, to their end.
    """

    until: str = "finished"
    timeout: float | None = None
    on_timeout: str = "report"
    image_pull_timeout: float = IMAGE_PULL_TIMEOUT
    logs: bool = False

    def __post_init__(self) -> None:
        if self.until not in MILESTONES:
            raise UsageError(f"until is one of {', '.join(MILESTONES)}, and not {self.until!r}")
        _check_patience(self.timeout, self.on_timeout, self.image_pull_timeout)
        _check_logs(self.logs, self.until, "--for")


@dataclass(frozen=True, slots=True)
class LogOptions:
    """Which lines of a log are read; raises UsageError for what means nothing, or does not fit together.

    `since` is in seconds before the service's time, `tail` a number of lines of each pod; `previous` are
    those of the time before the newest restart.
    """

    follow: bool = False
    since: float | None = None
    tail: int | None = None
    previous: bool = False

    def __post_init__(self) -> None:
        check_flag("follow", self.follow)
        check_flag("previous", self.previous)
        if self.since is not None:
            check_time("since", self.since)
        check_tail(self.tail)
        if self.previous and self.follow:
            raise UsageError("nothing more comes of what was before a restart: --previous has no --follow")


def target_options(  # noqa: PLR0913  the options of the command, by name
    paths: Iterable[str | PathLike[str]],
    *,
    environment: str | None,
    region: str | None,
    workspace: str | None,
    owner: str | None,
    endpoint: str | None,
    view: str | None,
    variables: Mapping[str, str] | None,
    variable_files: Iterable[str | PathLike[str]],
    select: Iterable[str] | None,
    exclude: Iterable[str],
    state_dir: str | PathLike[str] | None = None,
) -> TargetOptions:
    """The options of a call from Python; raises UsageError for those that are given and empty."""
    if view not in {None, *VIEWS}:
        raise UsageError(f"view is one of {', '.join(VIEWS)}, and not {view!r}")
    return TargetOptions(
        paths=tuple(fspath(path) for path in paths),
        environment=given("environment", environment),
        region=given("region", region),
        workspace=given("workspace", workspace),
        owner=given("owner", owner),
        endpoint=given("endpoint", endpoint),
        view=view or "",
        var=tuple(_pair(name, value) for name, value in (variables or {}).items()),
        var_file=several("variable_files", variable_files),
        select=() if select is None else some("select", select),
        exclude=several("exclude", exclude),
        state_dir=given("state_dir", None if state_dir is None else fspath(state_dir)),
    )


def given(name: str, value: str | None) -> str:
    """The text, or an empty one for None; one that is given empty is of a variable that is not set."""
    if value is None:
        return ""
    if not isinstance(value, str) or not value:
        raise UsageError(f"{name} is {value!r}: leave it out, or give a text that is not empty")
    return value


def some(name: str, words: str | PathLike[str] | Iterable[str | PathLike[str]]) -> tuple[str, ...]:
    """The words, at least one: none would mean all, which nobody asked for."""
    if not (found := several(name, words)):
        raise UsageError(f"{name} is empty: leave it out, or name something")
    return found


def several(name: str, words: str | PathLike[str] | Iterable[str | PathLike[str]]) -> tuple[str, ...]:
    """The words; a single text or path is one of them."""
    found = (words,) if isinstance(words, (str, PathLike)) else tuple(words)
    return tuple(given(name, fspath(word)) for word in found)


def check_time(name: str, seconds: float) -> None:
    """Raises UsageError for what is not a number of seconds."""
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not is_number or not isfinite(seconds) or seconds < 0:
        raise UsageError(f"{name} is a number of seconds, and not {seconds!r}")


def check_tail(tail: int | None) -> None:
    """Raises UsageError for what is no number of lines."""
    if tail is not None:
        check_count("tail", tail, 0, MOST_TAIL)


def signal_name(word: str) -> str:
    """The name of the signal as PAI spells it; raises UsageError for what none can be."""
    name = word.upper()
    if re.fullmatch(r"(SIG)?[A-Z][A-Z0-9]{1,15}", name) is None:
        raise UsageError(f"{word!r} is no signal", hint="write the name of a signal, such as SIGUSR1")
    return name if name.startswith("SIG") else f"SIG{name}"


def _check_patience(timeout: float | None, on_timeout: str, image_pull_timeout: float) -> None:
    if on_timeout not in ON_TIMEOUT:
        raise UsageError(f"on_timeout is one of {', '.join(ON_TIMEOUT)}, and not {on_timeout!r}")
    if timeout is not None:
        check_time("timeout", timeout)
    check_time("image_pull_timeout", image_pull_timeout)


def waits_for(wait: str | None, *, logs: bool) -> str | None:
    """How far runs are followed: who follows their logs follows them to their end."""
    return FINISHED if logs and wait is None else wait


def _check_logs(logs: bool, until: str | None, option: str) -> None:  # noqa: FBT001  it is what is looked at
    check_flag("logs", logs)
    if logs and until != FINISHED:
        raise UsageError(
            f"logs are followed to the end of a run, and {option}={until} waits for less",
            hint=f"leave out {option}, or --logs; dlcapply logs NAME shows what there is by now",
        )


def check_flag(name: str, value: bool) -> None:  # noqa: FBT001  it is what is looked at
    """Raises UsageError for what is neither true nor false."""
    if not isinstance(value, bool):
        raise UsageError(f"{name} is true or false, and not {value!r}")


def check_count(name: str, number: int, least: int, most: int) -> None:
    """Raises UsageError for what is not a whole number from `least` to `most`."""
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
        raise UsageError(f"{name} is a whole number from {least} to {most:,}, and not {number!r}")


def _pair(name: str, value: str) -> str:
    if not isinstance(name, str) or not name or "=" in name:
        raise UsageError(f"{name!r} is not the name of a variable")
    if not isinstance(value, str):
        raise UsageError(
            f"the variable {name} is given as {type(value).__name__}, and not as text",
            hint='write it as --var has it: "true", "8"',
        )
    return f"{name}={value}"
