"""Plans in files: written by `plan --out`, shown by `show`, carried out by `apply --plan`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dlcapply.cli.commands import in_shell, typed, wished
from dlcapply.cli.options import HIDDEN, Where, Wishes, options_of
from dlcapply.cli.targets import write_target
from dlcapply.errors import StaleError, UsageError
from dlcapply.manifest.saved import read_saved_plan
from dlcapply.planning.saved import SavedPlan, restored
from dlcapply.rendering.documents import saved_plan_document

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dlcapply.model import Plan

_REQUESTED = (
    "paths",
    "environment",
    "region",
    "workspace",
    "owner",
    "endpoint",
    "var_file",
    "select",
    "exclude",
)


def save(plan: Plan, file: str, *, where: Where, wishes: Wishes, now: datetime, valid_for: float) -> None:
    """The plan is in the file, whole or not at all; raises DlcapplyError where it can't be written."""
    expires = now + timedelta(seconds=valid_for)
    saved = SavedPlan(plan, _request(where, wishes), now, expires)
    text = json.dumps(saved_plan_document(saved), indent=2, allow_nan=False)
    write_target(file, f"{text}\n")


def check_can_be_saved(where: Where) -> None:
    """Raises UsageError for a plan of what can't be read again."""
    if "-" in where.paths:
        raise UsageError("a plan of manifests from stdin can't be saved: apply could not read them again")


def _request(where: Where, wishes: Wishes) -> dict[str, Any]:
    """What was asked for, without the values of variables: those may be secrets."""
    return {
        **{name: _plain(getattr(where, name)) for name in _REQUESTED},
        "variables": sorted({pair.partition("=")[0] for pair in where.var}),
        "prune": wishes.prune,
        "allow_replace": list(wishes.allow_replace),
        "no_preflight": wishes.no_preflight,
    }


def _plain(value: str | tuple[str, ...]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


def apply_saved_command(file: str, variables: Iterable[str]) -> str:
    """The command that applies a saved plan; `variables` are NAME=VALUE."""
    return typed("apply", Where(), "--plan", file, *options_of(Where(var=tuple(variables))), "--yes")


def plan_again_command(saved: SavedPlan, file: str) -> str:
    """The command that makes the plan anew, into the same file."""
    where, wishes = _requested(saved, tuple(f"{name}={HIDDEN}" for name in saved.request["variables"]))
    return typed("plan", where, *wished(wishes), "--out", file)


def open_plan(file: str) -> SavedPlan:
    """The plan of a file; raises DlcapplyError for a file that is none, or was edited."""
    return restored(read_saved_plan(file))


def asked_for(saved: SavedPlan, file: str, where: Where, wishes: Wishes) -> tuple[Where, Wishes]:
    """The options that the plan was made with, and the variables' values as they are given now.

    Raises UsageError for other options beside a saved plan, and for variables that are not the same.
    """
    if replace(where, var=()) != Where() or wishes != Wishes():
        show = in_shell(["dlcapply", "show", file])
        raise UsageError(
            "--plan says what to apply: no paths and no options of the plan can be given beside it",
            hint=f"only values of variables (--var); see the rest with {show}",
        )
    given = sorted({pair.partition("=")[0] for pair in where.var})
    if given != saved.request["variables"]:
        wanted = ", ".join(f"--var {name}=…" for name in saved.request["variables"]) or "no --var"
        raise UsageError(f"the saved plan was made with {wanted}: give the same again, and no other")
    return _requested(saved, where.var)


def _requested(saved: SavedPlan, variables: tuple[str, ...]) -> tuple[Where, Wishes]:
    request = saved.request
    values = {name: _tupled(request[name]) for name in _REQUESTED}
    return (
        Where(**values, var=variables),
        Wishes(request["prune"], tuple(request["allow_replace"]), request["no_preflight"]),
    )


def _tupled(value: str | list[str]) -> Any:
    return value if isinstance(value, str) else tuple(value)


def check_not_expired(saved: SavedPlan, file: str, now: datetime) -> None:
    """Raises StaleError for a plan that is too old to be applied."""
    if now >= saved.expires:
        raise StaleError(
            f"the saved plan expired at {saved.expires:%Y-%m-%d %H:%M} UTC; nothing was written",
            hint=f"make the plan again: {plan_again_command(saved, file)}",
        )
