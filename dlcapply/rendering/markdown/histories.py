"""The runs of a job as Markdown: a table, what there is to say of each run, and what changed, folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.rendering.markdown.differences import differences_part
from dlcapply.rendering.markdown.escape import code, inline
from dlcapply.rendering.markdown.fitting import COMMENT, Loss, Part, Size, fitted
from dlcapply.rendering.text.histories import footnotes, headline, notes_of, short_commit
from dlcapply.rendering.text.lines import cut, to_text
from dlcapply.rendering.text.where import where_line
from dlcapply.rendering.text.words import duration_or_dash, hours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.rendering.rows.history import HistoryRow, RunHistory

_HEADER = (
    "\n| run | status | created | queued | ran | accelerator-hours | token | commit | |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
)
_LONGEST = 200
_WHOLE = "`dlcapply history` tells all of it."


def history_markdown(history: RunHistory, *, size: Size = COMMENT) -> str:
    """The history as Markdown of at most that size."""
    titles = (f"### {inline(cut(headline(history), longest))}\n" for longest in (None, _LONGEST))
    whole, shorter = titles
    where = to_text([where_line(history.where)]).strip()
    head = [Part(whole, ((Loss.REST, shorter),)), Part(f"\n{inline(cut(where, 2 * _LONGEST))}\n")]
    return fitted(head, [*_body(history)], size, whole=_WHOLE)


def _body(history: RunHistory) -> Iterator[Part]:
    for number, row in enumerate(history.rows):
        above = "" if number else _HEADER
        full, short = (f"{above}{_row(row, longest)}" for longest in (None, _LONGEST))
        yield Part(full, ((Loss.TEXTS, short), (Loss.ROWS, "")))
    for text in footnotes(history):
        yield Part(f"\n{inline(text)}\n")
    for row in history.rows:
        if row.changes:
            yield differences_part(f"{row.since} → {row.job_id}", row.changes)


def _row(row: HistoryRow, longest: int | None) -> str:
    times = map(duration_or_dash, (row.queued_seconds, row.run_seconds))
    notes = "<br>".join(inline(cut(note, longest)) for note in notes_of(row))
    commit = code(short_commit(row)) if row.commit else ""
    cells = (code(row.job_id), inline(row.status), inline(row.created), *times, hours(row.accelerator_hours))
    return f"| {' | '.join((*cells, code(cut(row.token, longest)), commit, notes))} |\n"
