"""What changes between two states as people review it: each job and what that means, then what is around."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.diffs import FileChange, JobChange, Role
from dlcapply.rendering.ceiling_text import ceiling_texts, ceilings_text
from dlcapply.rendering.text.findings import finding_lines
from dlcapply.rendering.text.lines import DETAIL_INDENT, EMPTY, Line, Span, Style, line, sections
from dlcapply.rendering.text.snippets import no_source
from dlcapply.rendering.text.titles import title_line, title_widths
from dlcapply.rendering.text.values import field_lines
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dlcapply.model.diffs import FileDiff, JobDiff, SettingsDiff, Side, StateDiff, ValueChange
    from dlcapply.rendering.text.snippets import Source

_SHORT = 12
_MOST_NAMES = 8
LOOKS: dict[JobChange, tuple[str, Style]] = {
    JobChange.ADDED: ("+", Style.ADDED),
    JobChange.REMOVED: ("-", Style.REMOVED),
    JobChange.RENAMED: (">", Style.AGAIN),
    JobChange.CHANGED: ("~", Style.CHANGED),
    JobChange.UNKNOWN: ("?", Style.BAD),
}
_FILE_STYLES = {
    FileChange.ADDED: Style.ADDED,
    FileChange.REMOVED: Style.REMOVED,
    FileChange.CHANGED: Style.CHANGED,
}


def diff_lines(diff: StateDiff, *, full: bool = False, source: Source = no_source) -> list[Line]:
    """The whole comparison; long values are cut around their difference unless `full`."""
    return sections(
        _header(diff),
        finding_lines((*diff.before.findings, *diff.after.findings), source=source),
        _settings(diff.settings, full=full),
        _jobs(diff.jobs, full=full),
        _files(diff.files),
        _footer(diff),
    )


def side_name(side: Side) -> str:
    """The state as people name it."""
    if not side.name:
        return "the working tree"
    return side.name if side.commit.startswith(side.name) else f"{side.name} ({side.commit[:_SHORT]})"


def _header(diff: StateDiff) -> Iterator[Line]:
    environment = diff.after.environment or diff.before.environment
    where = f", environment {environment}" if environment else ""
    before, after = side_name(diff.before), side_name(diff.after)
    yield line("Changes from ", Span(before, Style.STRONG), f" to {after}{where}.")
    for side in (diff.before, diff.after):
        if side.trouble:
            hint = f"; {side.hint}" if side.hint else ""
            yield line(Span(f"Nothing is known of {side_name(side)}: {side.trouble}{hint}", Style.BAD))
        elif side.findings:
            yield line(Span(f"{side_name(side)} is not valid: what is said of it may lack jobs.", Style.BAD))
    yield from (line(Span(note, Style.CHANGED)) for note in diff.notes)


def _settings(settings: Iterable[SettingsDiff], *, full: bool) -> Iterator[Line]:
    for one in settings:
        style = _FILE_STYLES[one.change]
        yield line(Span(f"{one.file}", Style.STRONG), f" ({one.role}) ", Span(one.change, style))
        yield from _fields(one.fields, full=full)


def _jobs(jobs: Iterable[JobDiff], *, full: bool) -> Iterator[Line]:
    jobs = list(jobs)
    widths = title_widths([job.name for job in jobs], [job.change for job in jobs])
    for number, job in enumerate(jobs):
        if number:
            yield EMPTY
        glyph, style = LOOKS[job.change]
        title = title_line(glyph, job.name, job.change, style=style, widths=widths)
        yield (*title, Span(f" from {job.formerly}")) if job.formerly else title
        yield from (line(DETAIL_INDENT, meaning.text) for meaning in job.meanings)
        yield from (line(DETAIL_INDENT, text) for text in ceiling_texts(job))
        if job.files:
            yield line(DETAIL_INDENT, Span(f"by {few(job.files)}", Style.FAINT))
        yield from _fields(job.fields, full=full)


def _fields(fields: Iterable[ValueChange], *, full: bool) -> Iterator[Line]:
    for one in fields:
        yield from field_lines([one], full=full)
        places = {"was": one.before_at, "is": one.after_at}
        told = ", ".join(f"{word} at {place}" for word, place in places.items() if place)
        if full and told:
            yield line(DETAIL_INDENT, Span(f"  {told}", Style.FAINT))


def _files(files: Iterable[FileDiff]) -> Iterator[Line]:
    files = list(files)
    if files:
        yield line("Files:")
    for one in files:
        change = Span(f"  {one.change:<8}", _FILE_STYLES[one.change])
        reaches = f", reaches {few(one.jobs)}" if one.jobs else _reaches_none(one)
        yield line(change, f" {one.file} ({one.role}){reaches}")


def _reaches_none(one: FileDiff) -> str:
    """Of a file from which jobs take values; what another one means is told with its values."""
    is_shared = one.role in {Role.BASE, Role.VARIABLES} and one.change is FileChange.CHANGED
    return ", changes no job" if is_shared else ""


def few(names: Iterable[str]) -> str:
    """The first of the names, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}"


def _footer(diff: StateDiff) -> Iterator[Line]:
    style = Style.PLAIN if diff.jobs or not _is_whole(diff) else Style.ADDED
    yield line(Span(counts_text(diff), style))
    yield line(ceilings_text(diff))


def counts_text(diff: StateDiff) -> str:
    """How many jobs differ, and how many don't."""
    counts = [f"{number:,} {word}" for word, number in diff.summary.items() if number and word != "unchanged"]
    unchanged = f"{counted(diff.unchanged, 'job')} unchanged."
    if counts:
        return f"{', '.join(counts)}; {unchanged}"
    what = "No job changes" if _is_whole(diff) else "No job that can be read changes"
    around = " The files around them differ." if diff.settings or diff.files else ""
    return f"{what}: {unchanged}{around}"


def _is_whole(diff: StateDiff) -> bool:
    return not any(side.trouble or side.findings for side in (diff.before, diff.after))
