"""Writing `run.token` into the text of a manifest: at its place, with every other character as it was."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from typing import TYPE_CHECKING

from dlcapply.manifest.expressions import OPENING
from dlcapply.manifest.nodes import plain
from dlcapply.manifest.yaml.reader import read
from dlcapply.manifest.yaml.spans import root_spans
from dlcapply.manifest.yaml.writer import is_read_alike

if TYPE_CHECKING:
    from typing import Any

    from dlcapply.manifest.yaml.spans import Span
    from dlcapply.model.findings import Place

_RUN, _TOKEN = "run", "token"
# The keys that `run` may stand before where a manifest has none, in the order of the documents.
_AFTER_RUN = ("envFrom", "spec", "passthrough", "metadata")
_STEP = "  "
# An anchor or a tag, which stand before the value.
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")


class UneditableError(Exception):
    """Nobody but a person can write the token into this text: `why` says so, in words for one."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def with_token(data: bytes, place: Place, token: str) -> bytes:
    """The file's bytes with the token in the manifest that begins at the place, and nothing else changed.

    Raises UneditableError where that can't be done by replacing or adding the one value.
    """
    mark = BOM_UTF8 if data.startswith(BOM_UTF8) else b""
    text = data.removeprefix(BOM_UTF8).decode()
    root, number = _document(text, place)
    start, end, new = _edit(text, root, token)
    edited = mark + f"{text[:start]}{new}{text[end:]}".encode()
    _check(data, edited, number, token)
    return edited


def _document(text: str, place: Place) -> tuple[Span, int]:
    """The value of the document that begins at the place, and how many documents with a value precede it."""
    roots = [root for root in root_spans(text) if not (root.is_scalar and not root.text)]
    for number, root in enumerate(roots):
        if _line_and_column(text, root.start) == (place.line, place.column):
            return root, number
    raise UneditableError("the manifest is not where it was read")


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    before = re.split(r"\r\n|[\n\r\x85\u2028\u2029]", text[:index])
    return len(before), len(before[-1]) + 1


def _edit(text: str, root: Span, token: str) -> tuple[int, int, str]:
    """What is put in place of the characters from a start to an end."""
    if not root.is_map:
        raise UneditableError("the manifest is not a map")
    run = root.get(_RUN)
    if run is None:
        return _new_section(text, root, token)
    if run.is_map:
        old = run.get(_TOKEN)
        return _new_key(text, root, run, token) if old is None else _replaced(text, old, token)
    if run.is_scalar and not run.style and run.text in {"", "~", "null", "Null", "NULL"}:
        blank = "" if text[run.start - 1 : run.start] in {" ", "\t"} else " "
        return run.start, run.end, f"{blank}{{{_entry(text, root, token)}}}"
    raise UneditableError("run is an alias, and stands for what others have too")


def _replaced(text: str, old: Span, token: str) -> tuple[int, int, str]:
    if not old.is_scalar:
        raise UneditableError("run.token is an alias, and stands for what others have too")
    if OPENING in old.text:
        raise UneditableError(f"run.token comes from a variable: {old.text}")
    written = text[old.start : old.end]
    start = old.start + len(_PROPERTIES.match(written)[0]) if written else old.start  # type: ignore[index]
    if old.style in {"|", ">"} or "\n" in text[start : old.end]:
        raise UneditableError("run.token is written on several lines")
    blank = " " if start == old.end and text[start - 1 : start] not in {" ", "\t"} else ""
    return start, old.end, blank + _quoted(token, old.style if start < old.end else '"')


def _new_key(text: str, root: Span, run: Span, token: str) -> tuple[int, int, str]:
    """The token as the first key of `run`."""
    if run.is_flow:
        return _in_brackets(text, run, _entry(text, root, token))
    key = root.key(_RUN)
    indent = _indent(text, run.entries[0][0].start)
    at = _next_line(text, key.end) if key else -1
    if not 0 < at <= run.entries[0][0].start:
        raise UneditableError("run is written in an unusual way")
    return at, at, f"{indent}{_TOKEN}: {_quoted(token, '')}{_newline(text, at)}"


