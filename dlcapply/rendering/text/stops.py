"""Runs that are to be stopped by hand: what is lost with them, what became of each, and what comes after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.runs import phase_of
from dlcapply.model.stops import StopResult
from dlcapply.rendering.text.lines import EMPTY, Line, Span, Style, line
from dlcapply.rendering.text.statuses import PHASE_STYLES
from dlcapply.rendering.text.tables import Column, Cut, Row, table_lines
from dlcapply.rendering.text.where import where_line
from dlcapply.rendering.text.words import age, counted, hours, lasted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dlcapply.model.runs import Run
    from dlcapply.model.stops import StopOutcome
    from dlcapply.planning.run_progress import Spent
    from dlcapply.rendering.rows.actions import FollowsRow, StopRow
    from dlcapply.rendering.rows.where import Where

_TO_STOP = (
    Column("NAME", cut=Cut.MIDDLE, is_told_whole=True),  # nobody agrees to what can't be told from others
    Column("JOBID", is_told_whole=True),
    Column("STATUS"),
    Column("AGE", goes=2, is_number=True),
    Column("RUNS FOR", goes=1, is_number=True),
    Column("LOST", is_number=True),
)
_STOPPED = (
    Column("NAME", cut=Cut.MIDDLE, is_told_whole=True),
    Column("JOBID", is_told_whole=True),
    Column("RESULT"),
    Column("STATUS", goes=1),
)
# Of more jobs that nothing starts again it is said once.
_MOST_QUIET = 4
_STYLES = {
    StopResult.STOPPED: Style.REMOVED,
    StopResult.ENDED: Style.FAINT,
    StopResult.STOPPING: Style.CHANGED,
    StopResult.NOT_DONE: Style.CHANGED,
}


def to_stop_lines(
    where: Where,
    rows: Sequence[StopRow],
    notes: Sequence[str],
    *,
    now: datetime | None,
    width: int | None,
    known: Iterable[str] = (),
) -> list[Line]:
    """Where, which runs with what is lost, and what asks for nothing."""
    table = table_lines(_TO_STOP, [_to_stop(row, now) for row in rows], width, known=known) if rows else []
    told = [line(note) for note in notes]
    return [where_line(where), EMPTY, *table, *([EMPTY] if table and told else []), *told]


def _to_stop(row: StopRow, now: datetime | None) -> Row:
    run = row.shown.run
    protected = f"protected by {row.protected}: it is not stopped without --allow-protected {run.job_id}"
    notes = [Span(protected, Style.CHANGED)] if row.protected else []
    notes += [Span(f"NOT OURS: {row.whose}", Style.BAD)] if row.whose else []
    called = [f"runs as {run.name}"] if run.name != row.shown.name else []
    return Row(
        (
            Span(row.shown.name, Style.STRONG),
            run.job_id,
            Span(run.status, PHASE_STYLES[phase_of(run.status)]),
            age(run.created, now=now),
            ran_for(run, now),
            lost_text(row.spent),
        ),
        (*notes, *called),
    )


def ran_for(run: Run, now: datetime | None) -> str:
    """Since when it is Running, by the service's time; `-` where it never was."""
    return lasted(run.started, now)


def lost_text(spent: Spent) -> str:
    """The work that is lost, in accelerator-hours, or in CPU-hours where the run has no accelerators."""
    unit = "acc-h" if spent.has_accelerators else "CPU-h"
    return f"{hours(spent.accelerator_hours if spent.has_accelerators else spent.cpu_hours)} {unit}"


def question(rows: Sequence[StopRow], *, signal: str = "", grace: str = "") -> str:
    """What is asked before any of the runs is stopped."""
    after = f", at most {grace} after {signal}" if signal else ""
    return f"Stop {counted(len(rows), 'run')}, {loss_text([row.spent for row in rows])}{after}?"


def loss_text(spents: Sequence[Spent]) -> str:
    """What is lost with all of them; what is not known of one is said, and not left out."""
    gpu = [one.accelerator_hours for one in spents if one.has_accelerators]
    cpu = [one.cpu_hours for one in spents if not one.has_accelerators]
    sums = [_sum(gpu, "accelerator-hours")] if gpu else []
    sums += [_sum(cpu, "CPU-hours")] if cpu and (not gpu or any(cpu) or None in cpu) else []
    return " and ".join(sums) or "nothing"


def _sum(hours: Sequence[float | None], unit: str) -> str:
    known = sum(one for one in hours if one is not None)
    unknown = sum(one is None for one in hours)
    if unknown == len(hours):
        return f"an unknown number of {unit}"
    more = f" and what {counted(unknown, 'run')} more lost, which nobody knows" if unknown else ""
    return f"about {known:,.0f} {unit}{more}" if known >= 10 else f"about {known:,.1f} {unit}{more}"  # noqa: PLR2004


def stopped_lines(
    outcomes: Sequence[StopOutcome], follows: Sequence[FollowsRow], *, width: int | None
) -> list[Line]:
    """What became of each run, and whether an apply starts its job again."""
    quiet = [row for row in follows if row.starts is False]
    is_much = len(quiet) > _MOST_QUIET
    after = {row.name: row for row in follows if not (is_much and row.starts is False)}
    last = {one.shown.name: one for one in outcomes}
    rows = [
        _stopped(one, after.get(one.shown.name) if last[one.shown.name] is one else None) for one in outcomes
    ]
    table = table_lines(_STOPPED, rows, width) if rows else []
    others = "the other " if after else ""
    told = f"No apply starts {others}{len(quiet):,} jobs again unless their manifests change."
    return [*table, EMPTY, line(told)] if is_much else table


def _stopped(outcome: StopOutcome, after: FollowsRow | None) -> Row:
    status = outcome.run.status
    notes = []
    if outcome.error:
        notes.append(Span(outcome.error.message, Style.BAD))
        notes += [Span(outcome.error.hint)] if outcome.error.hint else []
    if after:
        notes.append(Span(after.text, Style.PLAIN if after.starts is False else Style.CHANGED))
    return Row(
        (
            Span(outcome.shown.name, Style.STRONG),
            outcome.job_id,
            Span(outcome.result.value, _STYLES.get(outcome.result, Style.BAD)),
            Span(status, PHASE_STYLES[phase_of(status)]),
        ),
        tuple(notes),
    )


def news_text(outcome: StopOutcome) -> str:
    """One line for stderr, as soon as it is known."""
    told = f": {outcome.error.message}" if outcome.error else ""
    return f"{outcome.shown.name}  {outcome.result.value}  {outcome.job_id}{told}"
