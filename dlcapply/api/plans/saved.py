"""Plans in files: written for review, read back, and held against what would be done now."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from dlcapply.api.command_lines import in_shell, options_of, planned_with, typed
from dlcapply.api.options import HIDDEN, NOTHING, PlanOptions, TargetOptions, check_time
from dlcapply.disk import write_whole
from dlcapply.errors import DlcapplyError, StaleError, UsageError
from dlcapply.manifest.files.saved_plan import read_saved_plan
from dlcapply.manifest.paths import is_piped
from dlcapply.planning.approvals import is_blind
from dlcapply.planning.restored_plans import Request, SavedPlan, edited, restored
from dlcapply.rendering.plan_documents import saved_plan_document

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from dlcapply.api.load import Manifests
    from dlcapply.model.jobs import Environment
    from dlcapply.model.plans import Plan

# The options of `TargetOptions` whose values a plan's scope or its environment holds.
_IN_SCOPE: Mapping[str, Callable[[Plan], str]] = {
    "environment": lambda plan: plan.environment.name,
    "region": lambda plan: plan.scope.region,
    "workspace": lambda plan: plan.scope.workspace_id,
    "owner": lambda plan: plan.scope.owner,
    "endpoint": lambda plan: plan.scope.endpoint,
    "view": lambda plan: plan.environment.view or "",
}
# What decides where an apply goes and whose runs it finds there.
_TARGET = {
    "name": "environment",
    "region": "region",
    "workspace_id": "workspace",
    "endpoint": "endpoint",
    "owner": "owner",
    "origin": "origin",
    "identity": "identity",
}


def save_plan(
    plan: Plan,
    file: str | PathLike[str],
    manifests: Manifests,
    *,
    preflight: bool = True,
    valid_for: float = 86_400.0,
    now: datetime | None = None,
) -> None:
    """The plan of the manifests is in the file, whole or not at all, for review and for `apply --plan`.

    It may be applied for `valid_for` seconds from `now`. Raises DlcapplyError where it can't be written, and
    UsageError for what apply could not read again.
    """
    check_time("valid_for", valid_for)
    check_can_be_saved(manifests.target)
    begun = now or datetime.now(UTC)
    request = _request(manifests.target, preflight=preflight)
    saved = SavedPlan(plan, request, begun, begun + timedelta(seconds=valid_for))
    text = json.dumps(saved_plan_document(saved), indent=2, allow_nan=False)
    write_whole(fspath(file), f"{text}\n")


def not_approved_by(plan: Plan, called: str) -> str:
    """What `apply --approved` will not start although the plan does, and why; otherwise empty."""
    if not any(is_blind(change, plan) for change in plan.changes):
        return ""
    way = "plan as an administrator of the workspace, or set Accessibility: PUBLIC"
    what = f"{called} approves no start of a PRIVATE job (apply --approved)"
    return f"{what}: this identity may not see everybody's; {way}"


def check_can_be_saved(target: TargetOptions) -> None:
    """Raises UsageError for a plan of what can't be read again."""
    if any(map(is_piped, (*target.paths, *target.var_file))):
        raise UsageError("a plan of what came from a pipe can't be saved: apply could not read it again")


def _request(target: TargetOptions, *, preflight: bool) -> Request:
    """What was asked for beside the scope, without the values of variables: those may be secrets."""
    return Request(
        paths=target.paths,
        given=tuple(name for name in _IN_SCOPE if getattr(target, name)),
        variables=_names(target.var),
        var_file=target.var_file,
        no_preflight=not preflight,
    )


def _names(pairs: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({pair.partition("=")[0] for pair in pairs}))


def apply_saved_command(file: str, variables: Iterable[str], *, state_dir: str = "") -> str:
    """The command that applies a saved plan; `variables` are NAME=VALUE."""
    again = TargetOptions(var=tuple(variables), state_dir=state_dir)
    return typed("apply", TargetOptions(), "--plan", file, *options_of(again), "--yes")


def plan_again_command(saved: SavedPlan, file: str) -> str:
    """The command that makes the plan anew, into the same file."""
    target, chosen = _requested(saved, tuple(f"{name}={HIDDEN}" for name in saved.request.variables))
    return typed("plan", target, *planned_with(chosen), "--out", file)


