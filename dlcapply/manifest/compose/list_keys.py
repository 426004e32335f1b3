"""What tells the items of a list apart: by this they are merged, and by this they are found twice."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from dlcapply.manifest.compose.variables import meant
from dlcapply.manifest.nodes import Node, entries
from dlcapply.pai import KEYED_LISTS

if TYPE_CHECKING:
    from collections.abc import Mapping

Key = tuple[str, str]

# By the path of the list, the keys of an item: where the first is missing, the next one. The other lists that
# PAI tells apart by a key are replaced as a whole.
KEYED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("spec", path): KEYED_LISTS[path] for path in ("JobSpecs", "DataSources")
}

_LONGEST = 4_096  # of a path; variables could make a longer one for every item


def key_of(item: Node, names: tuple[str, ...], values: Mapping[str, Node | None]) -> Key | None:
    """The name and the value of an item's key, its variables replaced; None where it has none to compare."""
    written = entries(item)
    name = next((name for name in names if name in written), None)
    if name is None or not isinstance(text := written[name].value, str):
        return None
    value = meant(text, values)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    return (name, mount_point(value) if name == "MountPath" else value)


def mount_point(path: str) -> str:
    """The path as a mount has it: `/mnt//a/` is `/mnt/a`."""
    return posixpath.normpath(f"/{path.lstrip('/')}") if path.startswith("/") else path
