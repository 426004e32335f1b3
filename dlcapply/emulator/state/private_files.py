"""Files that are for the user alone: requests and answers may hold secrets."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MODE = 0o600


class NotAFileError(OSError):
    """The path leads to a pipe, a device or a folder."""


def reason(error: OSError) -> str:
    """Why a private file can't be opened, in words."""
    if error.errno == errno.ELOOP:
        return "it is a link, which may lead elsewhere"
    if isinstance(error, NotAFileError) or error.errno in {errno.ENXIO, errno.EISDIR}:
        return "it is not a file"
    return error.strerror or str(error)


def open_private(path: Path, flags: int) -> int:
    """A descriptor of the file, whose mode is 600 from now on; a file that does not exist is made.

    So is its folder, with 700; a folder that exists stays as it is. Raises OSError, also for a link, which
    may lead anywhere, for a pipe, which would wait, and for a file whose mode is not ours to change.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Without waiting, as the open of a pipe without a reader would.
    opened = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, _MODE)
    try:
        _narrow(opened)
    except BaseException:
        os.close(opened)
        raise
    return opened


def make_private(path: Path) -> None:
    """Makes the file where it does not exist, for the user alone; raises OSError."""
    os.close(open_private(path, os.O_RDWR))


def _narrow(opened: int) -> None:
    mode = os.fstat(opened).st_mode
    if not stat.S_ISREG(mode):
        raise NotAFileError
    if stat.S_IMODE(mode) != _MODE:
        os.fchmod(opened, _MODE)
