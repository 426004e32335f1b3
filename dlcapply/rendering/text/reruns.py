"""New tokens in files of manifests: which lines differ, and what comes of it."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from dlcapply.rendering.text.linediff import hunks
from dlcapply.rendering.text.lines import Line, Span, Style, line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.rendering.rows.actions import EditedFile, NewToken

# What a line may say that is shown: others hold more of the manifest, secrets perhaps.
_OF_RUN = re.compile(r"""\s*["']?(run|token)["']?\s*:""")
_LONGEST = 120


def rerun_lines(tokens: Sequence[NewToken], files: Sequence[EditedFile], *, written: bool) -> list[Line]:
    """Each file, its new tokens, and the lines that differ."""
    return [
        one
        for file in files
        for one in (
            _title(file, written=written),
            *_tokens([token for token in tokens if token.file == file.name]),
            *_differing(file),
        )
    ]


def _title(file: EditedFile, *, written: bool) -> Line:
    return line(Span(file.name, Style.STRONG), "" if written else ": not written (--dry-run)")


def _tokens(tokens: Sequence[NewToken]) -> Iterator[Line]:
    for token in tokens:
        yield line(f'  {token.name}: run.token "{token.before}" -> "{token.after}"')
        if token.overrides:
            yield line(f"  it stands beside the one at {token.overrides}, which does not count here any more")


def _differing(file: EditedFile) -> Iterator[Line]:
    before, after = (content.decode().splitlines() for content in (file.before, file.after))
    row = 1
    for hunk in hunks(before, after):
        if hunk.is_equal:
            row += len(hunk.after)
            continue
        for old, new in zip_longest(hunk.before, hunk.after):
            yield from _sign("-", row, old, Style.REMOVED)
            yield from _sign("+", row, new, Style.ADDED)
            row += new is not None


def _sign(sign: str, row: int, text: str | None, style: Style) -> Iterator[Line]:
    if text is not None:
        is_shown = _OF_RUN.match(text) and len(text) <= _LONGEST
        yield line(Span(f"  {row:>4} {sign} {text if is_shown else '(a long line)'}", style))
