"""What changed from one run of a job to the next, as far as PAI shows both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcapply.model.plans import FieldKind
from dlcapply.planning.fields import FIELDS, Effect, effects_in
from dlcapply.planning.keyed_lists import by_key, is_keyed
from dlcapply.planning.marks import (
    AROUND_TAG,
    HIDDEN_TAG,
    SPEC_TAG,
    TOKEN_TAG,
    has_spec_mark,
    is_reserved,
    secret_names,
)
from dlcapply.planning.masking import masked_pair
from dlcapply.planning.mismatches import mismatches
from dlcapply.planning.normalisation import normalise
from dlcapply.planning.readable import sound
from dlcapply.planning.value_paths import judged_path, paths_of
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Collection

    from dlcapply.model.runs import Run
    from dlcapply.planning.mismatches import Mismatch

RESULT = "can change the result"
CIRCUMSTANCE = "changes no result"
NOTE = "a note, or changed in place"
_ORDER = (RESULT, CIRCUMSTANCE, NOTE)
_BEHAVIOURS = {Effect.CIRCUMSTANCES: CIRCUMSTANCE, Effect.NOTHING: NOTE}
_UNREADABLE = "something of it changed that PAI does not read back"
_TAGS = "Settings.Tags"
_SHORT = 12  # of a fingerprint
# What CreateJob takes, as far as an answer has it; the rest of an answer is about what became of the run.
_SENT = frozenset(path.partition(".")[0].removesuffix("[]") for path in FIELDS)


@dataclass(frozen=True, slots=True)
class RunChange:
    """One field of two runs: `before` of the older one, `after` of the newer one; secrets are masked."""

    path: str
    kind: FieldKind
    before: Any
    after: Any
    behaviour: str


@dataclass(frozen=True, slots=True)
class RunChanges:
    """What differs; `same_spec` and `same_token` are None where a run's marks don't say."""

    fields: tuple[RunChange, ...] = ()
    same_spec: bool | None = None
    same_token: bool | None = None


def run_changes(older: Run, newer: Run, *, hidden: Collection[str] = ()) -> RunChanges:
    """What differs between two runs of one job; `hidden` are texts that no output may show.

    Both are as ListJobs shows them, or both as GetJob does too.
    """
    left, right = _comparable(older), _comparable(newer)
    names = {*secret_names(older), *secret_names(newer)}
    fields = [_change(one, names, hidden) for one in mismatches(left, right)]
    same_spec = _same(older, newer, SPEC_TAG) if has_spec_mark(older) and has_spec_mark(newer) else None
    fields += _unseen(older, newer, fields, same_spec=same_spec)
    ordered = tuple(sorted(fields, key=lambda change: (_ORDER.index(change.behaviour), change.path)))
    return RunChanges(ordered, same_spec, _same(older, newer, TOKEN_TAG))


def needs_detail(changes: RunChanges) -> bool:
    """Whether the runs' marks tell of a change that nothing shows: GetJob may."""
    return any(change.kind is FieldKind.UNREADABLE for change in changes.fields)


def _same(older: Run, newer: Run, tag: str) -> bool | None:
    marks = older.tags.get(tag), newer.tags.get(tag)
    return None if None in marks else marks[0] == marks[1]


def _unseen(older: Run, newer: Run, shown: list[RunChange], *, same_spec: bool | None) -> list[RunChange]:
    """What only the marks tell: which kind of field changed, where no field shows it."""
    told = {change.behaviour for change in shown}
    found = []
    if same_spec is False and RESULT not in told:
        where = "spec" if _same(older, newer, HIDDEN_TAG) is not False else "fields that are never read back"
        found.append(RunChange(where, FieldKind.UNREADABLE, None, _UNREADABLE, RESULT))
    if _same(older, newer, AROUND_TAG) is False and CIRCUMSTANCE not in told:
        found.append(RunChange("circumstances", FieldKind.UNREADABLE, None, _UNREADABLE, CIRCUMSTANCE))
    return found


def _comparable(run: Run) -> dict[str, Any]:
    """What was sent for the run, as far as its answer has it; lists with keys are maps."""
    body = {key: value for key, value in sound(run.body).items() if key in _SENT}
    return {key: _tree(value, key) for key, value in normalise(body).items()}


def _tree(value: Any, path: str) -> Any:
    if is_keyed(value, path):
        return {key: _tree(item, f"{path}[]") for key, item in by_key(value, path).items()}
    if isinstance(value, dict):
        return {
            key: _tree(item, f"{path}.{key}".lstrip("."))
            for key, item in value.items()
            if path != _TAGS or not is_reserved(key)
        }
    return value


def _change(one: Mismatch, names: Collection[str], hidden: Collection[str]) -> RunChange:
    path, shown = paths_of(one.keys)
    before, after = masked_pair(
        one.live, one.desired, judged_path(one, path), secret_names=names, secret_texts=hidden
    )
    return RunChange(without_secrets(shown), FieldKind.CHANGED, before, after, _behaviour(path, one))


def _behaviour(path: str, one: Mismatch) -> str:
    effects = effects_in(path, one.live) | effects_in(path, one.desired)
    return min((_BEHAVIOURS.get(effect, RESULT) for effect in effects), key=_ORDER.index, default=RESULT)


def marks_of(run: Run) -> tuple[str, str]:
    """The run's token, and the beginning of the fingerprint of its spec; empty where its marks don't say."""
    return run.tags.get(TOKEN_TAG, ""), run.tags.get(SPEC_TAG, "").partition(":")[2][:_SHORT]
