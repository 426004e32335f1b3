"""Field differences between a job and one of its runs; the one home of deepdiff."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from deepdiff import DeepDiff
from deepdiff.helper import NotPresent

from dlcapply.model import Behaviour, FieldChange, FieldKind
from dlcapply.planning.fields import FIELDS, KEYED, OPEN_MAPS, Effect, Read, behaviour, effect_of, effects_in
from dlcapply.planning.marks import (
    around_changed,
    around_mark,
    fields_left,
    has_spec_mark,
    hidden_changed,
    is_reserved,
    secret_names,
    spec_changed,
)
from dlcapply.planning.masking import FROM_ENVIRONMENT, masked_pair
from dlcapply.planning.normal import by_key, is_keyed, normalise, unpromote
from dlcapply.planning.shapes import comparable
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.model import Job, Run

_ONE_OF = "one of these changed, or one like them was removed"
_TAGS = "Settings.Tags"
_LONGEST_COMPARED = 80
_UNREADABLE = "a field was removed, or one that can't be read changed"
_UNREADABLE_AROUND = "a field that changes no result was removed, or can't be read"


@dataclass(frozen=True, slots=True)
class _Comparison:
    """How one run is compared: `manifest_changed` when its mark says that it had another spec.

    `around_changed` when its mark says that it had other circumstances.
    """

    run: Run
    manifest_changed: bool
    around_changed: bool

    def tells(self, path: str, value: Any) -> bool:
        """Whether a run whose answer lacks this field of the job differs in it."""
        effects = effects_in(path, value)
        around = self.around_changed if around_mark(self.run) else self.manifest_changed
        return (
            (self.manifest_changed and Effect.RESULT in effects)
            or (around and Effect.CIRCUMSTANCES in effects)
            or (Effect.NOTHING in effects and path.startswith("Settings"))  # comes back as sent
            or _is_unmarked(path, value)
        )

    def lost(self, path: str, value: Any) -> bool:
        """Whether the run may have been created with this, which the job does not set any more.

        What the service fills in looks alike, so nothing is decided by it: it is shown beside a mark that
        differs.
        """
        return self.around_changed and Effect.CIRCUMSTANCES in effects_in(path, value)

    def can_read(self, path: str) -> bool:
        """Whether the run's answer shows the field, or anything of the struct."""
        reads = _READS.get(path, {Read.LIST})
        return bool(reads - ({Read.NEVER} if self.run.detailed else {Read.NEVER, Read.GET}))


def _reads_by_path() -> dict[str, set[Read]]:
    """How each leaf, and the leaves of each struct, can be read."""
    reads: dict[str, set[Read]] = {}
    for path, field in FIELDS.items():
        steps = path.replace("[]", ".[]").split(".")
        for length in range(1, len(steps) + 1):
            prefix = ".".join(steps[:length]).replace(".[]", "[]")
            reads.setdefault(prefix, set()).add(field.read)
    return reads


_READS = _reads_by_path()


def differences(*, desired: Job, live: Run) -> tuple[FieldChange, ...]:
    """Every field in which the run is not what the job asks for, sorted by path.

    Structs are compared on the fields the job sets; Envs and keyed lists whole. A field that the service's
    answer lacks counts only where the run's mark says that the manifest changed. Where the mark differs and
    nothing readable does, one change of kind `unreadable` says so.
    """
    comparison = _Comparison(
        live,
        manifest_changed=spec_changed(live, job=desired),
        around_changed=around_changed(live, job=desired),
    )
    wanted = normalise(_as_sent(desired))
    wanted |= {path: FIELDS[path].default for path in fields_left(live, spec=desired.spec)}
    # A mark that differs decides alone; what else differs is only shown then.
    body = comparable(live, wanted, decides=not comparison.manifest_changed)
    comparison = replace(comparison, run=replace(live, body=body))
    found = unpromote(normalise(body), desired=wanted)
    before, after = _struct(found, wanted, "", comparison)
    changes = [*_readable(before, after, desired, comparison), *_hidden(wanted, desired, comparison)]
    if comparison.manifest_changed and not any(change.behaviour is Behaviour.NEEDS_RUN for change in changes):
        changes.append(_unseen(_UNREADABLE, Behaviour.NEEDS_RUN))
    elif comparison.around_changed and not any(
        change.behaviour is Behaviour.CIRCUMSTANCE for change in changes
    ):
        changes.append(_unseen(_UNREADABLE_AROUND, Behaviour.CIRCUMSTANCE))
    return tuple(sorted(changes, key=lambda change: change.path))


def needs_detail(*, desired: Job, live: Run) -> bool:
    """Whether the job sets a field that only GetJob shows, or set one when the run was created."""
    left = fields_left(live, spec=desired.spec)
    return any(
        field.read is Read.GET and (path in left or _is_set(desired.spec, path))
        for path, field in FIELDS.items()
    )


