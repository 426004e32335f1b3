"""A verdict about a run, for people: what happened, what it rests on, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.diagnosis.verdicts import Certainty
from dlcapply.model.runs import phase_of
from dlcapply.one_line import printable
from dlcapply.rendering.text.cutting import wrapped
from dlcapply.rendering.text.lines import EMPTY, Line, Span, Style, line, sections, width_of
from dlcapply.rendering.text.statuses import PHASE_STYLES
from dlcapply.rendering.text.where import where_line
from dlcapply.rendering.text.words import lasted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from dlcapply.diagnosis.facts import Move
    from dlcapply.diagnosis.verdicts import Diagnosis, Evidence, Step
    from dlcapply.rendering.rows.diagnosis import DiagnosedRun
    from dlcapply.rendering.rows.waiting import WaitedRow

_STEP, _QUOTE = "  ", "    "
_MOST_RESTARTS = 3
_NARROWEST = 40
_DOUBT = {
    Certainty.LIKELY: "(likely: what is seen fits it, and the service does not say it)",
    Certainty.UNKNOWN: "(not certain: nothing that was seen says it)",
}


def why_lines(report: DiagnosedRun, *, width: int | None = None) -> list[Line]:
    """Where it was looked, whose run it is, and the verdict, in at most so many columns."""
    name, *heading = _heading(report, width)
    told = _fitted(heading, width)
    return [where_line(report.where), EMPTY, name, *told, *diagnosis_lines(report.diagnosis, width=width)]


def _heading(report: DiagnosedRun, width: int | None) -> Iterator[Line]:
    """The name first, which is whole however long it is."""
    name = Span(report.name, Style.STRONG)
    if report.job_id:
        run = (Span(report.status, PHASE_STYLES[phase_of(report.status)]), f"  {report.job_id}{_age(report)}")
        head = line(name, "  ", *run)
        yield from [head] if width is None or width_of(head) <= width else [line(name), line(_STEP, *run)]
    else:
        yield line(name)
    if report.called:
        yield line(_STEP, f"it runs as {report.called}")
    if report.whose:
        yield _text(whose_text(report), _STEP, Style.CHANGED)
    if report.others:
        yield line(_STEP, f"more runs of the name are under way: {', '.join(report.others)}")
    if report.idle:
        yield _text(f"idle: {report.idle}", _STEP, Style.CHANGED)
    if report.plan:
        yield _text(f"plan: {report.plan}", _STEP)


def whose_text(report: DiagnosedRun) -> str:
    """That the run is none of ours."""
    return f"it is {report.whose}; dlcapply leaves it alone"


def _age(report: DiagnosedRun) -> str:
    if report.created is None or report.now is None:
        return ""
    return f"  created {lasted(report.created, report.now)} ago"


def diagnosis_lines(found: Diagnosis, *, is_whole: bool = True, width: int | None = None) -> list[Line]:
    """The verdict, its evidence, what was not seen, and what to do; `is_whole` with how it came there.

    In at most `width` columns, but for commands; without one nothing is broken.
    """
    blocks = (
        _verdict(found),
        _titled("evidence", _quoted(found, found.evidence)),
        _titled(others_title(found), _quoted(found, found.consequences)),
        _titled("last lines of its log", _last(found.last_lines)) if is_whole else (),
        _titled("status history", _history(found)) if is_whole else (),
        _titled("not seen", _not_seen(found)),
        _titled("what to do", _steps(found.next_steps)),
    )
    return list(_fitted(sections(*blocks), width))


def stall_lines(name: str, status: str, found: Diagnosis) -> list[Line]:
    """Why nothing happens to a run that is waited for, in few lines: the verdict, and what it rests on."""
    quoted = (_text(one.text, _QUOTE) for one in found.evidence[:1])
    return [_text(f"{name}: {status} for long: {found.what}", ""), *quoted]


def failure_lines(rows: Iterable[WaitedRow], *, width: int | None = None) -> list[Line]:
    """Why runs failed that were waited for, one below the other."""
    told = [(one.row, one.verdict) for one in rows if one.verdict is not None]
    blocks = (
        [line("Why ", Span(row.name, Style.STRONG), f" failed ({row.job_id}):"), *short_lines(found)]
        for row, found in told
    )
    return list(_fitted(sections(*blocks), width))


def short_lines(found: Diagnosis) -> list[Line]:
    """The verdict with its evidence and what to do, without the way there."""
    return [*_verdict(found), *_quoted(found, found.evidence), *_steps(found.next_steps)]


def others_title(found: Diagnosis) -> str:
    """What the lines of the other pods are."""
    return "followed from it, on other pods" if found.is_alone else "at the same time, on other pods"


def _verdict(found: Diagnosis) -> Iterator[Line]:
    style = Style.ADDED if found.is_well else Style.BAD
    yield _text(found.what, _STEP, style)
    if found.certainty in _DOUBT and not found.is_well:
        yield line(_STEP, Span(_DOUBT[found.certainty], Style.FAINT))


def _titled(title: str, lines: Iterable[Line]) -> Iterator[Line]:
    shown = list(lines)
    if shown:
        yield line(_STEP, Span(title, Style.HEADING))
        yield from shown


def _quoted(found: Diagnosis, evidence: Iterable[Evidence]) -> list[Line]:
    return [part for one in evidence for part in (_source(found, one), _text(one.text, _QUOTE + _STEP))]


def _source(found: Diagnosis, one: Evidence) -> Line:
    of = f" of {found.name_of(one.pod)}" if one.pod else ""
    return line(_QUOTE, Span(f"{_moment(one.at)}{one.source}{of}", Style.FAINT))


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}  " if at else ""


def _last(lines: Sequence[Evidence]) -> list[Line]:
    return [_text(one.text, _QUOTE) for one in lines]


def _history(found: Diagnosis) -> list[Line]:
    moves = [_text(_moved(move), _QUOTE) for move in found.history]
    newest = found.restarts[-_MOST_RESTARTS:]
    restarts = [
        _text(_move(one.at, f"restarted: {one.reason or 'no reason given'}"), _QUOTE) for one in newest
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
    return [_text(text, _QUOTE) for text in texts]


def _steps(steps: Iterable[Step]) -> list[Line]:
    return [part for step in steps for part in _step(step)]


def _step(step: Step) -> Iterator[Line]:
    yield _text(f"{step.text}:" if step.typed else step.text, _QUOTE)
    if step.typed:
        yield line(_QUOTE, _STEP, Span(step.typed, Style.COMMAND))


def _text(text: str, indent: str, style: Style = Style.PLAIN) -> Line:
    return line(indent, Span(printable(text), style))


def _fitted(lines: Iterable[Line], width: int | None) -> Iterator[Line]:
    """The lines in at most so many columns, what does not fit further in; commands stay whole."""
    for one in lines:
        if width is None or width_of(one) <= width or any(span.style is Style.COMMAND for span in one):
            yield one
        else:
            yield from _broken(one, max(width, _NARROWEST))


def _broken(one: Line, width: int) -> Iterator[Line]:
    text, style = "".join(span.text for span in one), one[-1].style
    indent = text[: len(text) - len(text.lstrip(" "))]
    for number, row in enumerate(wrapped(text.strip(), width - len(indent + _STEP))):
        yield line(indent, Span(f"{_STEP if number else ''}{row}", style))
