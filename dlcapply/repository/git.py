"""Asking git: an argument list, a time, an amount, and no other program that a repository may name.

What `.git/config` says makes git start programs: file system monitors, hooks, filters, transports
(git-config(1)). It is not committed, yet comes along with an archive or a shared folder.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LONGEST = 10.0  # seconds; a status of a large repository on a cold disk takes a few
_MOST = 8 << 20
_MOST_SAID = 4096
# An empty monitor switches it off in every version; a bare repository inside a folder is never taken for the
# one that the folder belongs to (safe.bareRepository, since 2.38).
_HARMLESS = (
    "core.fsmonitor=",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.pager=cat",
    "core.sshCommand=false",
    "safe.bareRepository=explicit",
    "status.renames=false",
    "submodule.recurse=false",
)
# Where to look is the folder's to say, not the environment's: git's own hooks set some of these.
_ABOUT_A_REPOSITORY = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_ATTR_SOURCE",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_EXTERNAL_DIFF",
        "GIT_GLOB_PATHSPECS",
        "GIT_GRAFT_FILE",
        "GIT_ICASE_PATHSPECS",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_LITERAL_PATHSPECS",
        "GIT_NAMESPACE",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
_ALWAYS = {
    "GIT_ALLOW_PROTOCOL": "none",  # nothing is fetched, not even the objects that a partial clone lacks
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


class NoGitError(Exception):
    """There is no git to ask."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What git printed, as much as is read of it; `code` is None where it did not end in time."""

    code: int | None
    text: str
    said: str

    @property
    def is_good(self) -> bool:
        return self.code == 0


@dataclass(frozen=True, slots=True)
class Data:
    """What git wrote, to the byte; `code` is None where it did not end in time.

    `is_whole` is false where there is more than was to be read; then git was ended, and `code` says nothing.
    """

    code: int | None
    data: bytes
    said: str
    is_whole: bool = True

    @property
    def is_good(self) -> bool:
        return self.code == 0 and self.is_whole


def ask(
    folder: Path,
    environ: Mapping[str, str],
    *words: str,
    settings: Sequence[str] = (),
    longest: float = LONGEST,
) -> Answer:
    """What git answers to the words in the folder, under more settings; raises NoGitError where it is not.

    Nothing is written, fetched or asked of a person. `longest` is how many seconds it may take.
    """
    got = read(folder, environ, *words, settings=settings, longest=longest)
    code = got.code if got.is_whole or got.code is None else 0  # the rest changes nothing
    return Answer(code, got.data.decode("utf-8", "replace"), got.said)


def read(
    folder: Path,
    environ: Mapping[str, str],
    *words: str,
    settings: Sequence[str] = (),
    fed: bytes = b"",
    longest: float = LONGEST,
    most: int = _MOST,
) -> Data:
    """What git writes for the words, as `ask`, once it was fed; no more than `most` bytes are read."""
    command = [_git(environ), "--no-pager"]
    for setting in (*_HARMLESS, *settings):
        command += ["-c", setting]
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as feed:
        feed.write(fed)
        feed.seek(0)
        try:
            child = subprocess.Popen(  # noqa: S603 - an argument list, and the program is git's own path
                [*command, *words],
                cwd=folder,
                env=_environment(environ),
                stdin=feed if fed else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                start_new_session=True,
            )
        except OSError as error:
            raise NoGitError from error
        data, code, is_whole = _read(child, longest, most)
        said.seek(0)
        return Data(code, data, said.read(_MOST_SAID).decode("utf-8", "replace"), is_whole)


def _read(child: subprocess.Popen[bytes], longest: float, most: int) -> tuple[bytes, int | None, bool]:
    late: list[bool] = []

    def end() -> None:
        late.append(True)
        _kill(child)

    timer = Timer(longest, end)
    timer.start()
    try:
        with child:
            data = child.stdout.read(most) if child.stdout else b""
            is_cut = len(data) == most
            if is_cut:
                _kill(child)
            code = child.wait()
    finally:
        timer.cancel()
    return data, None if late else code, not is_cut


def _kill(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _git(environ: Mapping[str, str]) -> str:
    """The path of git; a folder that PATH names in relation to where one stands may be a stranger's."""
    folders = environ.get("PATH", os.defpath).split(os.pathsep)
    found = shutil.which("git", path=os.pathsep.join(filter(os.path.isabs, folders)) or os.defpath)
    if found is None:
        raise NoGitError
    return found


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if name not in _ABOUT_A_REPOSITORY}
    return {**kept, **_ALWAYS}
