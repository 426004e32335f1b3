"""Field differences between a job and one of its runs: what of both can be compared, and what differs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dlcapply.model import Behaviour, FieldChange, FieldKind
from dlcapply.planning.fields import FIELDS, KEYED, OPEN_MAPS, Effect, Read, behaviour, effect_of, effects_in
from dlcapply.planning.keyed_lists import by_key, is_keyed
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
from dlcapply.planning.mismatches import mismatches
from dlcapply.planning.normalisation import normalise, unpromote
from dlcapply.planning.readable import comparable
from dlcapply.secrecy import shown as without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.model import Job, Run
    from dlcapply.planning.mismatches import Mismatch

_ONE_OF = "one of these changed, or one like them was removed"
_TAGS = "Settings.Tags"
_UNREADABLE = "a field was removed, or one that can't be read changed"
_UNREADABLE_AROUND = "a field that changes no result was removed, or can't be read"


@dataclass(frozen=True, slots=True)
class _Comparison:
    """How one run is compared: `manifest_changed` when its mark says that it had another spec.

    `around_changed` when its mark says that it had other circumstances.
    """

    live: Run
    manifest_changed: bool
    around_changed: bool

    def tells(self, path: str, value: Any) -> bool:
        """Whether a run whose answer lacks this field of the job differs in it."""
        effects = effects_in(path, value)
        around = self.around_changed if around_mark(self.live) else self.manifest_changed
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
        return bool(reads - ({Read.NEVER} if self.live.detailed else {Read.NEVER, Read.GET}))


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
    desired_spec = normalise(_as_sent(desired))
    desired_spec |= {path: FIELDS[path].default for path in fields_left(live, spec=desired.spec)}
    # A mark that differs decides alone; what else differs is only shown then.
    body = comparable(live, desired_spec, decides=not comparison.manifest_changed)
    comparison = replace(comparison, live=replace(live, body=body))
    live_spec = unpromote(normalise(body), desired=desired_spec)
    sides = _struct(live_spec, desired_spec, "", comparison)
    changes = [_change(one, desired, comparison) for one in mismatches(*sides)]
    changes += _hidden(desired_spec, desired, comparison)
    changes += _unseen(changes, comparison)
    return tuple(sorted(changes, key=lambda change: change.path))


def needs_detail(*, desired: Job, live: Run) -> bool:
    """Whether the job sets a field that only GetJob shows, or set one when the run was created."""
    removed = fields_left(live, spec=desired.spec)
    return any(
        field.read is Read.GET and (path in removed or _is_set(desired.spec, path))
        for path, field in FIELDS.items()
    )


def _is_set(value: Any, path: str) -> bool:
    head, _, rest = path.partition(".")
    inner = value.get(head.removesuffix("[]")) if isinstance(value, dict) else None
    items = inner if isinstance(inner, list) else [inner]
    return any(item not in (None, {}, []) and (not rest or _is_set(item, rest)) for item in items)


def _unseen(changes: Iterable[FieldChange], comparison: _Comparison) -> list[FieldChange]:
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


def _struct(
    live: Mapping[str, Any], desired: Mapping[str, Any], path: str, comparison: _Comparison
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both sides, reduced to what can be compared."""
    pairs = {}
    for key in _compared_keys(live, desired, path, comparison):
        inner = f"{path}.{key}" if path else key
        if comparison.can_read(inner):
            pairs[key] = _value(live.get(key), desired.get(key), inner, comparison)
    return _sides(pairs)


def _sides(pairs: Mapping[str, tuple[Any, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The live values and the desired ones; None stands for what a side lacks."""
    return (
        {key: live for key, (live, _) in pairs.items() if live is not None},
        {key: desired for key, (_, desired) in pairs.items() if desired is not None},
    )


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
    pairs = [_value(*pair, path, comparison) for pair in zip(live, desired, strict=True)]
    return [live for live, _ in pairs], [desired for _, desired in pairs]


def _visible(items: list[Any], path: str, comparison: _Comparison) -> list[Any]:
    """The items without what can't be read of them."""
    return [_value(item, item, path, comparison)[0] for item in items]


def _keyed(
    live: list[Any], desired: list[Any], path: str, comparison: _Comparison
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both lists as maps by key; an item that only one side has counts whole."""
    live_items = by_key(live, path)
    desired_items = by_key(desired, path, beside=live_items)
    pairs: dict[str, tuple[Any, Any]] = {
        key: (live_items.get(key), desired_items.get(key)) for key in {**live_items, **desired_items}
    }
    for key in live_items.keys() & desired_items.keys():
        pairs[key] = _struct(*pairs[key], f"{path}[]", comparison)
    return _sides(pairs)


def _change(one: Mismatch, job: Job, comparison: _Comparison) -> FieldChange:
    path, shown = _paths(one.keys)
    secrets = {*(source.name for source in job.env_from), *secret_names(comparison.live)}
    asks_for_nothing = _is_from_environment(path, job, secrets) and not comparison.manifest_changed
    before, after = masked_pair(
        one.live, one.desired, _judged(one, path), secret_names=secrets, secret_texts=job.hidden
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


def _judged(one: Mismatch, path: str) -> str:
    """The path by which a value is judged a secret: a `Value` is a variable of the name beside it."""
    if one.keys[-1] != "Value":
        return path
    names = [*(item.get("Key") or item.get("Name") for item in one.beside), *one.keys[-2:-1]]
    name = next((name for name in names if isinstance(name, str)), None)
    return path if name is None else f"Envs.{name}"


def _is_from_environment(path: str, job: Job, names: set[str]) -> bool:
    """Whether it is a variable of `envFrom`, now or when the run was created: no reason for a new run."""
    struct, _, name = path.partition(".")
    return struct == "Envs" and bool(names & {name, "*"}) and name not in (job.spec.get("Envs") or {})


def _kind(path: str, comparison: _Comparison) -> FieldKind:
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


def _hidden(desired: dict[str, Any], job: Job, comparison: _Comparison) -> list[FieldChange]:
    if not hidden_changed(comparison.live, job=job):
        return []
    paths = sorted(
        path
        for path, field in FIELDS.items()
        if field.read is Read.NEVER and field.effect is Effect.RESULT and _is_set(desired, path)
    )
    return [FieldChange(path, FieldKind.UNREADABLE, None, _ONE_OF, Behaviour.NEEDS_RUN) for path in paths]


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
