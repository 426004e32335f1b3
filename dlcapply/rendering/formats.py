"""The formats of a report, by the names that `-o` knows: a new one is a row here and a module beside.

What a format is written with is imported where it is asked for: the names alone are needed for help.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dlcapply.errors import DlcapplyError, ExitCode
    from dlcapply.model.diffs import StateDiff
    from dlcapply.model.findings import Finding
    from dlcapply.model.outcomes import LaterStart, Outcome
    from dlcapply.model.plans import Plan
    from dlcapply.rendering.findings_report import FindingsReport
    from dlcapply.rendering.rows.waiting import WaitedRow
    from dlcapply.rendering.text.lines import Line

    # Text is in lines, which a terminal shows in colour; every other format is written as it is.
    Written = Sequence[Line] | str

TEXT = "text"
JSON = "json"
GITHUB = "github"
SARIF = "sarif"
JUNIT = "junit"
MARKDOWN = "markdown"
HTML = "html"
# What of GitHub a Markdown document has to fit into; the first unless another is asked for.
MARKDOWN_SIZES = ("comment", "summary")
# Of a report that has nothing for a page or for lines of files.
REPORT_FORMS = (TEXT, JSON, MARKDOWN)
SHOW_FORMS = (*REPORT_FORMS, HTML)
PLAN_FORMS = (*SHOW_FORMS, GITHUB)
APPLY_FORMS = (*REPORT_FORMS, GITHUB)


def _text(report: FindingsReport) -> Sequence[Line]:
    from dlcapply.rendering.text.findings import finding_lines, validation_lines

    if report.quiet:
        return finding_lines(report.findings, source=report.source)
    return validation_lines(
        report.findings,
        files=report.files,
        documents=report.documents,
        waived=len(report.waived),
        source=report.source,
        fail_on=report.fail_on,
    )


def _json(report: FindingsReport) -> str:
    from dlcapply.rendering.json_documents import to_json, validate_document

    document = validate_document(
        report.findings, files=report.files, documents=report.documents, waived=len(report.waived)
    )
    return to_json(document)


def _github(report: FindingsReport) -> str:
    from dlcapply.rendering.github import github_text

    return github_text(report.in_repository(report.findings))


def _sarif(report: FindingsReport) -> str:
    from dlcapply.manifest.rules.explanations import explanation_of
    from dlcapply.rendering.json_documents import to_json
    from dlcapply.rendering.sarif import sarif_document
    from dlcapply.version import __version__

    document = sarif_document(
        report.in_repository(report.findings),
        waived=report.in_repository(report.waived),
        version=__version__,
        explain=explanation_of,
    )
    return to_json(document)


def _junit(report: FindingsReport) -> str:
    from dlcapply.rendering.junit import junit_text

    files = map(report.name_of, report.looked_at)
    return junit_text(report.in_repository(report.findings), files=files, fail_on=report.fail_on)


def _markdown(report: FindingsReport) -> str:
    from dlcapply.rendering.markdown.findings import findings_markdown
    from dlcapply.rendering.markdown.fitting import SIZES

    return findings_markdown(
        report.in_repository(report.findings),
        files=report.files,
        documents=report.documents,
        waived=len(report.waived),
        fail_on=report.fail_on,
        size=SIZES[report.markdown_size],
    )


FINDING_FORMATS: Mapping[str, Callable[[FindingsReport], Written]] = {
    TEXT: _text,
    JSON: _json,
    GITHUB: _github,
    SARIF: _sarif,
    JUNIT: _junit,
    MARKDOWN: _markdown,
}


def plan_formats(
    document: dict[str, Any], *, markdown_size: str = MARKDOWN_SIZES[0]
) -> dict[str, Callable[[], str]]:
    """The formats of a plan that are made of its document alone."""

    def _json() -> str:
        from dlcapply.rendering.json_documents import to_json

        return to_json(document)

    def _markdown() -> str:
        from dlcapply.rendering.markdown.fitting import SIZES
        from dlcapply.rendering.markdown.plans import plan_markdown

        return plan_markdown(document, size=SIZES[markdown_size])

    def _html() -> str:
        from dlcapply.rendering.html.plans import plan_html

        return plan_html(document)

    return {JSON: _json, MARKDOWN: _markdown, HTML: _html}


def apply_formats(
    plan: Plan,
    outcomes: Sequence[Outcome],
    *,
    exit_code: ExitCode,
    waited: Sequence[WaitedRow],
    later: Sequence[LaterStart],
    refused: DlcapplyError | None,
    markdown_size: str,
    name_of: Callable[[str], str],
) -> dict[str, Callable[[], str]]:
    """The formats of what became of a plan; `refused` is why nothing of it was begun."""
    every = (*outcomes, *(one.outcome for one in later))

    def _json() -> str:
        from dlcapply.rendering.json_documents import apply_document, to_json

        changes = plan.changes
        document = apply_document(outcomes, exit_code=exit_code, changes=changes, waited=waited, later=later)
        return to_json(document)

    def _markdown() -> str:
        from dlcapply.rendering.markdown.fitting import SIZES
        from dlcapply.rendering.markdown.outcomes import apply_markdown

        size = SIZES[markdown_size]
        return apply_markdown(plan, every, exit_code=exit_code, waited=waited, refused=refused, size=size)

    def _github() -> str:
        from dlcapply.rendering.github import apply_annotations

        return apply_annotations(plan, every, waited, name_of=name_of)

    return {JSON: _json, MARKDOWN: _markdown, GITHUB: _github}


def diff_formats(made: StateDiff, *, markdown_size: str = MARKDOWN_SIZES[0]) -> dict[str, Callable[[], str]]:
    """The formats of a comparison that are not for a terminal."""

    def _json() -> str:
        from dlcapply.rendering.diff_documents import diff_document
        from dlcapply.rendering.json_documents import to_json

        return to_json(diff_document(made))

    def _markdown() -> str:
        from dlcapply.rendering.markdown.diffs import diff_markdown
        from dlcapply.rendering.markdown.fitting import SIZES

        return diff_markdown(made, size=SIZES[markdown_size])

    return {JSON: _json, MARKDOWN: _markdown}


@dataclass(frozen=True, slots=True)
class ToldError:
    """Why there is nothing to report; `findings` are what is wrong in files."""

    code: str
    message: str
    hint: str
    exit_code: ExitCode
    findings: Sequence[Finding]
    markdown_size: str


def _json_error(told: ToldError) -> str:
    from dlcapply.rendering.json_documents import error_document, to_json

    document = error_document(
        told.code, told.message, told.hint, exit_code=told.exit_code, findings=told.findings
    )
    return to_json(document)


def _markdown_error(told: ToldError) -> str:
    from dlcapply.rendering.markdown.errors import error_markdown
    from dlcapply.rendering.markdown.fitting import SIZES

    size = SIZES[told.markdown_size]
    return error_markdown(
        told.message, told.hint, exit_code=told.exit_code, findings=told.findings, size=size
    )


def _html_error(told: ToldError) -> str:
    from dlcapply.rendering.html.errors import error_html

    return error_html(told.message, told.hint, exit_code=told.exit_code, findings=told.findings)


def _github_error(told: ToldError) -> str:
    from dlcapply.model.findings import Finding, Level
    from dlcapply.rendering.github import github_text

    return github_text(told.findings or [Finding(told.code, Level.ERROR, told.message, told.hint)])


ERROR_FORMATS: Mapping[str, Callable[[ToldError], str]] = {
    JSON: _json_error,
    MARKDOWN: _markdown_error,
    HTML: _html_error,
    GITHUB: _github_error,
}
