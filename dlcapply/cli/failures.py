"""What went wrong, told to people on stderr, and in the place of a report in the form that was asked for."""

from __future__ import annotations

import errno
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from dlcapply.cli.options.telling import COLORS
from dlcapply.cli.printing import say, show, show_error
from dlcapply.cli.report_files import check_targets, write_target
from dlcapply.cli.signals import Terminated
from dlcapply.cli.streams import stderr, stdout
from dlcapply.errors import DlcapplyError, ExitCode, InvalidManifestsError
from dlcapply.rendering.formats import ERROR_FORMATS, GITHUB, HTML, JSON, MARKDOWN_SIZES, ToldError
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dlcapply.cli.shell import Shell
    from dlcapply.model.findings import Finding


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command has nothing to report, in words for people (`show`) and for programs."""

    exit_code: ExitCode
    code: str
    message: str
    show: Callable[[Shell], None]
    hint: str = ""
    findings: Sequence[Finding] = ()


_ANY_COMMAND = "plan"  # the options of errors are the same in all that have them


@dataclass(frozen=True, slots=True)
class ErrorOutput:
    """How the words of a command want to be answered, as far as they can be understood."""

    color: str = "auto"
    places: tuple[
        tuple[str, str], ...
    ] = ()  # each form with the file that it goes to; an empty one is stdout
    markdown_size: str = MARKDOWN_SIZES[0]


def failure_of(error: BaseException) -> Failure:
    match error:
        case DlcapplyError():
            return _of_error(error)
        case click.ClickException():
            return _of_usage(error)
        case click.Abort() if isinstance(error.__cause__, Terminated):  # click's word for any interrupt
            return replace(_of_interrupt(), exit_code=ExitCode.TERMINATED)
        case click.Abort() | KeyboardInterrupt():
            return _of_interrupt()
        case _:
            return _of_fault(error)


def _of_error(error: DlcapplyError) -> Failure:
    from dlcapply.api.validation_exit import findings_exit
    from dlcapply.rendering.text.errors import error_code, error_message

    findings = error.findings if isinstance(error, InvalidManifestsError) else ()
    code = findings_exit(findings) if findings else error.exit_code
    message = error_message(error)
    return Failure(
        code,
        error_code(error, code),
        message,
        lambda shell: show_error(error, shell),
        without_secrets(error.hint),
        findings,
    )


def _of_usage(error: click.ClickException) -> Failure:
    """Of words that click does not understand."""
    from dlcapply.rendering.text.errors import brief

    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"Try '{context.command_path} --help' for help." if context else ""
    usage = [*context.get_usage().split("\n"), hint, ""] if context else []
    meant = _meant(error, context) if context and isinstance(error, click.NoSuchOption) else ""
    message = brief(without_secrets(error.message if meant else error.format_message()))
    return Failure(
        ExitCode.USAGE,
        "usage",
        message,
        lambda shell: _show_failed(shell, *usage, message=message, hint=meant),
        meant or hint,
    )


def _meant(error: click.NoSuchOption, context: click.Context) -> str:
    from dlcapply.cli.habits import option_meant

    parameters = context.command.params
    known = {name for one in parameters for name in (*one.opts, one.human_readable_name)}
    return option_meant(error.option_name, context.command_path, known)


def _of_interrupt() -> Failure:
    message = "interrupted"
    return Failure(ExitCode.INTERRUPTED, message, message, lambda shell: say(stderr(), shell, message))


def _of_fault(error: BaseException) -> Failure:
    """Of a bug, which traces back: what it says is not for programs, and may hold anything."""
    message = f"dlcapply itself failed ({type(error).__name__})"
    return Failure(
        ExitCode.FAILED, "internal", message, lambda _: None, "what it printed on stderr says where"
    )


def _show_failed(shell: Shell, *above: str, message: str, hint: str = "") -> None:
    from dlcapply.rendering.text.lines import Span, Style, line

    below = [line(f"hint: {hint}")] if hint else []
    show([*map(line, above), line(Span("Error: ", Style.BAD), message), *below], stderr(), shell)


def tell(failure: Failure, asked: ErrorOutput, shell: Shell) -> None:
    """People have read it on stderr, and others wherever they asked for a form that errors have."""
    failure.show(replace(shell, color=asked.color))
    for form, file in asked.places:
        text, is_command = _written(failure, form, asked), form == GITHUB
        if file:
            with suppress(DlcapplyError):  # it may be the very file that the failure is about
                check_targets([file])
                write_target(file, text, is_obeyed=stdout().is_obeyed and not is_command)
        elif form != HTML and not stdout().has_written:  # nobody reads a page at a terminal
            stdout().write_document(text, is_command=is_command)


def _written(failure: Failure, form: str, asked: ErrorOutput) -> str:
    """What the form says of it; people and GitHub look for files from the root of the repository."""
    from dlcapply.cli.source_lines import repository_names

    name_of = repository_names() if form != JSON and failure.findings else str
    findings = [finding.named(name_of) for finding in failure.findings]
    return ERROR_FORMATS[form](
        ToldError(
            failure.code, failure.message, failure.hint, failure.exit_code, findings, asked.markdown_size
        )
    )


def error_output_of(group: click.Group, args: Sequence[str]) -> ErrorOutput:
    """What the options --color and -o of the command say, whatever else is wrong with its words."""
    words = next((args[at:] for at, word in enumerate(args) if word in group.commands), [_ANY_COMMAND, *args])
    given: dict[str, Any] = {}
    with suppress(click.ClickException):
        given = _options(*_command_of(group.commands[words[0]], words[1:]))
    color = given.get("color")
    outputs = [value.partition("=") for value in given.get("output") or ()]
    places = [
        (form, file) for form, equals, file in outputs if form in ERROR_FORMATS and (file or not equals)
    ]
    size = given.get("markdown_size")
    return ErrorOutput(
        color if color in COLORS else "auto",
        tuple(dict.fromkeys(places)),
        size if size in MARKDOWN_SIZES else MARKDOWN_SIZES[0],
    )


def _command_of(command: click.Command, words: Sequence[str]) -> tuple[click.Command, Sequence[str]]:
    """The command, or the one of the group that the next word names, and the words behind it."""
    if isinstance(command, click.Group) and words and words[0] in command.commands:
        return command.commands[words[0]], words[1:]
    return command, words


def _options(command: click.Command, args: Sequence[str]) -> dict[str, Any]:
    """The words of each option, up to where they can't be understood any more."""
    context = click.Context(command, resilient_parsing=True, ignore_unknown_options=True)
    given, _, _ = command.make_parser(context).parse_args(list(args))
    return given


def tell_of_untold(shell: Shell) -> None:
    """What kept a report from stdout is on stderr, unless a reader had enough."""
    failure = stdout().failure
    if failure is not None and getattr(failure, "errno", None) != errno.EPIPE:
        reason = getattr(failure, "strerror", None) or str(failure)
        show_error(DlcapplyError(f"standard output can't be written: {reason}"), shell)
