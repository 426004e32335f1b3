"""What the commands take from the process around them: the time, the terminal, the environment."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.disk import (
    MAX_BYTES,
    PLANTED,
    check_folder,
    check_own,
    escaping_link,
    private_folder,
    reason,
    write_whole,
)
from dlcapply.errors import DlcapplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from dlcapply.cli.streams import Teller
    from dlcapply.model import Clock


_STATE = ".dlcapply"
_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite puts beside a file
# How long a sleeper may take to notice that it is to wake.
_SLICE = 0.1
# What TERM says of terminals that only print.
_DUMB = {"dumb", "unknown"}


class SystemClock:
    """The machine's clock; a sleep ends early once `wake` was called, which a signal handler may do.

    No lock is taken: the handler may interrupt the very thread that holds it.
    """

    def __init__(self) -> None:
        self._is_awake = False

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._is_awake and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE))

    def wake(self) -> None:
        self._is_awake = True


@dataclass(frozen=True, slots=True)
class Shell:
    """The process around a command; tests give their own clock and environment.

    `untold` are the files whose report could not be written.
    """

    environ: Mapping[str, str]
    clock: Clock = field(default_factory=SystemClock)
    wake: Callable[[], None] = lambda: None
    color: str = "auto"
    untold: list[str] = field(default_factory=list)


def is_colored(stream: Teller, shell: Shell) -> bool:
    """Whether text for the stream is styled: as --color says, else as the environment does.

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


def read_stdin() -> bytes:
    """What is on standard input, but no more than shows that it is too much."""
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1) or b""
    except (OSError, ValueError, AttributeError) as error:  # closed by us, or before we began
        raise DlcapplyError("standard input can't be read: it is closed") from error


def state_file(root: str, name: str) -> Path:
    """Where a file of the project's state is, or will be; raises DlcapplyError for what a stranger put there.

    The folder and the file are in the repository, where whoever may open a pull request can commit a link.
    """
    folder = Path(root, _STATE)
    if (link := escaping_link(root)) is not None:
        raise DlcapplyError(f"{folder} can't be used: {link} is a link that leads out of the repository")
    for path in (folder, folder / name, *(folder / f"{name}{end}" for end in _BESIDE)):
        try:
            found = path.lstat()
            if path == folder:
                check_folder(found, path)
            else:
                check_own(found, path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _unusable(path, error) from error
    return folder / name


def state_folder(root: str) -> Path:
    """The folder for the journal and the embedded emulator, kept out of git by a file of its own.

    It is its owner's alone. Raises DlcapplyError where it can't be made, and for a link in its place.
    """
    folder = Path(root, _STATE)
    ignore = state_file(root, ".gitignore")
    try:
        private_folder(folder)
    except OSError as error:
        raise _unusable(folder, error) from error
    if not ignore.exists():
        write_whole(str(ignore), "*\n")
    return folder


def _unusable(path: Path, error: OSError) -> DlcapplyError:
    hint = "remove it: the state of a project is in files of its own" if error.errno in PLANTED else ""
    return DlcapplyError(
        f"{path} can't be used: {reason(error)}",
        hint=hint or "make the project's folder readable and writable",
    )
