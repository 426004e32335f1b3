"""The folder `.dlcapply` of a project: its journal, and the state of the embedded emulator."""

from __future__ import annotations

from pathlib import Path

from dlcapply.disk import PLANTED, check_folder, check_own, escaping_link, private_folder, reason, write_whole
from dlcapply.errors import DlcapplyError

_STATE = ".dlcapply"
_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite puts beside a file


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
