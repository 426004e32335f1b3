"""Bytes -> documents: YAML 1.2 core, every value with its place, every trap a finding."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import yaml

from dlcapply.disk import MAX_BYTES, is_inside, read_bytes, reason
from dlcapply.manifest.expressions import OPENING
from dlcapply.manifest.findings import MOST_ERRORS, finding
from dlcapply.manifest.nodes import Node
from dlcapply.manifest.paths import outside_finding, shown_path
from dlcapply.manifest.yaml.composer import Composer, UnreadableError
from dlcapply.manifest.yaml.conflict_markers import conflicts, left_over
from dlcapply.manifest.yaml.surrogates import with_pairs
from dlcapply.model.findings import Finding, Place

if TYPE_CHECKING:
    from pathlib import Path

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file says: its documents that are not empty, and what is wrong with its YAML.

    `size` is in bytes, as far as they were read.
    """

    documents: tuple[Node, ...] = ()
    findings: tuple[Finding, ...] = ()
    file: str = field(default="", compare=False)
    size: int = field(default=0, compare=False)


def read(data: bytes, file: str, *, loader: Any = _LOADER) -> Reading:
    """The documents of a file shown as `file`; what breaks them is a finding, never an exception."""
    documents: list[Node] = []
    findings: list[Finding] = []
    try:
        text = _decoded(data, file)
        if found := tuple(islice(conflicts(text, file), MOST_ERRORS)):
            return Reading((), found)
        events = iter(loader(with_pairs(text)).get_event, None)
        documents.extend(Composer(events, file, findings).documents())
    except UnreadableError as error:
        findings.append(error.finding)
    except yaml.MarkedYAMLError as error:
        findings.append(_broken(error, data, file))
    return Reading(tuple(documents), tuple(findings), file, len(data))


def read_file(path: Path, file: str) -> Reading:
    """The documents of the file at `path`; a file that can't be opened is a finding too."""
    try:
        data = read_bytes(path)
    except OSError as error:
        message = f"the file can't be read: {reason(error).lower()}"
        return Reading(findings=(finding("unreadable-file", message, Place(file)),), file=file)
    return read(data, file)


def read_single(path: Path, file: str) -> tuple[Node | None, tuple[Finding, ...]]:
    """The one map that a file must hold; None with findings where it holds anything else."""
    reading = read_file(path, file)
    if reading.findings:
        return None, reading.findings
    match reading.documents:
        case (Node(value=dict()) as document,):
            return document, ()
        case (_, Node(place=place), *_):
            message = "this file must hold one document only"
        case _:
            message, place = "this file must hold a map", Place(file)
    return None, (finding("document", message, place),)


def read_own(path: Path, root: Path) -> tuple[Node | None, tuple[Finding, ...]]:
    """The one map of a file of the project in `root`; a link that leads out of it is not followed."""
    return read_single(path, shown_path(path)) if is_inside(path, root) else (None, (outside_finding(path),))


def _decoded(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES:,} bytes"
        raise UnreadableError(finding("yaml-size", message, Place(file), hint="split it into several files"))
    data = data.removeprefix(BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        place = _place_of(data[: error.start].decode(), file)
        raise UnreadableError(
            finding("yaml-encoding", "this is not UTF-8 text", place, hint="save the file as UTF-8")
        ) from None
    if bad := _UNPRINTABLE.search(text):
        message = f"the control character U+{ord(bad.group()):04X} is not allowed in YAML"
        hint = 'remove it, or write it as an escape in double quotes: "\\u0007"'
        raise UnreadableError(
            finding("yaml-encoding", message, _place_of(text[: bad.start()], file), hint=hint)
        )
    return text


def _place_of(before: str, file: str) -> Place:
    """The place right after the text `before`."""
    return Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _broken(error: yaml.MarkedYAMLError, data: bytes, file: str) -> Finding:
    mark = error.problem_mark
    end = max(1, len(data.splitlines()))
    if mark and mark.line >= end:
        mark = error.context_mark or mark  # where the open value began says more than the end of the file
    place = Place(file, min(mark.line + 1, end), mark.column + 1) if mark else Place(file)
    if conflict := left_over(data.decode(errors="replace"), file, place.line):
        return conflict
    message = ", ".join(filter(None, (error.context, error.problem)))
    return finding("yaml", f"the YAML is broken: {message}", place, hint=_syntax_hint(message, data, place))


def _syntax_hint(message: str, data: bytes, place: Place) -> str:
    if "mapping values" in message:
        return 'quote a value that holds ": "'
    if "invalid Unicode character escape" in message:
        return "half of a pair stands for nothing: write the character itself, or \\U and its eight digits"
    if "flow" in message and OPENING.encode() in b"".join(data.split(b"\n")[place.line - 1 : place.line]):
        return "quote a value with ${{ }} where it stands between { } or [ ]"
    if "unexpected end of stream" in message or "flow" in message:
        return "close the quote or the bracket that opens here"
    line = data.split(b"\n")[place.line - 1 : place.line]
    if line and b"\t" in line[0][: len(line[0]) - len(line[0].lstrip())]:
        return "indent with spaces: YAML allows no tabs there"
    return "the keys of one map begin in the same column" if "expected key" in message else ""
