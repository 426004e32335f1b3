"""What the commands take from the process around them: the time, the terminal, the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlcapply.api.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from dlcapply.cli.streams import Teller
    from dlcapply.model.clock import Clock


# What TERM says of terminals that only print.
_DUMB = {"dumb", "unknown"}


@dataclass(frozen=True, slots=True)
class Shell:
    """The process around a command; tests give their own clock and environment.

    `untold` are the files whose report could not be written. With `verbose` every call is told of.
    """

    environ: Mapping[str, str]
    clock: Clock = field(default_factory=SystemClock)
    wake: Callable[[], None] = lambda: None
    color: str = "auto"
    verbose: bool = False
    untold: list[str] = field(default_factory=list)


def is_colored(stream: Teller, shell: Shell) -> bool:
    """Whether text for the stream is styled: as --color says, otherwise as the environment does.

    NO_COLOR (https://no-color.org) goes before FORCE_COLOR and CLICOLOR_FORCE, and these before the terminal.
    """
    if shell.color != "auto":
        return shell.color == "always"
    environ = shell.environ
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in {"", "0", "false"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return is_able_terminal(stream, shell) and environ.get("CLICOLOR") != "0"


def is_able_terminal(stream: Teller, shell: Shell) -> bool:
    """Whether the stream is a terminal that has colours and a cursor to move."""
    return is_terminal(stream) and shell.environ.get("TERM") not in _DUMB


def is_terminal(stream: TextIO | Teller | None) -> bool:
    """Whether a person may be there; a closed stream has nobody."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False
