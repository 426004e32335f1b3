"""What git leaves in a file that two people changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.manifest.findings import finding
from dlcapply.model.findings import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.model.findings import Finding

_OURS, _BASE, _THEIRS, _END = "<<<<<<<", "|||||||", "=======", ">>>>>>>"
_MARKER = re.compile(r"^([ \t]*)(<{7}|={7}|>{7}|\|{7})(?:[ \t][^\n]*)?\r?$", re.MULTILINE)
_NEAR = 2


@dataclass(frozen=True, slots=True)
class _Marker:
    """Git writes it in the first column; a formatter may have moved it into the text of a command."""

    kind: str
    line: int
    column: int

    @property
    def is_gits(self) -> bool:
        return self.column == 1


def conflicts(text: str, file: str) -> Iterator[Finding]:
    """A finding for each merge conflict in the text, where it begins.

    In the first column, half of a conflict counts too.
    """
    if _OURS in text or _BASE in text or _END in text:
        yield from (_conflict(marker, file) for marker in _beginnings(text))


def _beginnings(text: str) -> Iterator[_Marker]:
    begun: _Marker | None = None
    for marker in _markers(text):
        is_closed = marker.kind == _END and begun is not None
        if begun and (is_closed or (marker.kind == _OURS and begun.is_gits)):
            yield begun
        elif begun is None and marker.kind in {_BASE, _END} and marker.is_gits:
            yield marker
        if marker.kind in {_OURS, _END}:
            begun = marker if marker.kind == _OURS else None
    if begun and begun.is_gits:
        yield begun


def left_over(text: str, file: str, line: int) -> Finding | None:
    """The `=======` of a conflict near the line where the YAML broke, whose other marks were removed."""
    for marker in _markers(text):
        if marker.kind == _THEIRS and marker.is_gits and abs(marker.line - line) <= _NEAR:
            return _conflict(marker, file)
    return None


def _markers(text: str) -> Iterator[_Marker]:
    line = position = 0
    for found in _MARKER.finditer(text):
        line += text.count("\n", position, found.start())
        position = found.start()
        yield _Marker(found[2], line + 1, len(found[1]) + 1)


def _conflict(marker: _Marker, file: str) -> Finding:
    hint = f"keep one side, and remove the lines that begin with {_OURS}, {_THEIRS} and {_END}"
    place = Place(file, marker.line, marker.column)
    return finding("yaml-merge-conflict", "a merge conflict is not resolved", place, hint=hint)
