"""`dlcapply validate`: what is wrong with the manifests, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import TargetOptions
from dlcapply.cli.options import forms_option, pick, target_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dlcapply.api.validate import Validation
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode
    from dlcapply.model import Level
    from dlcapply.rendering.text.lines import Line

FORMS = ("text", "json", "github", "sarif", "junit")


@click.command()
@target_options
@forms_option(*FORMS)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="The least level that makes the exit code 4.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print findings only: nothing where there are none.")
@click.pass_obj
def validate(shell: Shell, /, **options: Any) -> ExitCode:
    """Check manifests offline; every mistake is reported, at its line."""
    from dlcapply.api.validate import validate_target
    from dlcapply.cli.exits import findings_exit
    from dlcapply.cli.printing import parse_outputs, report
    from dlcapply.model import Level

    outputs = parse_outputs(options["output"], forms=FORMS)
    fail_on = Level(options["fail_on"])
    checked = validate_target(pick(TargetOptions, options), shell.environ)
    report(
        outputs,
        shell,
        lines=lambda: _lines(checked, fail_on, quiet=options["quiet"]),
        others=_others(checked, fail_on),
    )
    return findings_exit(checked.findings, fail_on=fail_on)


def _lines(checked: Validation, fail_on: Level, *, quiet: bool) -> Iterable[Line]:
    from dlcapply.cli.source_lines import source_of_files
    from dlcapply.rendering.text.findings import finding_lines, validation_lines

    source = source_of_files()
    if quiet:
        return finding_lines(checked.findings, source=source)
    return validation_lines(
        checked.findings,
        files=checked.files,
        documents=checked.documents,
        waived=len(checked.waived),
        source=source,
        fail_on=fail_on,
    )


def _others(checked: Validation, fail_on: Level) -> Mapping[str, Callable[[], str]]:
    return {
        "json": lambda: _json(checked),
        "github": lambda: _github(checked),
        "sarif": lambda: _sarif(checked),
        "junit": lambda: _junit(checked, fail_on),
    }


def _json(checked: Validation) -> str:
    from dlcapply.rendering.json_documents import to_json, validate_document

    document = validate_document(
        checked.findings, files=checked.files, documents=checked.documents, waived=len(checked.waived)
    )
    return to_json(document)


def _github(checked: Validation) -> str:
    from dlcapply.cli.source_lines import in_repository
    from dlcapply.rendering.github import github_text

    return github_text(in_repository(checked.findings))


def _sarif(checked: Validation) -> str:
    from dlcapply import __version__
    from dlcapply.cli.source_lines import in_repository
    from dlcapply.manifest.rules.explanations import explanation_of
    from dlcapply.rendering.json_documents import to_json
    from dlcapply.rendering.sarif import sarif_document

    document = sarif_document(
        in_repository(checked.findings),
        waived=in_repository(checked.waived),
        version=__version__,
        explain=explanation_of,
    )
    return to_json(document)


def _junit(checked: Validation, fail_on: Level) -> str:
    from dlcapply.cli.source_lines import in_repository, repository_names
    from dlcapply.rendering.junit import junit_text

    files = map(repository_names(), checked.looked_at)
    return junit_text(in_repository(checked.findings), files=files, fail_on=fail_on)
