"""Paths and globs -> the files to read."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.manifest.findings import finding
from dlcapply.model import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dlcapply.manifest.nodes import Node, Step
    from dlcapply.model import Finding

PROJECT_FILE = "dlcapply.yaml"
CLAIMS_FILE = "dlcapply.claims.yaml"
_NO_MANIFESTS = {PROJECT_FILE, CLAIMS_FILE}
_SUFFIXES = {".yaml", ".yml"}
_WILDCARDS = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Files:
    """The files to read, sorted; `everything` when no manifest of the project is left out."""

    paths: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()
    everything: bool = False


def located(text: str) -> Path:
    """The absolute path that a word of the command line means; UsageError where nothing is there."""
    path = Path(os.path.normpath(Path.cwd() / text))
    if not path.exists():
        raise UsageError(f"there is no file or folder {text}")
    return path.parent if path.name == PROJECT_FILE else path


def shown(path: Path, here: Path | None = None) -> str:
    """The path as findings show it: relative when it lies below the working folder, which is `here`."""
    top = (here or Path.cwd()).as_posix().rstrip("/")
    return "." if path.as_posix() == top else path.as_posix().removeprefix(f"{top}/")


def write_whole(file: str, text: str) -> None:
    """The text is all that is in the file; raises DlcapplyError where it can't be, and leaves the file."""
    part = Path(f"{file}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DlcapplyError(f"{file}: can't be written: {error.strerror}") from error


def is_inside(path: Path, root: Path) -> bool:
    """True when the path, its symbolic links followed, lies below the root."""
    return path.resolve().is_relative_to(root.resolve())


def project_files(root: Path, globs: Iterable[Node], targets: Iterable[Path]) -> Files:
    """The manifests of the project at or below the targets, and the targets that are files themselves."""
    findings: list[Finding] = []
    known = {
        path
        for index, glob in enumerate(globs)
        for path in matching(root, glob, ("manifests", index), findings)
    }
    asked, folders = _split(targets)
    paths = asked | {path for path in known if any(path.is_relative_to(folder) for folder in folders)}
    escaping = {path for path in paths - asked if path.is_symlink() and not is_inside(path, root)}
    findings += (outside(path) for path in sorted(escaping))
    return Files(tuple(sorted(paths - escaping)), tuple(findings), everything=bool(known) and known <= paths)


def bare_files(targets: Iterable[Path]) -> Files:
    """Every YAML file below the targets, which belong to no project."""
    findings: list[Finding] = []
    paths, folders = _split(targets)
    for folder in folders:
        for path in _walk(folder, findings):
            if path.name == PROJECT_FILE:
                raise UsageError(
                    f"{shown(folder)} holds the project {shown(path.parent)}, and maybe others",
                    hint="name the project's own folder",
                )
            if path.suffix in _SUFFIXES:
                paths.add(path)
    return Files(tuple(sorted(paths)), tuple(findings))


def _split(targets: Iterable[Path]) -> tuple[set[Path], set[Path]]:
    named = set(targets)
    folders = {path for path in named if path.is_dir()}
    return named - folders, folders


def matching(root: Path, glob: Node, where: Iterable[Step], findings: list[Finding]) -> Iterator[Path]:
    """The files of the project that match the glob written at `where`; what hinders is a finding."""
    pattern = str(glob.value)
    parts = PurePosixPath(pattern).parts
    top = root.joinpath(*takewhile(lambda part: not set(part) & set("*?"), parts[:-1]))
    if ".." in parts or not is_inside(top, root):
        findings.append(finding("glob", f"the glob {pattern!r} leaves the project", glob, where))
        return
    regex = _regex(pattern.removeprefix("./"))
    prefix = len(root.as_posix()) + 1
    for path in _walk(top, findings, root):
        if path.name not in _NO_MANIFESTS and regex.fullmatch(path.as_posix(), prefix):
            yield path


def _regex(glob: str) -> re.Pattern[str]:
    """The glob as a regular expression: `**` spans folders, `*` and `?` do not."""
    return re.compile(
        re.sub(
            r"\*\*/|\*\*|.",
            lambda match: _WILDCARDS.get(match[0], re.escape(match[0])),
            glob,
            flags=re.DOTALL,
        )
    )


def _walk(top: Path, findings: list[Finding], root: Path | None = None) -> Iterator[Path]:
    """The files below `top` outside hidden folders; of a project other than `root`, its project file only."""

    def report(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            place = Place(shown(Path(error.filename)))
            message = f"the folder can't be read: {(error.strerror or '').lower()}"
            findings.append(finding("unreadable-file", message, place))

    for folder, folders, names in os.walk(top, onerror=report):
        folders[:] = [name for name in folders if not name.startswith(".")]
        if PROJECT_FILE in names and Path(folder) != root:
            folders.clear()
            yield Path(folder, PROJECT_FILE)
        else:
            yield from (Path(folder, name) for name in names)


def outside(path: Path) -> Finding:
    message = "this link leads out of the project"
    return finding("outside-project", message, Place(shown(path)), hint="put the manifest itself here")
