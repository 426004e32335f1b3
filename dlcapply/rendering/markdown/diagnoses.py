"""A verdict about a run, as Markdown: for the summary of a workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.diagnosis.verdicts import Certainty
from dlcapply.one_line import printable
from dlcapply.rendering.markdown.escape import block, code, inline
from dlcapply.rendering.text.diagnoses import others_title, whose_text
from dlcapply.rendering.text.lines import to_text
from dlcapply.rendering.text.where import where_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.diagnosis.verdicts import Diagnosis, Evidence
    from dlcapply.rendering.rows.diagnosis import DiagnosedRun

_MOST_LINES = 20
_HEADER = "| source | time | line |\n|---|---|---|"


def why_markdown(report: DiagnosedRun) -> str:
    """Whose run it is and the verdict, with its evidence as a table and the next steps as a list."""
    found, run = (
        report.diagnosis,
        f" {code(report.job_id)} is {inline(report.status)}" if report.job_id else "",
    )
    parts = [
        f"### {code(report.name)}{run}",
        inline(to_text([where_line(report.where)]).strip()),
        inline(whose_text(report)) if report.whose else "",
        inline(f"idle: {report.idle}") if report.idle else "",
        inline(f"plan: {report.plan}") if report.plan else "",
        *diagnosis_markdown(found),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def diagnosis_markdown(found: Diagnosis) -> list[str]:
    """The blocks of a verdict."""
    doubt = "" if found.certainty is Certainty.CERTAIN or found.is_well else f" ({found.certainty})"
    steps = [
        f"- {inline(step.text)}{f': {code(step.typed)}' if step.typed else ''}" for step in found.next_steps
    ]
    unseen = [f"- {inline(f'not seen: {one.source} {one.pod}: {one.detail}')}" for one in found.not_seen]
    return [
        f"**{inline(f'{found.code}{doubt}')}** — {inline(found.what)}",
        _table(found, found.evidence),
        f"{others_title(found).capitalize()}:\n\n{_table(found, found.consequences)}"
        if found.consequences
        else "",
        block("\n".join(one.text for one in found.last_lines)) if found.last_lines else "",
        "\n".join(unseen[:_MOST_LINES]),
        "\n".join(steps),
    ]


def _table(found: Diagnosis, evidence: Iterable[Evidence]) -> str:
    rows = [_row(found, one) for one in evidence][:_MOST_LINES]
    return "\n".join([_HEADER, *rows]) if rows else ""


def _row(found: Diagnosis, one: Evidence) -> str:
    source = f"{one.source} of {found.name_of(one.pod)}" if one.pod else one.source.value
    at = f"{one.at:%Y-%m-%d %H:%M:%S}" if one.at else ""
    return f"| {inline(source)} | {inline(at)} | {code(printable(one.text))} |"
