"""`--select` and `--exclude`."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def is_selected(name: str, labels: Mapping[str, str], select: Sequence[str], exclude: Sequence[str]) -> bool:
    """True when any `select` matches, or none is given, and no `exclude` does."""
    wanted = not select or any(_matches(word, name, labels) for word in select)
    return wanted and not any(_matches(word, name, labels) for word in exclude)


def _matches(word: str, name: str, labels: Mapping[str, str]) -> bool:
    label, equals, value = word.partition("=")
    return labels.get(label) == value if equals else fnmatchcase(name, word)
