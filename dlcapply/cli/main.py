"""The entry point: words → one command → an exit code; failures end here."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

import click

from dlcapply.api.clock import SystemClock
from dlcapply.cli.commands.adopt import adopt
from dlcapply.cli.commands.apply import apply
from dlcapply.cli.commands.cleanup import cleanup
from dlcapply.cli.commands.diff import diff
from dlcapply.cli.commands.emulator import emulator
from dlcapply.cli.commands.events import events
from dlcapply.cli.commands.explain import explain
from dlcapply.cli.commands.github import github
from dlcapply.cli.commands.history import history
from dlcapply.cli.commands.logs import logs
from dlcapply.cli.commands.metrics import metrics
from dlcapply.cli.commands.open import open_command
from dlcapply.cli.commands.plan import plan
from dlcapply.cli.commands.queue import queue
from dlcapply.cli.commands.release import release
from dlcapply.cli.commands.render import render
from dlcapply.cli.commands.rerun import rerun
from dlcapply.cli.commands.sanity import sanity
from dlcapply.cli.commands.schema import schema
from dlcapply.cli.commands.show import show
from dlcapply.cli.commands.status import status
from dlcapply.cli.commands.stop import stop
from dlcapply.cli.commands.validate import validate
from dlcapply.cli.commands.wait import wait
from dlcapply.cli.commands.why import why
from dlcapply.cli.shell import Shell
from dlcapply.cli.streams import fill_closed_descriptors, stdout, tell_without_failing, telling
from dlcapply.errors import EXIT_MEANINGS, DlcapplyError, ExitCode
from dlcapply.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

_EXIT_CODES = "\n".join(f"  {code.value:>3}  {meaning}" for code, meaning in EXIT_MEANINGS.items())


_BESIDE_A_NAME = 6  # the indentation and the gap
_FOLLOWING = ("logs", "events")
_GROUPS = {
    "Author": (validate, render, explain, schema),
    "Review": (plan, show, apply, diff, github),
    "Watch": (status, why, history, logs, events, metrics, sanity, queue),
    "Act": (wait, stop, rerun, cleanup, open_command),
    "Come in": (adopt, release),
    "Tools": (emulator,),
}


class _Groups(click.Group):  # click's own way to have commands listed in another way than one by one
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        widest = max(map(len, self.commands))
        for title, commands in _GROUPS.items():
            with formatter.section(title):
                limit = formatter.width - widest - _BESIDE_A_NAME
                formatter.write_dl(
                    [(f"{one.name:<{widest}}", one.get_short_help_str(limit)) for one in commands]
                )


@click.group(
    cls=_Groups,
    commands=[command for commands in _GROUPS.values() for command in commands],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=f"\b\nExit codes:\n{_EXIT_CODES}",
)
@click.version_option(__version__, prog_name="dlcapply", message="%(prog)s %(version)s")
def cli() -> None:
    """Apply YAML job manifests from git to Alibaba Cloud PAI-DLC.

    Manifests are validated, compared with the live jobs, shown as a plan, and carried out.
    """


def run(clock: SystemClock | None = None) -> None:
    """The process ends with the exit code of the command that its arguments name."""
    gc.set_threshold(100_000)  # manifests are trees: looking for cycles among them costs a tenth of the time
    fill_closed_descriptors()
    tell_without_failing(os.environ)  # to the end of the process: tracebacks are told too
    clock = clock or SystemClock()
    sys.exit(main(sys.argv[1:], shell=Shell(os.environ, clock, clock.wake)))


def main(args: Sequence[str], *, shell: Shell) -> int:
    """The exit code of the command; expected failures are one message on stderr, bugs trace back."""
    with telling(shell.environ):
        code = _carried_out(_with_values(args), shell)
        if stdout().failure is None and not shell.untold:
            return code
        from dlcapply.cli.failures import tell_of_untold

        tell_of_untold(shell)
        return code or ExitCode.FAILED  # of what was done, unless there is nothing else to tell


def _carried_out(args: list[str], shell: Shell) -> int:
    try:
        _check_command(args)
        return int(cli.main(args, prog_name="dlcapply", standalone_mode=False, obj=shell) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return ExitCode.USAGE
    except (click.ClickException, click.Abort, KeyboardInterrupt, DlcapplyError) as error:
        return _failed(error, args, shell)
    except Exception as error:
        _failed(error, args, shell)
        raise


def _check_command(args: list[str]) -> None:
    """Raises UsageError where the first word is not a command, and is not left to click as an option."""
    word = args[0] if args else ""
    if word and not word.startswith("-") and word not in cli.commands:
        from dlcapply.cli.habits import no_command

        raise no_command(word, cli.commands)
    if word in _FOLLOWING and "-f" in args:
        from dlcapply.cli.habits import check_follow

        check_follow(args)


def _failed(error: BaseException, args: list[str], shell: Shell) -> int:
    from dlcapply.cli.failures import error_output_of, failure_of, tell

    failure = failure_of(error)
    tell(failure, error_output_of(cli, args), shell)
    return failure.exit_code


def _with_values(args: Sequence[str]) -> list[str]:
    """A bare --wait gets its value here: click would take the word behind it, which may be a path."""
    return ["--wait=finished" if arg == "--wait" else arg for arg in args]
