"""The paths of a value in a spec: as the field table, people, and the judgement of secrets read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlcapply.pai import KEYED_LISTS
from dlcapply.secrecy import pair_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.planning.mismatches import Mismatch


def paths_of(keys: Iterable[str]) -> tuple[str, str]:
    """The path as the field table spells it, and as a person reads it."""
    table, shown = "", ""
    for key in keys:
        if table in KEYED_LISTS:
            table, shown = f"{table}[]", f"{shown}[{key}]"
        else:
            table, shown = f"{table}.{key}".lstrip("."), f"{shown}{_step(key)}".lstrip(".")
    return table, shown


def _step(key: str) -> str:
    return f".{key}" if re.fullmatch(r"[\w-]+", key) else f"[{key!r}]"


def judged_path(one: Mismatch, path: str) -> str:
    """The path by which a value is judged a secret: a `Value` is a variable of the name beside it."""
    if one.keys[-1] != "Value":
        return path
    names = [*(pair_name(item) for item in one.beside), *one.keys[-2:-1]]
    name = next((name for name in names if isinstance(name, str)), None)
    return path if name is None else f"Envs.{name}"
