"""The options of the public functions as keywords, for type checkers: nothing imports this to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class TargetKeywords(TypedDict, total=False):
    """The options of `TargetOptions` as keywords, all of them optional.

    `variables` are the values of declared variables; `variable_files` YAML files of more.
    """

    environment: str
    region: str
    workspace: str
    owner: str
    endpoint: str
    view: str
    variables: Mapping[str, str]
    variable_files: Sequence[str]
    select: Sequence[str]
    exclude: Sequence[str]


class PlanKeywords(TypedDict, total=False):
    """The options of `PlanOptions` as keywords; without `preflight`, no instance types are looked up."""

    prune: bool
    allow_replace: Sequence[str]
    allow_stops: int | None
    preflight: bool


class ApplyKeywords(PlanKeywords, total=False):
    """The options of a plan and of `ApplyOptions` as keywords."""

    expect: str
    approved: Sequence[str]
    parallelism: int
    fail_fast: bool
    settle: float
    wait: str | None
    wait_timeout: float | None
