"""What changes between two states, as it is reviewed in a pull request.

What concerns all jobs comes first, then the jobs, and last the files: what comes last is dropped first where
the document is too long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.diffs import JobChange
from dlcapply.rendering.ceiling_text import ceiling_texts, ceilings_text
from dlcapply.rendering.markdown.differences import differences_part
from dlcapply.rendering.markdown.escape import code, inline
from dlcapply.rendering.markdown.findings import finding_parts
from dlcapply.rendering.markdown.fitting import COMMENT, Loss, Part, Size, fitted
from dlcapply.rendering.text.diffs import LOOKS, counts_text, few, side_name
from dlcapply.rendering.text.lines import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.model.diffs import FileDiff, JobDiff, SettingsDiff, Side, StateDiff

_HEADER = "\n| job | change | what it means for runs | at most |\n| --- | --- | --- | --- |\n"
_LONGEST = 200
_LONGEST_NAME = 80
_WHOLE = "`-o text --full` and `-o json` have all of it."
_TO_BE_SEEN = frozenset({JobChange.REMOVED, JobChange.UNKNOWN})


def diff_markdown(diff: StateDiff, *, size: Size = COMMENT) -> str:
    """The comparison as Markdown of at most that size."""
    head = [_title(diff), *_trouble(diff), _headline(diff)]
    body = [
        *_notes(diff.notes),
        *finding_parts((*diff.after.findings, *diff.before.findings), title="#### Findings\n\n"),
        *_settings(diff.settings),
        *_rows(diff.jobs),
        *(differences_part(job.name, job.fields) for job in diff.jobs if job.fields),
        *_files(diff.files),
    ]
    return fitted(head, body, size, whole=_WHOLE)


def _title(diff: StateDiff) -> Part:
    whole, shorter = (f"### dlcapply diff{_where(diff, longest)}\n" for longest in (None, _LONGEST_NAME))
    return Part(whole, ((Loss.REST, shorter),))


def _where(diff: StateDiff, longest: int | None) -> str:
    before, after = (code(cut(side_name(side), longest)) for side in (diff.before, diff.after))
    environment = diff.after.environment or diff.before.environment
    named = f", environment {code(cut(environment, longest))}" if environment else ""
    return f": {before} → {after}{named}"


def _trouble(diff: StateDiff) -> Iterator[Part]:
    for told in filter(None, map(_told, (diff.before, diff.after))):
        whole, shorter = (f"\n> [!WARNING]\n> {inline(text)}\n" for text in (told, cut(told, _LONGEST)))
        yield Part(whole, ((Loss.REST, shorter),))


def _told(side: Side) -> str:
    """Why less is known of the state than there may be; empty where all is."""
    if side.trouble:
        return f"Nothing is known of {side_name(side)}: {side.trouble}{f'; {side.hint}' if side.hint else ''}"
    return f"{side_name(side)} is not valid: jobs may be missing here." if side.findings else ""


def _headline(diff: StateDiff) -> Part:
    return Part(f"\n**{counts_text(diff)}** {inline(ceilings_text(diff))}\n")


def _notes(notes: Sequence[str]) -> Iterator[Part]:
    for note in notes:
        shorter = f"\n> [!IMPORTANT]\n> {inline(cut(note, _LONGEST))}\n"
        yield Part(f"\n> [!IMPORTANT]\n> {inline(note)}\n", ((Loss.TEXTS, shorter), (Loss.ENTRIES, "")))


def _settings(settings: Sequence[SettingsDiff]) -> Iterator[Part]:
    for number, one in enumerate(settings):
        title = "" if number else "\n#### What governs all jobs\n"
        whole, shorter = (
            f"{title}\n{code(cut(one.file, longest))} ({one.role}): **{one.change}**\n"
            for longest in (None, _LONGEST)
        )
        yield Part(whole, ((Loss.TEXTS, shorter), (Loss.REST, title)))
        if one.fields:
            yield _kept_longer(differences_part(one.file, one.fields))


def _kept_longer(part: Part) -> Part:
    """A limit or a policy is not left out as long as there is a table of jobs."""
    return Part(part.text, (*part.shorter[:-1], (Loss.ROWS, "")))


def _rows(jobs: Sequence[JobDiff]) -> Iterator[Part]:
    for number, job in enumerate(jobs):
        header = "" if number else _HEADER
        whole, shorter = (f"{header}{_row(job, longest)}" for longest in (None, _LONGEST))
        yield Part(whole, ((Loss.TEXTS, shorter), (Loss.ROWS, "")))


def _row(job: JobDiff, longest: int | None) -> str:
    meanings = "<br>".join(inline(cut(one.text, longest)) for one in job.meanings)
    ceiling = "<br>".join(inline(cut(text, longest)) for text in ceiling_texts(job))
    return f"| {code(cut(job.name, longest))} | {_change(job, longest)} | {meanings} | {ceiling} |\n"


def _change(job: JobDiff, longest: int | None) -> str:
    glyph, _ = LOOKS[job.change]
    word = f"**{job.change}**" if job.change in _TO_BE_SEEN else f"{job.change}"
    return f"`{glyph}` {word}" + (f" from {code(cut(job.formerly, longest))}" if job.formerly else "")


def _files(files: Sequence[FileDiff]) -> Iterator[Part]:
    for number, one in enumerate(files):
        title = "" if number else "\n#### Files\n\n"
        reaches = f", reaches {inline(few(one.jobs))}" if one.jobs else ""
        yield Part(f"{title}- {code(one.file)} ({one.role}) {one.change}{reaches}\n", ((Loss.ENTRIES, ""),))
