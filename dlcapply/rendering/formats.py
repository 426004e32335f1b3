"""The formats of a report, by the names that `-o` knows: a new one is a row here and a module beside.

What a format is written with is imported where it is asked for: the names alone are needed for help.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dlcapply.rendering.findings_report import FindingsReport
    from dlcapply.rendering.text.lines import Line

    # Text is in lines, which a terminal shows in colour; every other format is written as it is.
    Written = Sequence[Line] | str

TEXT = "text"
JSON = "json"
MARKDOWN = "markdown"
GITHUB = "github"
SARIF = "sarif"
JUNIT = "junit"


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


FINDING_FORMATS: Mapping[str, Callable[[FindingsReport], Written]] = {
    TEXT: _text,
    JSON: _json,
    GITHUB: _github,
    SARIF: _sarif,
    JUNIT: _junit,
}
