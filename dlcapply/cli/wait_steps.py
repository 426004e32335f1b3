"""The wait command, step by step: find the runs that count, follow them, report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.api.load import load_for_runs
from dlcapply.api.waiting.rows import waited_rows
from dlcapply.api.waiting.wait import wait, wanted_runs, what_goes_on
from dlcapply.api.where import where_of
from dlcapply.applying.interrupt import Interrupt
from dlcapply.cli.connecting import patiently_connected
from dlcapply.cli.exits import wait_exit
from dlcapply.cli.notices import tell_of_wait, tell_what_goes_on
from dlcapply.cli.printing import Fitting, report, say
from dlcapply.cli.progress import Progress, WatchedNames
from dlcapply.cli.signals import interruptible
from dlcapply.cli.streams import stderr
from dlcapply.rendering.formats import JSON, TEXT
from dlcapply.rendering.json_documents import to_json, wait_document
from dlcapply.rendering.text.diagnoses import failure_lines
from dlcapply.rendering.text.lines import sections
from dlcapply.rendering.text.statuses import status_lines
from dlcapply.rendering.text.where import where_line
from dlcapply.rendering.text.words import first_remarks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.api.options import TargetOptions, WaitOptions
    from dlcapply.cli.printing import Output
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode
    from dlcapply.rendering.text.lines import Line


def run_wait(
    shell: Shell,
    outputs: Sequence[Output],
    names: Sequence[str],
    *,
    target: TargetOptions,
    options: WaitOptions,
    read_timeout: float,
) -> ExitCode:
    """The runs are as far as they were waited for, or the report says how far they are."""
    manifests, interrupt = load_for_runs(target, shell.environ), Interrupt()
    with patiently_connected(shell, manifests, read_timeout=read_timeout) as (service, patience):
        wanted = wanted_runs(manifests, service, names)
        say(stderr(), shell, *first_remarks(wanted.remarks))
        where = where_of(manifests.environment, service)
        watched = WatchedNames(where, tuple(name for name, _ in wanted.runs), manifests.names)
        with (
            interruptible(shell, interrupt, last_words=tuple),
            Progress(shell, patience, watched, now=service.now, logs=options.logs) as progress,
        ):
            waited = wait(manifests, service, wanted, options, progress=progress, interrupt=interrupt)
        now, where = service.now(), where_of(manifests.environment, service)
    if left := what_goes_on(waited, names, options, target):
        tell_what_goes_on(shell, [left])
    code = wait_exit(waited.runs, interrupt, blocked=wanted.blocked)
    rows = waited_rows(waited.runs, waited.stopped, waited.verdicts)

    def lines(width: int | None) -> list[Line]:
        shown = [one.row for one in rows]
        table = status_lines(shown, now=now, width=width, known=manifests.names) if rows else []
        return sections([where_line(where)], table, failure_lines(rows, width=width))

    report(
        outputs,
        shell,
        formats={
            TEXT: Fitting(lines),
            JSON: lambda: to_json(wait_document(where, rows, until=options.until, exit_code=code)),
        },
    )
    tell_of_wait(shell, manifests, service, waited)
    return code
