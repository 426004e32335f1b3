"""A field's values before and after, in one line where they fit and as a line diff where they do not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any

from dlcapply.model.plans import Differing, FieldKind
from dlcapply.one_line import printable
from dlcapply.rendering.text.linediff import hunks
from dlcapply.rendering.text.lines import (
    DETAIL_INDENT,
    WIDTH,
    Line,
    Span,
    Style,
    line,
    shorten,
    width_of,
)
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dlcapply.rendering.text.linediff import Hunk

_DIFF_INDENT = f"{DETAIL_INDENT}  "
_DIFF_WIDTH = WIDTH - len(_DIFF_INDENT) - len("- ")
_CONTEXT = 2
_MOST_LINES = 12  # of one field, unless everything is asked for

KIND_NOTES = {
    FieldKind.CHANGED: "",
    FieldKind.DRIFTED: "changed outside the manifest; ",
    FieldKind.UNREADABLE: "not read back by PAI; ",
}
_MASKED = "differs where it is masked"
_DIFF_STYLES = {"-": Style.REMOVED, "+": Style.ADDED, " ": Style.PLAIN, "⋮": Style.FAINT}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a diff, in printable characters: added, removed, equal, or for some that are not shown.

    The difference begins at `focus`.
    """

    mark: str
    text: str = ""
    focus: int = 0


def field_lines(changes: Iterable[Differing], *, full: bool) -> Iterator[Line]:
    """What differs and what PAI does with it; long values are cut around their difference unless `full`."""
    unreadable: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        if change.kind is FieldKind.UNREADABLE:
            unreadable.setdefault((_explanation(change.after), _note(change)), []).append(change.path)
        else:
            yield from _readable(change, full=full)
    for (explanation, note), paths in unreadable.items():
        yield from _with_note(line(f"{DETAIL_INDENT}{', '.join(paths)}: {explanation}"), note)


def rows_of(change: Differing, *, full: bool) -> list[Row]:
    """The values before and after as lines of a diff, with those between that are equal where `full`."""
    before, after = inline_value(change.before), inline_value(change.after)
    if change.kind is FieldKind.UNREADABLE:
        return [Row(" ", printable(_explanation(change.after)))]
    if before == after:
        return [Row(" ", _MASKED)]
    if _fits_in_one_line(change):
        sides = (("-", change.before, before), ("+", change.after, after))
        return [Row(mark, shown) for mark, value, shown in sides if value is not None]
    return _lined(change, full=full)


def remark(change: Differing) -> str:
    """What kind of difference it is, and what PAI does with it."""
    return f"{KIND_NOTES[change.kind]}{change.behaviour}"


def _explanation(value: Any) -> str:
    """What a plan says in place of a value that cannot be compared."""
    return value if isinstance(value, str) else inline_value(value)


def _note(change: Differing) -> str:
    return f"({remark(change)})"


def _with_note(one: Line, note: str) -> Iterator[Line]:
    """The line with its note, or the note below it where both would cross the margin."""
    together = (*one, Span(f"  {note}", Style.FAINT))
    if width_of(together) <= WIDTH:
        yield together
    else:
        yield one
        yield line(Span(f"{_DIFF_INDENT}{note}", Style.FAINT))


def inline_value(value: Any) -> str:
    """The value as JSON on one line."""
    return "(absent)" if value is None else printable(json.dumps(value, ensure_ascii=False))


def _readable(change: Differing, *, full: bool) -> Iterator[Line]:
    if inline_value(change.before) == inline_value(change.after):
        yield from _with_note(line(f"{DETAIL_INDENT}{change.path}: {_MASKED}"), _note(change))
    elif _fits_in_one_line(change):
        yield from _with_note(_in_one_line(change), _note(change))
    else:
        yield from _as_diff(change, full=full)


def _fits_in_one_line(change: Differing) -> bool:
    has_lines = _has_lines(change.before) or _has_lines(change.after)
    return not has_lines and width_of(_in_one_line(change)) <= WIDTH


def _in_one_line(change: Differing) -> Line:
    before = Span(inline_value(change.before), Style.REMOVED)
    after = Span(inline_value(change.after), Style.ADDED)
    return line(f"{DETAIL_INDENT}{change.path}: ", before, " → ", after)


def _has_lines(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value.rstrip("\n")


def _as_diff(change: Differing, *, full: bool) -> Iterator[Line]:
    rows = _lined(change, full=full)
    kept = rows if full else rows[:_MOST_LINES]
    yield from _with_note(line(f"{DETAIL_INDENT}{change.path}:"), _note(change))
    for row in kept:
        shown = row.text if full else shorten(row.text, _DIFF_WIDTH, focus=row.focus)
        yield line(_DIFF_INDENT, Span(f"{row.mark} {shown}", _DIFF_STYLES[row.mark]))
    if hidden := len(rows) - len(kept):
        yield line(_DIFF_INDENT, Span(f"… {counted(hidden, 'more line')}, shown by --full", Style.FAINT))


def _lined(change: Differing, *, full: bool) -> list[Row]:
    before, after = map(_value_lines, _without_last_newline(change.before, change.after))
    return list(_diff(before, after, context=max(len(before), len(after)) if full else _CONTEXT))


def _value_lines(value: Any) -> list[str]:
    if value is None:
        return []
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return [printable(row) for row in text.split("\n")]


def _without_last_newline(before: Any, after: Any) -> tuple[Any, Any]:
    """Both values without the newline that both end with, as a YAML block does."""
    match before, after:
        case str(), str() if before.endswith("\n") and after.endswith("\n"):
            return before[:-1], after[:-1]
        case _:
            return before, after


def _diff(before: list[str], after: list[str], *, context: int) -> Iterator[Row]:
    """The changed lines and the equal ones next to them; `⋮` stands for those between."""
    rows = [row for hunk in hunks(before, after) for row in _rows(hunk)]
    last = -1
    for at in _near([row.mark != " " for row in rows], context):
        if 0 <= last < at - 1:
            yield Row("⋮")
        yield rows[at]
        last = at


def _near(changed: list[bool], context: int) -> Iterator[int]:
    """The positions at most `context` away from a change."""
    shown = 0
    for at in (at for at, is_changed in enumerate(changed) if is_changed):
        end = min(at + context + 1, len(changed))
        yield from range(max(at - context, shown), end)
        shown = max(shown, end)


def _rows(hunk: Hunk) -> Iterator[Row]:
    if hunk.is_equal:
        yield from (Row(" ", text) for text in hunk.before)
        return
    paired = len(hunk.before) == len(hunk.after)
    focuses = map(_common, hunk.before, hunk.after) if paired else repeat(0)
    focus = list(islice(focuses, max(len(hunk.before), len(hunk.after))))
    yield from (Row("-", text, at) for text, at in zip(hunk.before, focus, strict=False))
    yield from (Row("+", text, at) for text, at in zip(hunk.after, focus, strict=False))


def _common(left: str, right: str) -> int:
    """How many characters both begin with."""
    differing = (at for at, (one, other) in enumerate(zip(left, right, strict=False)) if one != other)
    return next(differing, min(len(left), len(right)))