def _entry(text: str, root: Span, token: str) -> str:
    """The token with its key, which is quoted where `run` is: it may be JSON."""
    run = root.key(_RUN)
    quote = '"' if run and text[run.start] == '"' else ""
    return f"{quote}{_TOKEN}{quote}: {_quoted(token, '')}"


def _in_brackets(text: str, around: Span, entry: str) -> tuple[int, int, str]:
    """The entry before the first of a map in brackets, quoted as that one is where it is JSON."""
    if not around.entries:
        at = text.index("{", around.start) + 1
        return at, at, entry
    return _before(text, around.entries[0][0], entry)


def _before(text: str, first: Span, entry: str) -> tuple[int, int, str]:
    """The entry, and what parts it from a key in brackets that stands behind it."""
    if text[first.start] == '"':
        entry = re.sub(r"([{ ]|^)(run|token):", r'\1"\2":', entry)
    line = text[_line_start(text, first.start) : first.start]
    between = " " if line.strip() else f"{_newline(text, first.start - len(line))}{line}"
    return first.start, first.start, f"{entry},{between}"


def _new_section(text: str, root: Span, token: str) -> tuple[int, int, str]:
    """`run` with the token, before the first of the keys that usually stand behind it."""
    entry = f"{_TOKEN}: {_quoted(token, '')}"
    behind = next((key for name in _AFTER_RUN if (key := root.key(name))), None)
    if behind is None:
        raise UneditableError("there is no spec, and no metadata, that run could stand before")
    if root.is_flow:
        return _before(text, behind, f"{_RUN}: {{{entry}}}")
    indent = _indent(text, behind.start)
    at = _above_comments(text, _line_start(text, behind.start), indent)
    newline = _newline(text, at)
    lines = f"{indent}{_RUN}:{newline}{indent}{_step(text, root)}{entry}{newline}"
    return at, at, lines


def _step(text: str, root: Span) -> str:
    """By how much the file indents what is in a map."""
    outer = root.entries[0][0].start
    for _, value in root.entries:
        if value.is_map and not value.is_flow:
            inner = value.entries[0][0].start
            step = inner - _line_start(text, inner) - (outer - _line_start(text, outer))
            return " " * step if step > 0 else _STEP
    return _STEP


def _above_comments(text: str, at: int, indent: str) -> int:
    """The start of the comments right above the line, which are about what stands in it."""
    while at:
        above = _line_start(text, at - 1)
        if not text[above:at].startswith(f"{indent}#"):
            return at
        at = above
    return at


def _indent(text: str, at: int) -> str:
    indent = text[_line_start(text, at) : at]
    if indent.strip(" "):
        raise UneditableError("a key does not begin its line")
    return indent


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _next_line(text: str, at: int) -> int:
    return text.find("\n", at) + 1


def _newline(text: str, at: int) -> str:
    """How the line before the place ends, or the first one of the text."""
    end = at - 1 if at else text.find("\n")
    return "\r\n" if end > 0 and text[end - 1 : end + 1] == "\r\n" else "\n"


def _quoted(token: str, style: str) -> str:
    """The token in the quotes that the old one had; without any only where all readers take it for a text."""
    if style == "'":
        return f"'{token}'"
    return f'"{token}"' if style or not is_read_alike(token) else token


def _check(before: bytes, after: bytes, number: int, token: str) -> None:
    """Raises UneditableError unless the token of the one document is all that differs in what is read."""
    wanted = [plain(document) for document in read(before, "").documents]
    reading = read(after, "")
    if number < len(wanted):
        wanted[number] = _asking(wanted[number], token)
    if reading.findings or [plain(document) for document in reading.documents] != wanted:
        raise UneditableError("the change would reach more than run.token")


def _asking(document: Any, token: str) -> Any:
    return {**document, _RUN: {**(document.get(_RUN) or {}), _TOKEN: token}}
