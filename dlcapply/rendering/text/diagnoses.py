"""A verdict about a run, for people: what happened, what it rests on, what to do."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from dlcapply.diagnosis.verdicts import Certainty
from dlcapply.model.runs import Ownership, phase_of
from dlcapply.one_line import printable
from dlcapply.rendering.text.lines import EMPTY, WIDTH, Line, Span, Style, line, sections
from dlcapply.rendering.text.statuses import PHASE_STYLES
from dlcapply.rendering.text.where import where_line
from dlcapply.rendering.text.words import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from dlcapply.diagnosis.facts import Move
    from dlcapply.diagnosis.verdicts import Diagnosis, Evidence, Step
    from dlcapply.rendering.report_rows import DiagnosedRun, WaitedRow

_STEP, _QUOTE = "  ", "    "
_MOST_RESTARTS = 3
_DOUBT = {
    Certainty.LIKELY: "(likely: what is seen fits it, and the service does not say it)",
    Certainty.UNKNOWN: "(not certain: nothing that was seen says it)",
}
_WHOSE = {
    Ownership.CLONE: "a copy of a run of ours: dlcapply counts and touches it not",
    Ownership.FOREIGN: "another project's: not ours to touch",
    Ownership.OTHER_ORIGIN: "another repository's: not ours to touch",
    Ownership.UNMARKED: "not created by dlcapply: not ours to touch",
    Ownership.DISPUTED: "nobody knows whose: its claim is void",
}


def why_lines(report: DiagnosedRun) -> list[Line]:
    """Where it was looked, whose run it is, and the verdict."""
    return [where_line(report.where), EMPTY, *_heading(report), *diagnosis_lines(report.diagnosis)]


def _heading(report: DiagnosedRun) -> Iterator[Line]:
    name = Span(report.name, Style.STRONG)
    if not report.job_id:
        yield line(name)
    else:
        style = PHASE_STYLES[phase_of(report.status)]
        yield line(name, "  ", Span(report.status, style), f"  {report.job_id}{_age(report)}")
    if report.called:
        yield line(_STEP, f"it runs as {report.called}")
    if report.ownership in _WHOSE:
        yield line(_STEP, Span(_WHOSE[report.ownership], Style.CHANGED))
    if report.others:
        yield line(_STEP, f"more runs of the name are under way: {', '.join(report.others)}")
    if report.plan:
        yield from _wrapped(f"plan: {report.plan}", _STEP)


def _age(report: DiagnosedRun) -> str:
    if report.created is None or report.now is None:
        return ""
    return f"  created {duration(max(0, int((report.now - report.created).total_seconds())))} ago"


def diagnosis_lines(found: Diagnosis, *, is_whole: bool = True) -> list[Line]:
    """The verdict, its evidence, what was not seen, and what to do; `is_whole` with how it came there."""
    return sections(
        _verdict(found),
        _titled("evidence", _quoted(found, found.evidence)),
        _titled(others_title(found), _quoted(found, found.consequences)),
        _titled("last lines of its log", _last(found.last_lines)) if is_whole else (),
        _titled("status history", _history(found)) if is_whole else (),
        _titled("not seen", _not_seen(found)),
        _titled("what to do", _steps(found.next_steps)),
    )


def stall_lines(name: str, status: str, found: Diagnosis) -> list[Line]:
    """Why nothing happens to a run that is waited for, in few lines: the verdict, and what it rests on."""
    quoted = [part for one in found.evidence[:1] for part in _wrapped(one.text, _QUOTE)]
    return [*_wrapped(f"{name}: {status} for long: {found.what}", ""), *quoted]


def failure_lines(rows: Iterable[WaitedRow]) -> list[Line]:
    """Why runs failed that were waited for, one below the other."""
    told = [(one.row, one.verdict) for one in rows if one.verdict is not None]
    return sections(
        *(
            [line("Why ", Span(row.name, Style.STRONG), f" failed ({row.job_id}):"), *short_lines(found)]
            for row, found in told
        )
    )


def short_lines(found: Diagnosis) -> list[Line]:
    """The verdict with its evidence and what to do, without the way there."""
    return [*_verdict(found), *_quoted(found, found.evidence), *_steps(found.next_steps)]


def others_title(found: Diagnosis) -> str:
    """What the lines of the other pods are."""
    return "followed from it, on other pods" if found.is_alone else "at the same time, on other pods"


def _verdict(found: Diagnosis) -> Iterator[Line]:
    style = Style.ADDED if found.is_well else Style.BAD
    yield from _wrapped(found.what, _STEP, style)
    if found.certainty in _DOUBT and not found.is_well:
        yield line(_STEP, Span(_DOUBT[found.certainty], Style.FAINT))


def _titled(title: str, lines: Iterable[Line]) -> Iterator[Line]:
    shown = list(lines)
    if shown:
        yield line(_STEP, Span(title, Style.FAINT))
        yield from shown


def _quoted(found: Diagnosis, evidence: Iterable[Evidence]) -> list[Line]:
    return [part for one in evidence for part in (_source(found, one), *_wrapped(one.text, _QUOTE + _STEP))]


def _source(found: Diagnosis, one: Evidence) -> Line:
    of = f" of {found.name_of(one.pod)}" if one.pod else ""
    return line(_QUOTE, Span(f"{_moment(one.at)}{one.source}{of}", Style.FAINT))


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}  " if at else ""


def _last(lines: Sequence[Evidence]) -> list[Line]:
    return [part for one in lines for part in _wrapped(one.text, _QUOTE)]


def _history(found: Diagnosis) -> list[Line]:
    moves = [part for move in found.history for part in _wrapped(_moved(move), _QUOTE)]
    restarts = [
        part
        for one in found.restarts[-_MOST_RESTARTS:]
        for part in _wrapped(_move(one.at, f"restarted: {one.reason or 'no reason given'}"), _QUOTE)
    ]
    return [*moves, *restarts]


def _moved(move: Move) -> str:
    why = ": ".join(filter(None, (move.code, move.message)))
    return _move(move.at, f"{move.status} ({why})" if why else move.status)


def _move(at: datetime | None, text: str) -> str:
    return f"{_moment(at)}{text}"


def _not_seen(found: Diagnosis) -> list[Line]:
    looked = ((one, f" of {found.name_of(one.pod)}" if one.pod else "") for one in found.not_seen)
    texts = (f"{one.source}{of}: {one.detail}" for one, of in looked)
    return [part for text in texts for part in _wrapped(text, _QUOTE)]


def _steps(steps: Iterable[Step]) -> list[Line]:
    return [part for step in steps for part in _step(step)]


def _step(step: Step) -> Iterator[Line]:
    yield from _wrapped(f"{step.text}:" if step.typed else step.text, _QUOTE)
    if step.typed:
        yield line(_QUOTE, _STEP, Span(step.typed, Style.COMMAND))


def _wrapped(text: str, indent: str, style: Style = Style.PLAIN) -> Iterator[Line]:
    """The text within the width of a terminal, its later lines further in; words are never broken."""
    rows = textwrap.wrap(
        printable(text),
        WIDTH - len(indent),
        subsequent_indent=_STEP,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return (line(indent, Span(row, style)) for row in rows)
