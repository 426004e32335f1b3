"""Lists whose items are told apart by a key, so that their order says nothing: which ones is in `pai.py`."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dlcapply.pai import KEYED_LISTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

NOTHING: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


def is_keyed(value: Any, path: str) -> bool:
    """Whether it is a list of a kind whose items are told apart by a key; an odd answer may hold anything."""
    return path in KEYED_LISTS and isinstance(value, list) and all(isinstance(item, dict) for item in value)


def item_key(item: Mapping[str, Any], path: str) -> str:
    """What tells an item of a keyed list from its siblings: its key, otherwise what stands for it."""
    return next((str(item[name]) for name in KEYED_LISTS[path] if item.get(name)), "")


def by_key(
    items: Iterable[Mapping[str, Any]], path: str, *, beside: Mapping[str, Mapping[str, Any]] = NOTHING
) -> dict[str, Any]:
    """The items of a keyed list by key; one that names none has the key of its like among those `beside`.

    Of several with one key, all but the first have a number behind it, so that none is lost.
    """
    key_name, *stand_ins = KEYED_LISTS[path]
    likes = {
        (name, str(item[name])): key for key, item in beside.items() for name in stand_ins if item.get(name)
    }
    found: dict[str, Any] = {}
    seen: Counter[str] = Counter()
    for item in items:
        alike = () if item.get(key_name) else (likes.get((name, str(item.get(name)))) for name in stand_ins)
        found[_unused(next(filter(None, alike), item_key(item, path)), found, seen)] = item
    return found


def _unused(key: str, taken: Collection[str], seen: Counter[str]) -> str:
    name = key
    while name in taken:
        seen[key] += 1
        name = f"{key} #{seen[key] + 1}"
    return name
