"""Field differences between a job and one of its runs, as a plan shows and judges them.

`comparison` says what of both can be compared, `mismatches` what differs in that; here it gets its kind, its
behaviour and its mask.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dlcapply.model.plans import Behaviour, FieldChange, FieldKind
from dlcapply.planning.comparison import Comparison, reduced
from dlcapply.planning.fields import FIELDS, Effect, Read, behaviour, effect_of
from dlcapply.planning.marks import (
    around_changed,
    around_mark,
    dropped_fields,
    has_spec_mark,
    hidden_changed,
    secret_names,
    spec_changed,
)
from dlcapply.planning.masking import FROM_ENVIRONMENT, masked_pair
from dlcapply.planning.mismatches import mismatches
from dlcapply.planning.normalisation import normalise, unpromote
from dlcapply.planning.readable import comparable
from dlcapply.planning.value_paths import judged_path, paths_of
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.model.jobs import Job
    from dlcapply.model.runs import Run
    from dlcapply.planning.mismatches import Mismatch

_ONE_OF = "one of these changed, or one like them was removed"
_UNREADABLE = "a field was removed, or one that can't be read changed"
_UNREADABLE_AROUND = "a field that changes no result was removed, or can't be read"


def differences(*, desired: Job, live: Run) -> tuple[FieldChange, ...]:
    """Every field in which the run is not what the job asks for, sorted by path.

    Structs are compared on the fields the job sets; Envs and keyed lists whole. A field that the service's
    answer lacks counts only where the run's mark says that the manifest changed. Where the mark differs and
    nothing readable does, one change of kind `unreadable` says so.
    """
    comparison = Comparison(
        live,
        manifest_changed=spec_changed(live, job=desired),
        around_changed=around_changed(live, job=desired),
    )
    desired_spec = normalise(_as_sent(desired))
    desired_spec |= {path: FIELDS[path].default for path in dropped_fields(live, spec=desired.spec)}
    # A mark that differs decides alone; what else differs is only shown then.
    body = comparable(live, desired_spec, decides=not comparison.manifest_changed)
    comparison = replace(comparison, live=replace(live, body=body))
    live_spec = unpromote(normalise(body), desired=desired_spec)
    sides = reduced(live_spec, desired_spec, "", comparison)
    changes = [_change(one, desired, comparison) for one in mismatches(*sides)]
    changes += _hidden(desired_spec, desired, comparison)
    changes += _unseen(changes, comparison)
    return tuple(sorted(changes, key=lambda change: change.path))


def needs_detail(*, desired: Job, live: Run) -> bool:
    """Whether the job sets a field that only GetJob shows, or set one when the run was created."""
    removed = dropped_fields(live, spec=desired.spec)
    return any(
        field.read is Read.GET and (path in removed or _is_set(desired.spec, path))
        for path, field in FIELDS.items()
    )


def _is_set(value: Any, path: str) -> bool:
    head, _, rest = path.partition(".")
    inner = value.get(head.removesuffix("[]")) if isinstance(value, dict) else None
    items = inner if isinstance(inner, list) else [inner]
    return any(item not in (None, {}, []) and (not rest or _is_set(item, rest)) for item in items)


def _unseen(changes: Iterable[FieldChange], comparison: Comparison) -> list[FieldChange]:
    """What a mark tells that differs where nothing readable does."""
    shown = {change.behaviour for change in changes}
    if comparison.manifest_changed and Behaviour.NEEDS_RUN not in shown:
        return [FieldChange("spec", FieldKind.UNREADABLE, None, _UNREADABLE, Behaviour.NEEDS_RUN)]
    if comparison.around_changed and Behaviour.CIRCUMSTANCE not in shown:
        return [FieldChange("spec", FieldKind.UNREADABLE, None, _UNREADABLE_AROUND, Behaviour.CIRCUMSTANCE)]
    return []


def _as_sent(job: Job) -> dict[str, Any]:
    """The spec as a run has it, labels among its tags, and a placeholder for what is not part of the plan."""
    sources = {source.name: FROM_ENVIRONMENT for source in job.env_from}
    spec = {**job.spec, "Envs": {**(job.spec.get("Envs") or {}), **sources}}
    if job.labels:
        settings = spec.get("Settings") or {}
        spec["Settings"] = {**settings, "Tags": {**job.labels, **(settings.get("Tags") or {})}}
    return spec


def _change(one: Mismatch, job: Job, comparison: Comparison) -> FieldChange:
    path, shown = paths_of(one.keys)
    secrets = {*(source.name for source in job.env_from), *secret_names(comparison.live)}
    asks_for_nothing = _is_from_environment(path, job, secrets) and not comparison.manifest_changed
    before, after = masked_pair(
        one.live, one.desired, judged_path(one, path), secret_names=secrets, secret_texts=job.hidden
    )
    return FieldChange(
        without_secrets(shown),
        _kind(path, comparison),
        before,
        after,
        Behaviour.IGNORED
        if asks_for_nothing
        else behaviour(path, run=comparison.live, live=one.live, desired=one.desired),
    )


def _is_from_environment(path: str, job: Job, names: set[str]) -> bool:
    """Whether it is a variable of `envFrom`, now or when the run was created: no reason for a new run."""
    struct, _, name = path.partition(".")
    return struct == "Envs" and bool(names & {name, "*"}) and name not in (job.spec.get("Envs") or {})


def _kind(path: str, comparison: Comparison) -> FieldKind:
    """Drift is what the run's mark proves; without it, or for a field that it leaves out, nobody knows.

    A claim's mark is the job's, whose circumstances the run need not have had when it was adopted.
    """
    run = comparison.live
    match effect_of(path):
        case Effect.NOTHING:
            proven = False
        case Effect.CIRCUMSTANCES:
            proven = run.claim is None and around_mark(run) != "" and not comparison.around_changed
        case _:
            proven = has_spec_mark(run) and not comparison.manifest_changed
    return FieldKind.DRIFTED if proven else FieldKind.CHANGED


def _hidden(desired: dict[str, Any], job: Job, comparison: Comparison) -> list[FieldChange]:
    if not hidden_changed(comparison.live, job=job):
        return []
    paths = sorted(
        path
        for path, field in FIELDS.items()
        if field.read is Read.NEVER and field.effect is Effect.RESULT and _is_set(desired, path)
    )
    return [FieldChange(path, FieldKind.UNREADABLE, None, _ONE_OF, Behaviour.NEEDS_RUN) for path in paths]
