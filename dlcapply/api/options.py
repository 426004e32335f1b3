"""What a caller may choose: which manifests and where to, what a plan may do, and how it is carried out."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike, fspath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dlcapply.api.keywords import ApplyKeywords, PlanKeywords, TargetKeywords

# In place of a value that may be a secret; what it stands for is given anew.
HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """Which manifests, and where to.

    `var` are NAME=VALUE, as they are typed. `select` and `exclude` are name globs or label=value. Without a
    project file, `region`, `workspace` and `owner` make the environment.
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


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What a plan may do.

    `allow_replace` names the jobs whose active run may be replaced; `allow_stops` is the number of stops and
    replaces that is agreed to where prune would stop more than half.
    """

    prune: bool = False
    allow_replace: tuple[str, ...] = ()
    no_preflight: bool = False
    allow_stops: int | None = None


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """How a plan is carried out; times are in seconds.

    `expect` is the digest that the plan must have, `approved` are files or folders of saved plans outside of
    which nothing is done. `settle` is how long a created run may take to be listed. `wait` is `accepted`,
    `running` or `finished`, None for not at all; `wait_timeout` None for no end.
    """

    expect: str = ""
    approved: tuple[str, ...] = ()
    parallelism: int = 8
    fail_fast: bool = False
    settle: float = 90.0
    wait: str | None = None
    wait_timeout: float | None = None


def to_target_options(paths: Iterable[str | PathLike[str]], keywords: TargetKeywords) -> TargetOptions:
    return TargetOptions(
        paths=tuple(fspath(path) for path in paths),
        environment=keywords.get("environment", ""),
        region=keywords.get("region", ""),
        workspace=keywords.get("workspace", ""),
        owner=keywords.get("owner", ""),
        endpoint=keywords.get("endpoint", ""),
        view=keywords.get("view", ""),
        var=tuple(f"{name}={value}" for name, value in keywords.get("variables", {}).items()),
        var_file=_several(keywords.get("variable_files", ())),
        select=_several(keywords.get("select", ())),
        exclude=_several(keywords.get("exclude", ())),
    )


def to_plan_options(keywords: PlanKeywords) -> PlanOptions:
    return PlanOptions(
        prune=keywords.get("prune", False),
        allow_replace=_several(keywords.get("allow_replace", ())),
        no_preflight=not keywords.get("preflight", True),
        allow_stops=keywords.get("allow_stops"),
    )


def to_apply_options(keywords: ApplyKeywords) -> ApplyOptions:
    default = ApplyOptions()
    return ApplyOptions(
        expect=keywords.get("expect", default.expect),
        approved=_several(keywords.get("approved", default.approved)),
        parallelism=keywords.get("parallelism", default.parallelism),
        fail_fast=keywords.get("fail_fast", default.fail_fast),
        settle=keywords.get("settle", default.settle),
        wait=keywords.get("wait", default.wait),
        wait_timeout=keywords.get("wait_timeout", default.wait_timeout),
    )


def _several(words: Sequence[str]) -> tuple[str, ...]:
    """A single text is one word, and no sequence of letters."""
    return (words,) if isinstance(words, str) else tuple(words)
