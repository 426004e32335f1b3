"""The job and one of its runs, both reduced to what can be compared.

An answer lacks what PAI never reads back, and has more than was sent: defaults, and fields that the service
fills in. What is left after this may differ only where somebody changed something.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcapply.pai import KEYED_LISTS
from dlcapply.planning.fields import FIELDS, OPEN_MAPS, Effect, Read, effects_in
from dlcapply.planning.keyed_lists import by_key, is_keyed
from dlcapply.planning.marks import around_mark, is_reserved
from dlcapply.planning.masking import FROM_ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.model.runs import Run

_TAGS = "Settings.Tags"


@dataclass(frozen=True, slots=True)
class Comparison:
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
        """Whether the run may have been created with this field, which the job no longer sets.

        What the service fills in looks the same, so nothing is decided by it: it is shown beside a mark that
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


def reduced(
    live: Mapping[str, Any], desired: Mapping[str, Any], path: str, comparison: Comparison
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
    live: Mapping[str, Any], desired: Mapping[str, Any], path: str, comparison: Comparison
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
    return path in OPEN_MAPS or path in KEYED_LISTS


def _value(live: Any, desired: Any, path: str, comparison: Comparison) -> tuple[Any, Any]:
    match live, desired:
        case _ if is_keyed(live or [], path) and is_keyed(desired or [], path):
            return _keyed(live or [], desired or [], path, comparison)
        case (dict() | None, dict() | None) if path in OPEN_MAPS:
            return reduced(live or {}, desired or {}, path, comparison)
        case dict(), dict() | None:
            return reduced(live, desired or {}, path, comparison)
        case None, dict() if path == "Settings" or not comparison.manifest_changed:
            return reduced({}, desired, path, comparison)
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
    live: list[Any], desired: list[Any], path: str, comparison: Comparison
) -> tuple[list[Any], list[Any]]:
    """Both lists, item by item where they are of one length."""
    if len(live) != len(desired):
        return _visible(live, path, comparison), _visible(desired, path, comparison)
    pairs = [_value(*pair, path, comparison) for pair in zip(live, desired, strict=True)]
    return [live for live, _ in pairs], [desired for _, desired in pairs]


def _visible(items: list[Any], path: str, comparison: Comparison) -> list[Any]:
    """The items without what can't be read of them."""
    return [_value(item, item, path, comparison)[0] for item in items]


def _keyed(
    live: list[Any], desired: list[Any], path: str, comparison: Comparison
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both lists as maps by key; an item that only one side has counts whole."""
    live_items = by_key(live, path)
    desired_items = by_key(desired, path, beside=live_items)
    pairs: dict[str, tuple[Any, Any]] = {
        key: (live_items.get(key), desired_items.get(key)) for key in {**live_items, **desired_items}
    }
    for key in live_items.keys() & desired_items.keys():
        pairs[key] = reduced(*pairs[key], f"{path}[]", comparison)
    return _sides(pairs)
