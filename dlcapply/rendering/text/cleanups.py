"""Ended runs: which there are, why some are kept, and what became of those that were deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.runs import phase_of
from dlcapply.model.stops import DeleteResult
from dlcapply.rendering.text.lines import EMPTY, Line, Span, Style, line
from dlcapply.rendering.text.statuses import PHASE_STYLES
from dlcapply.rendering.text.tables import Column, Cut, Row, table_lines
from dlcapply.rendering.text.where import where_line
from dlcapply.rendering.text.words import counted, duration, duration_or_dash

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dlcapply.model.stops import DeleteOutcome
    from dlcapply.planning.keeping import EndedRun, Keep
    from dlcapply.rendering.rows.where import Where

_ENDED = (
    Column("NAME", cut=Cut.MIDDLE),
    Column("JOBID", is_told_whole=True),
    Column("STATUS"),
    Column("ENDED", is_number=True),
    Column("RAN", goes=1, is_number=True),
    Column("KEPT"),
)
_REVERTED = "Once one is deleted, a manifest that goes back to its spec and run.token starts a new, paid run."
_DELETED = (Column("NAME", cut=Cut.MIDDLE), Column("JOBID", is_told_whole=True), Column("RESULT"))


def ended_lines(
    where: Where, rows: Sequence[EndedRun], *, younger: int, width: int | None, known: Iterable[str] = ()
) -> list[Line]:
    """Where, every ended run that is meant, and what the words for what is kept mean."""
    table = table_lines(_ENDED, [_ended(row) for row in rows], width, known=known) if rows else []
    legend = [line(Span(f"{code_of(keep)}: {keep.value}", Style.FAINT)) for keep in _kept(rows)]
    some = [line(f"{counted(younger, 'run')} ended later than --older-than asks for.")] if younger else []
    count = sum(row.keep is None for row in rows)
    told = [line(f"{counted(len(rows), 'ended run')}, {count:,} of which may be deleted."), *some]
    told += [line(_REVERTED)] if count else []
    return [where_line(where), EMPTY, *table, *([EMPTY] if table else []), *legend, *told]


def _ended(row: EndedRun) -> Row:
    run = row.run
    called = (f"ran as {run.name}",) if run.name != row.job else ()
    return Row(
        (
            Span(row.job, Style.STRONG),
            run.job_id,
            Span(run.status, PHASE_STYLES[phase_of(run.status)]),
            "?" if row.age is None else f"{duration(int(row.age))} ago",
            duration_or_dash(run.duration_seconds),
            code_of(row.keep) if row.keep else "-",
        ),
        called,
    )


def code_of(keep: Keep) -> str:
    """The word for why a run is kept."""
    return keep.name.lower().replace("_", "-")


def _kept(rows: Iterable[EndedRun]) -> list[Keep]:
    """The reasons that the rows have, each once."""
    return list(dict.fromkeys(row.keep for row in rows if row.keep))


def delete_question(number: int) -> str:
    """What is asked before any run is removed."""
    runs = counted(number, "run")
    return f"Delete {runs} for good, with logs and history?"


def deleted_lines(
    outcomes: Sequence[DeleteOutcome], *, width: int | None, known: Iterable[str] = ()
) -> list[Line]:
    """What became of each run that was to be deleted."""
    return table_lines(_DELETED, [_deleted(one) for one in outcomes], width, known=known) if outcomes else []


def _deleted(outcome: DeleteOutcome) -> Row:
    style = Style.REMOVED if outcome.result is DeleteResult.DELETED else Style.CHANGED
    notes = [Span(outcome.error.message, Style.BAD)] if outcome.error else []
    notes += [Span(outcome.error.hint)] if outcome.error and outcome.error.hint else []
    return Row(
        (Span(outcome.shown.name, Style.STRONG), outcome.job_id, Span(outcome.result.value, style)),
        tuple(notes),
    )