def _is_set(value: Any, path: str) -> bool:
    head, _, rest = path.partition(".")
    inner = value.get(head.removesuffix("[]")) if isinstance(value, dict) else None
    items = inner if isinstance(inner, list) else [inner]
    return any(item not in (None, {}, []) and (not rest or _is_set(item, rest)) for item in items)


def _unseen(what: str, behaviour: Behaviour) -> FieldChange:
    return FieldChange("spec", FieldKind.UNREADABLE, None, what, behaviour)


def _as_sent(job: Job) -> dict[str, Any]:
    """The spec as a run has it, labels among its tags, and a placeholder for what is not part of the plan."""
    sources = {source.name: FROM_ENVIRONMENT for source in job.env_from}
    spec = {**job.spec, "Envs": {**(job.spec.get("Envs") or {}), **sources}}
    if job.labels:
        settings = spec.get("Settings") or {}
        spec["Settings"] = {**settings, "Tags": {**job.labels, **(settings.get("Tags") or {})}}
    return spec


def _struct(
    live: Mapping[str, Any], desired: Mapping[str, Any], path: str, comparison: _Comparison
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both sides, reduced to what can be compared."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for key in _compared_keys(live, desired, path, comparison):
        inner = f"{path}.{key}" if path else key
        if not comparison.can_read(inner):
            continue
        left, right = _value(live.get(key), desired.get(key), inner, comparison)
        before |= {} if left is None else {key: left}
        after |= {} if right is None else {key: right}
    return before, after


def _compared_keys(
    live: Mapping[str, Any], desired: Mapping[str, Any], path: str, comparison: _Comparison
) -> list[str]:
    changed = comparison.manifest_changed
    if path in OPEN_MAPS and (path != _TAGS or changed):
        return [key for key in {**live, **desired} if path != _TAGS or not is_reserved(key)]
    below = f"{path}." if path else ""
    kept = [key for key in desired if key in live or comparison.tells(f"{below}{key}", desired[key])]
    return kept + [
        key
        for key, value in live.items()
        if key not in desired
        and ((changed and _is_whole(f"{below}{key}")) or comparison.lost(f"{below}{key}", value))
    ]


def _is_unmarked(path: str, desired: Any) -> bool:
    """Whether no mark would tell of this field: then an answer without it has its default."""
    field = FIELDS.get(path)
    return field is not None and field.default is not None and desired != field.default


def _is_whole(path: str) -> bool:
    return path in OPEN_MAPS or path in KEYED


def _value(live: Any, desired: Any, path: str, comparison: _Comparison) -> tuple[Any, Any]:
    match live, desired:
        case _ if is_keyed(live or [], path) and is_keyed(desired or [], path):
            return _keyed(live or [], desired or [], path, comparison)
        case (dict() | None, dict() | None) if path in OPEN_MAPS:
            return _struct(live or {}, desired or {}, path, comparison)
        case dict(), dict() | None:
            return _struct(live, desired or {}, path, comparison)
        case None, dict() if path == "Settings" or not comparison.manifest_changed:
            return _struct({}, desired, path, comparison)
        case list(), list():
            return _sequence(live, desired, f"{path}[]", comparison)
    return (desired if _says_the_same(live, desired) else live), desired


def _says_the_same(live: Any, desired: Any) -> bool:
    """Whether only the type differs, as answers have numbers for texts, or the value may not be told."""
    match live, desired:
        case (str(), int() | float()) | (int() | float(), str()):
            return str(live) == str(desired)
    return isinstance(live, str) and desired == FROM_ENVIRONMENT


def _sequence(
    live: list[Any], desired: list[Any], path: str, comparison: _Comparison
) -> tuple[list[Any], list[Any]]:
    """Both lists, item by item where they are of one length."""
    if len(live) != len(desired):
        return _visible(live, path, comparison), _visible(desired, path, comparison)
    pairs = [_value(left, right, path, comparison) for left, right in zip(live, desired, strict=True)]
    return [left for left, _ in pairs], [right for _, right in pairs]


def _visible(items: list[Any], path: str, comparison: _Comparison) -> list[Any]:
    """The items without what can't be read of them."""
    return [_value(item, item, path, comparison)[0] for item in items]


def _keyed(
    live: list[Any], desired: list[Any], path: str, comparison: _Comparison
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both lists as maps by key; an item that only one side has counts whole."""
    found = by_key(live, path)
    wanted = by_key(desired, path, beside=found)
    before, after = {}, {}
    for key in {**found, **wanted}:
        if key in found and key in wanted:
            before[key], after[key] = _struct(found[key], wanted[key], f"{path}[]", comparison)
        elif key in found:
            before[key] = found[key]
        else:
            after[key] = wanted[key]
    return before, after


def _readable(
    before: dict[str, Any], after: dict[str, Any], job: Job, comparison: _Comparison
) -> list[FieldChange]:
    if before == after:
        return []
    # With its default threshold deepdiff reports a parent as replaced where its children share too few keys.
    found = DeepDiff(
        _outline(before),
        _outline(after),
        view="tree",
        threshold_to_diff_deeper=0,
        ignore_numeric_type_changes=True,
    )
    changes = {}
    for level in (level for levels in found.values() for level in levels):
        keys = _map_keys(level.path(output_format="list"))
        changes[keys] = _change(keys, before, after, job, comparison)
    return list(changes.values())


def _outline(value: Any) -> Any:
    """The maps of the value, and for each list and long text in them a short word.

    Both are shown whole, and what deepdiff does to find a difference within them takes time that grows with
    the square of their length.
    """
    if isinstance(value, dict):
        return {key: _outline(inner) for key, inner in value.items()}
    if isinstance(value, list) or (isinstance(value, str) and len(value) > _LONGEST_COMPARED):
        return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
    return value


def _change(keys: tuple[str, ...], before: Any, after: Any, job: Job, comparison: _Comparison) -> FieldChange:
    path, shown = _paths(keys)
    secrets = {*(source.name for source in job.env_from), *secret_names(comparison.run)}
    asks_for_nothing = _is_from_environment(path, job, secrets) and not comparison.manifest_changed
    old, new = _at(before, keys), _at(after, keys)
    was, becomes = masked_pair(
        old, new, _judged(keys, path, before, after), secret_names=secrets, secret_texts=job.hidden
    )
    return FieldChange(
        without_secrets(shown),
        _kind(path, comparison),
        was,
        becomes,
        Behaviour.IGNORED if asks_for_nothing else behaviour(path, run=comparison.run, before=old, after=new),
    )


def _judged(keys: tuple[str, ...], path: str, *trees: Any) -> str:
    """The path by which a value is judged a secret: a `Value` is a variable of the name beside it."""
    if keys[-1] != "Value":
        return path
    items = [item for tree in trees if isinstance(item := _at(tree, keys[:-1]), dict)]
    names = [item.get("Key") or item.get("Name") for item in items]
    return f"Envs.{next((name for name in names if isinstance(name, str)), keys[-2])}"


def _is_from_environment(path: str, job: Job, names: set[str]) -> bool:
    """Whether it is a variable of `envFrom`, now or when the run was created: no reason for a new run."""
    struct, _, name = path.partition(".")
    return struct == "Envs" and bool(names & {name, "*"}) and name not in (job.spec.get("Envs") or {})


def _kind(path: str, comparison: _Comparison) -> FieldKind:
    """Drift is what the run's mark proves; without it, or for a field that it leaves out, nobody knows.

    A claim's mark is the job's, whose circumstances the run need not have had when it was adopted.
    """
    run = comparison.run
    match effect_of(path):
        case Effect.NOTHING:
            proven = False
        case Effect.CIRCUMSTANCES:
            proven = run.claim is None and around_mark(run) != "" and not comparison.around_changed
        case _:
            proven = has_spec_mark(run) and not comparison.manifest_changed
    return FieldKind.DRIFTED if proven else FieldKind.CHANGED


def _hidden(wanted: dict[str, Any], job: Job, comparison: _Comparison) -> list[FieldChange]:
    if not hidden_changed(comparison.run, job=job):
        return []
    paths = sorted(
        path
        for path, field in FIELDS.items()
        if field.read is Read.NEVER and field.effect is Effect.RESULT and _is_set(wanted, path)
    )
    return [FieldChange(path, FieldKind.UNREADABLE, None, _ONE_OF, Behaviour.NEEDS_RUN) for path in paths]


def _map_keys(path: list[Any]) -> tuple[str, ...]:
    """The path down to the innermost map key: a list that is not keyed is compared as one value."""
    keys = []
    for step in path:
        if not isinstance(step, str):
            break
        keys.append(step)
    return tuple(keys)


def _at(tree: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        if not isinstance(tree, dict) or key not in tree:
            return None
        tree = tree[key]
    return None if isinstance(tree, NotPresent) else tree


def _paths(keys: tuple[str, ...]) -> tuple[str, str]:
    """The path as the field table spells it, and as a person reads it."""
    table, shown = "", ""
    for key in keys:
        if table in KEYED:
            table, shown = f"{table}[]", f"{shown}[{key}]"
        else:
            plain = f".{key}" if re.fullmatch(r"[\w-]+", key) else f"[{key!r}]"
            table, shown = f"{table}.{key}".lstrip("."), f"{shown}{plain}".lstrip(".")
    return table, shown
