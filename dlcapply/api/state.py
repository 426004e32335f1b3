"""The state of a project: its journal, and the embedded emulator's, in `.dlcapply` or wherever users name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.disk import PLANTED, check_folder, check_own, escaping_link, private_folder, reason, write_whole
from dlcapply.errors import DlcapplyError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

JOURNAL = "journal.ndjson"
EMULATOR_STATE = "emulator.db"
EMULATOR_LOG = "requests.ndjson"
TOLD_NEWS = "told-news.json"
VARIABLE = "DLCAPPLY_STATE_DIR"
_STATE = ".dlcapply"
_IGNORE = ".gitignore"
_BESIDE = ("", "-wal", "-shm", "-journal")  # what SQLite puts beside a file
_OURS = {
    _IGNORE,
    *(name + end for name in (JOURNAL, EMULATOR_STATE, EMULATOR_LOG, TOLD_NEWS) for end in _BESIDE),
}
_DRAFT = re.compile(r"\.[0-9a-f]{16}\.part")  # what a kill leaves of a file that is written whole


@dataclass(frozen=True, slots=True)
class StateFolder:
    """The one folder of the state; `is_named` where users chose it, otherwise it is in the project.

    What is in a repository, or in a folder that others may write to, may have been put there by strangers.
    """

    path: Path
    is_named: bool = False

    def file(self, name: str) -> Path:
        """Where a file of the state is, or will be; raises DlcapplyError for what a stranger put there."""
        self._check_way()
        for path in (self.path, *(self.path / f"{name}{end}" for end in _BESIDE)):
            try:
                found = path.lstat()
                if path == self.path:
                    check_folder(found, path)
                    self._check_content()
                else:
                    check_own(found, path)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise self._unusable(path, error) from error
        return self.path / name

    def make(self) -> None:
        """The folder is there, kept out of git by a file of its own, and its owner's alone.

        Raises DlcapplyError where it can't be made, and for a link in its place.
        """
        ignore = self.file(_IGNORE)
        try:
            if self.is_named:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            private_folder(self.path)
        except OSError as error:
            raise self._unusable(self.path, error) from error
        if not ignore.exists():
            write_whole(str(ignore), "*\n")

    def _check_way(self) -> None:
        way = self.path if self.is_named else self.path.parent
        if (link := escaping_link(way)) is not None:
            what = f"{link} is a link that leads out of the repository"
            raise DlcapplyError(f"{self.path} can't be used: {what}")

    def _check_content(self) -> None:
        """Raises DlcapplyError for a named folder that is more than the state: a home, or a checkout.

        It would be closed to everybody else, and hidden from git.
        """
        names = [path.name for path in self.path.iterdir()] if self.is_named else []
        if strange := sorted(name for name in names if name not in _OURS and not _DRAFT.fullmatch(name)):
            raise DlcapplyError(
                f"{self.path} can't hold the state: it holds {strange[0]} too",
                hint="name a folder for the state alone; it is made where there is none",
            )

    def _unusable(self, path: Path, error: OSError) -> DlcapplyError:
        place = "it" if self.is_named else "the project's folder"
        hint = f"make {place} readable and writable"
        if error.errno in PLANTED:
            hint = "remove it: the state of a project is in files of its own"
        return DlcapplyError(f"{path} can't be used: {reason(error)}", hint=hint)


def state_folder(given: str, environ: Mapping[str, str], *, root: Callable[[], str]) -> StateFolder:
    """The folder that was given, or that the environment variable names, or else the one below the root.

    Raises UsageError for a variable that can't be the name of a folder.
    """
    ambient = environ.get(VARIABLE, "")
    if not given and not ambient.isprintable():
        raise UsageError(f"${VARIABLE} has characters that can't be printed: {ambient!r}")
    if named := given or ambient:
        return StateFolder(Path(named), is_named=True)
    return StateFolder(Path(root(), _STATE))
