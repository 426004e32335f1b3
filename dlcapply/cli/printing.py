"""Where the output goes: the report to stdout or a file, everything else to stderr."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from dlcapply.cli.report_files import check_targets, write_target
from dlcapply.cli.shell import Shell, is_colored, is_terminal
from dlcapply.cli.streams import Teller, stderr, stdout
from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.rendering.formats import GITHUB, JSON, TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Literal, TextIO

    from rich.console import Console

    from dlcapply.rendering.formats import Written
    from dlcapply.rendering.text.lines import Line


WIDTH = 80  # of a terminal that does not tell
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Fitting:
    """Text that fits the columns of who reads it; a file has as many as the text takes."""

    lines: Callable[[int | None], Iterable[Line]]

    def written(self, output: Output, shell: Shell) -> Iterable[Line]:
        return self.lines(None if output.file else width_of(stdout(), shell))


@dataclass(frozen=True, slots=True)
class Output:
    """One wished form of the report; `file` is empty for stdout."""

    form: str
    file: str = ""


def parse_outputs(
    values: Sequence[str], *, forms: Sequence[str] = (TEXT, JSON), beside: Sequence[str] = ()
) -> tuple[Output, ...]:
    """The outputs that `-o FORMAT[=FILE]` asks for; the first form on stdout where it asks for nothing there.

    Raises UsageError for an unknown form, an empty file name, or two forms in one place, DlcapplyError for a
    file that can't be written; `beside` are files that the command writes too.
    """
    outputs = tuple(_output(value, forms) for value in values)
    on_stdout = [output for output in outputs if not output.file]
    if len(on_stdout) > 1:
        raise UsageError(
            "two output formats on stdout", hint=f"write one to a file: -o {on_stdout[1].form}=FILE"
        )
    check_targets([*(output.file for output in outputs if output.file), *filter(None, beside)])
    return outputs if on_stdout else (Output(forms[0]), *outputs)


def _output(value: str, forms: Sequence[str]) -> Output:
    form, equals, file = value.partition("=")
    if form not in forms:
        raise UsageError(f"unknown output format {form!r}", hint=f"one of: {', '.join(forms)}")
    if equals and not file:
        raise UsageError(f"-o {value} names no file", hint=f"write -o {form}=FILE, or -o {form} for stdout")
    return Output(form, file)


def wants_text(outputs: Iterable[Output]) -> bool:
    """Whether people read stdout."""
    return Output(TEXT) in outputs


def report(
    outputs: Iterable[Output],
    shell: Shell,
    *,
    formats: Mapping[str, Callable[[], Written] | Fitting],
    essence: Callable[[], Iterable[Line]] = tuple,
) -> None:
    """The report is in every form and place asked for, and one that fails leaves the others alone.

    That is told on stderr, with the `essence` where no text is on stdout; the exit code tells it too, unless
    it has worse to tell.
    """
    failed = [output for output in outputs if not _is_told(output, shell, formats[output.form])]
    is_text_told = wants_text(outputs) and Output(TEXT) not in failed
    if failed and not is_text_told and (rest := list(essence())):
        show(rest, stderr(), shell)


def _is_told(output: Output, shell: Shell, form: Callable[[], Written] | Fitting) -> bool:
    written = form.written(output, shell) if isinstance(form, Fitting) else form()
    if not isinstance(written, str) and not output.file:
        show(written, stdout(), shell)
        return stdout().failure is None
    text = written if isinstance(written, str) else _plain(written)
    is_command = output.form == GITHUB  # the one format that a runner is to obey
    if not output.file:
        stdout().write_document(text, is_command=is_command)
        return stdout().failure is None
    try:
        write_target(output.file, text, is_obeyed=stdout().is_obeyed and not is_command)
    except DlcapplyError as error:
        shell.untold.append(output.file)
        show_error(error, shell)
        return False
    return True


def show(lines: Iterable[Line], stream: Teller, shell: Shell) -> None:
    """The lines are on the stream, folded for a terminal, and styled where its reader can see it."""
    given = list(lines)
    if not is_colored(stream, shell):
        stream.write(_plain(_folded(given, stream, shell) if is_terminal(stream) else given))
    elif given:
        from dlcapply.rendering.text.lines import to_rich

        text = to_rich(given, width=width_of(stream, shell) or WIDTH)
        console_of(stream, shell).print(text, soft_wrap=True)


def _folded(lines: Sequence[Line], stream: Teller, shell: Shell) -> Iterator[Line]:
    from dlcapply.rendering.text.lines import folded_lines

    return folded_lines(lines, width_of(stream, shell) or WIDTH)


def say(stream: Teller, shell: Shell, *texts: str) -> None:
    """The texts are lines on the stream; without any, nothing is."""
    if not texts:
        return
    from dlcapply.rendering.text.lines import line

    show([line(text) for text in texts], stream, shell)


def console_of(stream: Teller, shell: Shell) -> Console:
    """A console on the stream, with colours where `show` has them, whatever rich finds in the environment."""
    from rich.console import Console

    colors: Literal["standard"] | None = "standard" if is_colored(stream, shell) else None
    return Console(
        file=cast("TextIO", stream),
        force_terminal=True,
        color_system=colors,
        no_color=colors is None,
        highlight=False,
    )


def width_of(stream: Teller, shell: Shell) -> int | None:
    """The columns that its reader has; None where nobody says, as in a pipe: then nothing need be cut."""
    told = shell.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told[:_DIGITS]):
        return int(told[:_DIGITS])
    if not is_terminal(stream):
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH


def show_error(error: DlcapplyError, shell: Shell) -> None:
    from dlcapply.cli.source_lines import source_of_files
    from dlcapply.rendering.text.errors import error_lines

    show(error_lines(error, source=source_of_files()), stderr(), shell)


def _plain(lines: Iterable[Line]) -> str:
    from dlcapply.rendering.text.lines import to_text

    return to_text(lines)
