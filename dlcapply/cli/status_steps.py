"""The status command, step by step: load what can be read, look, show, and look again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.api.journals import note_what_ended
from dlcapply.api.load import load_for_runs
from dlcapply.api.status.status import StatusOptions, check_one_is_asked, status_report
from dlcapply.api.status.watch import watched
from dlcapply.cli.connecting import connected
from dlcapply.cli.live import Live
from dlcapply.cli.options.values import pick
from dlcapply.cli.printing import Fitting, Output, parse_outputs, report, say, width_of
from dlcapply.cli.signals import ended_in_order
from dlcapply.cli.streams import stderr, stdout
from dlcapply.errors import ExitCode, UsageError
from dlcapply.model.findings import Level
from dlcapply.rendering.formats import JSON, MARKDOWN, REPORT_FORMS, TEXT
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.markdown.statuses import status_markdown
from dlcapply.rendering.run_documents import status_document
from dlcapply.rendering.text.lines import line
from dlcapply.rendering.text.statuses import change_line, report_lines, status_text, watch_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dlcapply.api.load import Manifests
    from dlcapply.api.options import TargetOptions
    from dlcapply.api.status.watch import Watched
    from dlcapply.cli.shell import Shell
    from dlcapply.model.findings import Finding
    from dlcapply.rendering.rows.status import StatusReport
    from dlcapply.rendering.text.lines import Line


def run_status(
    shell: Shell, target: TargetOptions, words: Sequence[str], options: Mapping[str, Any]
) -> ExitCode:
    """What is live is shown, once or until interrupted."""
    outputs = parse_outputs(options["output"], forms=REPORT_FORMS)
    _check(options, words, outputs)
    manifests = load_for_runs(target, shell.environ)
    wanted = pick(StatusOptions, options)
    say(stderr(), shell, *_warnings(manifests, wanted))
    with connected(shell, manifests, read_timeout=options["read_timeout"]) as service:
        note_what_ended(manifests, service)
        if options["watch"]:
            return _watch(shell, watched(manifests, service, words, wanted, interval=options["interval"]))
        found = status_report(manifests, service, words, wanted)
    _show(found, outputs, shell)
    is_failed = options["exit_code"] and any(row.newest_failed for row in found.rows)
    return ExitCode.RUN_FAILED if is_failed else ExitCode.OK


def _check(options: Mapping[str, Any], words: Sequence[str], outputs: Sequence[Output]) -> None:
    """Raises UsageError for options that ask for different things."""
    check_one_is_asked(pick(StatusOptions, options), words)
    if options["watch"] and list(outputs) != [Output(TEXT)]:
        raise UsageError("--watch is for people", hint="a program asks again, with -o json")
    if options["watch"] and options["exit_code"]:
        hint = "dlcapply wait NAME ends when the run has, with 9 where it failed"
        raise UsageError(
            "--watch goes on until it is interrupted: --exit-code has no end to tell of", hint=hint
        )


def _warnings(manifests: Manifests, wanted: StatusOptions) -> Iterator[str]:
    """What keeps the rows from being what one may take them for."""
    loaded = manifests.loaded
    told = {file for one in loaded.broken for file in (one.file, _file_of(one.finding))}
    for finding in manifests.findings:
        if finding.level is Level.ERROR and _file_of(finding) not in told:
            yield f"{finding.place}: {finding.message}" if finding.place else finding.message
    asks_for_some = wanted.op or manifests.target.select or manifests.target.exclude
    if loaded.has_project and not (manifests.jobs or loaded.broken or asks_for_some):
        yield "the project has no manifests: these are the runs of the workspace"
    if loaded.broken and wanted.unmanaged:
        files = ", ".join(dict.fromkeys(one.file for one in loaded.broken))
        yield f"what these declare is not known, and its runs may be among those below: {files}"
    if not (wanted.op or manifests.environment.knows_ours):
        yield "no owner: no run can be told to be yours; --owner NAME says whose runs to show"


def _file_of(finding: Finding) -> str:
    return finding.place.file if finding.place else ""


def _show(found: StatusReport, outputs: Sequence[Output], shell: Shell) -> None:
    report(
        outputs,
        shell,
        formats={
            TEXT: Fitting(lambda width: report_lines(found, width=width)),
            JSON: lambda: to_json(status_document(found)),
            MARKDOWN: lambda: status_markdown(found),
        },
    )


def _watch(shell: Shell, looks: Iterator[Watched]) -> ExitCode:
    """Each look is shown in place, or a line for each change; until interrupted, or until nobody reads it."""
    seen = next(looks)

    def draft(width: int, height: int) -> list[Line]:
        return watch_lines(seen.report, width=width, height=height, foot=_foot(seen))

    with ended_in_order(), Live(shell, stdout(), draft, stays=True) as live:
        if not live.is_on:
            live.tell(*report_lines(seen.report, width=width_of(stdout(), shell)))
        live.draw()
        for now in looks:
            before, seen = seen, now
            live.draw()
            if not live.is_on:
                live.tell(*_news(before, now, width_of(stdout(), shell)))
            if not stdout().is_read():
                break
    return ExitCode.OK


def _foot(seen: Watched) -> list[str]:
    moment = f"{seen.report.now:%H:%M:%S} UTC" if seen.report.now else "at a time that PAI did not tell"
    if seen.trouble:
        return [f"as of {moment}", f"can't be read now, and is tried again: {seen.trouble}"]
    return [f"as of {moment}; Ctrl-C leaves, and stops no run"]


def _news(before: Watched, now: Watched, width: int | None) -> Iterator[Line]:
    """A line for each row that shows something else than it did."""
    if now.trouble and not before.trouble:
        yield line(f"can't be read now, and is tried again: {now.trouble}")
    told = {(row.name, row.job_id): status_text(row) for row in before.report.rows}
    names = {row.name for row in now.report.rows}
    moment = f"{now.report.now:%H:%M:%S}" if now.report.now else "-"
    for row in now.report.rows:
        if told.get((row.name, row.job_id)) != status_text(row):
            yield change_line(row, moment=moment, width=width)
    for row in before.report.rows:
        if row.name not in names:
            yield change_line(row, moment=moment, width=width, status="not among these any more")
