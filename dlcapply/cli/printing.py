"""Where the output goes: the report to stdout or a file, everything else to stderr."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.cli.shell import Shell, is_colored
from dlcapply.disk import write_whole
from dlcapply.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TextIO

    from dlcapply.errors import DlcapplyError
    from dlcapply.rendering.text.lines import Line

TEXT = "text"
JSON = "json"


@dataclass(frozen=True, slots=True)
class Output:
    """One wished form of the report; `file` is empty for stdout."""

    form: str
    file: str = ""


def parse_outputs(values: Sequence[str], *, forms: Sequence[str] = (TEXT, JSON)) -> tuple[Output, ...]:
    """The outputs that `-o FORMAT[=FILE]` asks for; the first form on stdout where it asks for nothing there.

    Raises UsageError for an unknown form, an empty file name, or two forms in one place.
    """
    outputs = tuple(_output(value, forms) for value in values)
    on_stdout = [output for output in outputs if not output.file]
    if len(on_stdout) > 1:
        raise UsageError(
            "two output formats on stdout", hint=f"write one to a file: -o {on_stdout[1].form}=FILE"
        )
    files = [output.file for output in outputs if output.file]
    if len(set(files)) < len(files):
        raise UsageError("two output formats in one file", hint="name a file for each")
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
    lines: Callable[[], Iterable[Line]] = tuple,
    others: Mapping[str, Callable[[], str]],
) -> None:
    """The report is written in every form asked for."""
    for output in outputs:
        if output == Output(TEXT):
            show(lines(), sys.stdout, shell)
        elif output.form == TEXT:
            write_whole(output.file, _plain(lines()))
        elif output.file:
            write_whole(output.file, others[output.form]())
        else:
            sys.stdout.write(others[output.form]())
    sys.stdout.flush()


def show(lines: Iterable[Line], stream: TextIO, shell: Shell) -> None:
    """The lines are on the stream, styled where its reader can see it."""
    if not is_colored(stream, shell):
        stream.write(_plain(lines))
        return
    from rich.console import Console

    from dlcapply.rendering.text.lines import to_rich

    console = Console(file=stream, force_terminal=True, color_system="standard", highlight=False)
    console.print(to_rich(lines, width=console.width), soft_wrap=True)


def show_error(error: DlcapplyError, shell: Shell) -> None:
    from dlcapply.cli.sources import source_of_files
    from dlcapply.rendering.text.errors import error_lines

    show(error_lines(error, source=source_of_files()), sys.stderr, shell)


def _plain(lines: Iterable[Line]) -> str:
    from dlcapply.rendering.text.lines import to_text

    return to_text(lines)
