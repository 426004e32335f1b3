"""What became of each change, and progress on the way there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.errors import ExitCode
from dlcapply.model.outcomes import Outcome, Result
from dlcapply.rendering.text.lines import DETAIL_INDENT, Line, Span, Style, line, sections
from dlcapply.rendering.text.plan_words import LOOKS
from dlcapply.rendering.text.titles import title_line, title_widths
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.model.outcomes import LaterStart, Trouble
    from dlcapply.rendering.rows.waiting import WaitedRow


@dataclass(frozen=True, slots=True)
class ResultLook:
    """How a result appears; without a glyph of its own it keeps the one its action had in the plan."""

    style: Style
    glyph: str = ""


# In the order of the summary line.
RESULT_LOOKS: dict[Result, ResultLook] = {
    Result.CREATED: ResultLook(Style.ADDED),
    Result.UPDATED: ResultLook(Style.ADDED),
    Result.REPLACED: ResultLook(Style.ADDED),
    Result.STOPPED: ResultLook(Style.ADDED),
    Result.FAILED: ResultLook(Style.BAD, "x"),
    Result.UNKNOWN: ResultLook(Style.BAD, "?"),
    Result.STALE: ResultLook(Style.BAD, "x"),
    Result.REFUSED: ResultLook(Style.BAD, "x"),
    Result.BLOCKED: ResultLook(Style.BAD, "!"),
    Result.WAITING: ResultLook(Style.FAINT, "."),
    Result.NOT_DONE: ResultLook(Style.CHANGED, "x"),
    Result.NOT_APPROVED: ResultLook(Style.BAD, "!"),
    Result.UNCHANGED: ResultLook(Style.FAINT, "="),
}


_WIDEST_STATUS = len("SucceededReserving")


def outcome_lines(outcomes: Sequence[Outcome], *, full: bool = False) -> list[Line]:
    """Each outcome with its JobId, or what went wrong and how to go on; unchanged jobs only when `full`."""
    shown = [outcome for outcome in outcomes if full or outcome.result is not Result.UNCHANGED]
    return sections(_outcome_lines(shown), [_summary(outcomes)])


def later_lines(later: Sequence[LaterStart]) -> list[Line]:
    """What came due while runs were waited for, why, and what became of it."""
    if not later:
        return []
    outcomes = [one.outcome for one in later]
    widths = _widths(outcomes)
    rows = [
        row
        for one in later
        for row in (
            _outcome_title(one.outcome, widths),
            line(f"{DETAIL_INDENT}{one.change.reason.text}"),
            *(_trouble_lines(one.outcome.error, one.outcome.request_id) if one.outcome.error else ()),
        )
    ]
    return [line(Span("While it waited: ", Style.STRONG), f"{_counts(outcomes)}."), *rows]


def hidden_failure_lines(waited: Sequence[WaitedRow], exit_code: ExitCode) -> list[Line]:
    """How many of the runs that were waited for failed, where the exit code tells of something else."""
    failed = sum(one.failed for one in waited)
    if not failed or exit_code is ExitCode.RUN_FAILED:
        return []
    runs = counted(len(waited), "waited-for run")
    return [line(Span(f"{failed:,} of {runs} failed, which exit code {exit_code} does not tell.", Style.BAD))]


def progress_line(name: str, status: str, job_id: str, *, name_width: int = 0) -> Line:
    """One change of status of a run that is waited for."""
    return line(
        f"{name:<{name_width}}",
        f"  {status:<{_WIDEST_STATUS}}",
        Span(f"  {job_id}" if job_id else "", Style.FAINT),
    )


def _outcome_lines(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    widths = _widths(outcomes)
    for outcome in outcomes:
        yield _outcome_title(outcome, widths)
        if outcome.error:
            yield from _trouble_lines(outcome.error, outcome.request_id)


def _widths(outcomes: Sequence[Outcome]) -> tuple[int, int]:
    return title_widths([outcome.name for outcome in outcomes], [outcome.result for outcome in outcomes])


def _outcome_title(outcome: Outcome, widths: tuple[int, int]) -> Line:
    look = RESULT_LOOKS[outcome.result]
    glyph = look.glyph or LOOKS[outcome.action].glyph
    title = title_line(glyph, outcome.name, outcome.result, style=look.style, widths=widths)
    instead = f" instead of {outcome.stopped_job_id}" if outcome.result is Result.REPLACED else ""
    return (*title, Span(f"  {outcome.job_id}{instead}"))


def _trouble_lines(trouble: Trouble, request_id: str) -> Iterator[Line]:
    yield line(f"{DETAIL_INDENT}{trouble_text(trouble, request_id)}")
    if trouble.hint:
        yield line(Span(f"{DETAIL_INDENT}hint: ", Style.FAINT), trouble.hint)


def trouble_text(trouble: Trouble, request_id: str) -> str:
    """What went wrong, with PAI's code and the request where the message does not name them."""
    is_pais = trouble.code[:1].isupper()  # our own codes are for programs: the result says the same in words
    code = f"{trouble.code}: " if is_pais and trouble.code not in trouble.message else ""
    known = not request_id or request_id in trouble.message
    request = "" if known else f" (request {request_id})"
    return f"{code}{trouble.message}{request}"


def _summary(outcomes: Sequence[Outcome]) -> Line:
    results = [outcome.result for outcome in outcomes]
    unchanged = results.count(Result.UNCHANGED)
    if unchanged == len(results):
        return line(Span("Nothing to do", Style.ADDED), f": {counted(unchanged, 'job')} unchanged.")
    return line(Span("Outcome: ", Style.STRONG), f"{_counts(outcomes)}.")


def _counts(outcomes: Sequence[Outcome]) -> str:
    results = [outcome.result for outcome in outcomes]
    return ", ".join(f"{results.count(result):,} {result}" for result in RESULT_LOOKS if result in results)