def open_plan(file: str | PathLike[str]) -> SavedPlan:
    """The plan of a file; raises DlcapplyError for a file that is not a saved plan, or was edited."""
    return opened(fspath(file), read_saved_plan(fspath(file)))


def opened(file: str, document: Mapping[str, Any]) -> SavedPlan:
    """The plan of the document that the file holds; raises DlcapplyError where it was edited."""
    try:
        saved = restored(document)
        # What the file says and the plan does not would be shown to nobody, or be a second word for one fact.
        if saved_plan_document(saved) == document:
            return saved
    except (DlcapplyError, RecursionError):  # deeper than any value that a plan can hold
        pass
    raise edited(file)


def asked_for(
    saved: SavedPlan, file: str, target: TargetOptions, chosen: PlanOptions
) -> tuple[TargetOptions, PlanOptions]:
    """The options that the plan was made with, and the variables' values as they are given now.

    Raises UsageError for other options beside a saved plan, and for variables that are not the same.
    """
    if replace(target, var=(), state_dir="") != TargetOptions() or chosen != PlanOptions():
        show = in_shell(["dlcapply", "show", file])
        raise UsageError(
            "--plan says what to apply: no paths and no options of the plan can be given beside it",
            hint=f"only values of variables (--var), and --state-dir; see the rest with {show}",
        )
    request = saved.request
    if _names(target.var) != request.variables:
        wanted = ", ".join(f"--var {name}=…" for name in request.variables) or "no --var"
        raise UsageError(f"the saved plan was made with {wanted}: give the same again, and no other")
    target_then, chosen_then = _requested(saved, target.var)
    return replace(target_then, state_dir=target.state_dir), chosen_then


def plan_options_of(saved: SavedPlan, *, beside: PlanOptions) -> PlanOptions:
    """The options that the plan was made with; raises UsageError for others beside."""
    if beside != PlanOptions():
        raise UsageError("a saved plan says what to apply: no options of a plan can be given beside it")
    return _requested(saved, ())[1]


def _requested(saved: SavedPlan, variables: tuple[str, ...]) -> tuple[TargetOptions, PlanOptions]:
    request, scope = saved.request, saved.plan.scope
    consents = (change.name for change in saved.plan.changes if change.consent and change.consent.given)
    return (
        TargetOptions(
            paths=request.paths,
            var=variables,
            var_file=request.var_file,
            select=scope.select,
            exclude=scope.exclude,
            **{name: _IN_SCOPE[name](saved.plan) for name in request.given},
        ),
        PlanOptions(scope.prune, tuple(consents), request.no_preflight, scope.allow_stops),
    )


def is_of_nothing(saved: SavedPlan) -> bool:
    """Whether the plan is of no job at all, because no change reached any."""
    return saved.plan.scope.exclude == NOTHING and not saved.plan.changes


def check_target(saved: SavedPlan, manifests: Manifests) -> None:
    """Raises StaleError, before anything is sent, where the manifests now lead to another target."""
    if place := target_mismatch(saved, manifests.environment):
        raise StaleError(
            f"the saved plan {place}; nothing was asked or written",
            hint="make the plan again, with dlcapply plan --out",
        )


def target_mismatch(saved: SavedPlan, environment: Environment, *, but: Collection[str] = ()) -> str:
    """Where the plan leads and the manifests do not, in words; empty where both lead to one place."""
    planned = saved.plan.environment
    for field, word in _TARGET.items():
        before, now = getattr(planned, field), getattr(environment, field)
        if before != now and field not in but:
            return f"is for {_of(word, before)}, and the manifests now say {now or _of(word, now)}"
    return ""


def _of(word: str, value: str) -> str:
    """The value by its word; an endpoint that is not named is the region's own, and an origin is none."""
    if value:
        return f"the {word} {value}"
    return f"the {word} of the region" if word == "endpoint" else f"no {word}"


def check_not_expired(saved: SavedPlan, file: str, now: datetime) -> None:
    """Raises StaleError for a plan that is too old to be applied."""
    if now >= saved.expires:
        raise StaleError(
            f"the saved plan expired at {saved.expires:%Y-%m-%d %H:%M} UTC; nothing was written",
            hint=f"make the plan again: {plan_again_command(saved, file)}",
        )
