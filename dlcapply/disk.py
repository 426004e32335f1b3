"""Files that somebody else may have laid out: read without waiting, and never written through their links."""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.errors import DlcapplyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Whoever may open a pull request writes these files; the bound is far above any real manifest.
MAX_BYTES = 1 << 20
_CHUNK = 1 << 15
_MOST_UNWRITTEN = 1 << 26  # bytes of a file without content; more than any reader takes
# What a process was given by its shell: `<(…)`, `>(…)`, /dev/stdin. Others hold the other end of it open.
_STREAM = re.compile(r"/dev/(stdin|stdout|stderr|null|fd/\d{1,9})|/proc/(self|\d{1,9})/fd/\d{1,9}")
_GIT = ".git"
_REPOSITORY = (_GIT, "dlcapply.yaml")
# Why something that a stranger put there is refused.
PLANTED = frozenset({errno.ELOOP, errno.EINVAL, errno.EMLINK})
_OTHERS = 0o077
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


def here() -> Path:
    """The working folder; raises DlcapplyError where it was removed."""
    try:
        return Path.cwd()
    except OSError as error:
        raise DlcapplyError("the working folder is gone", hint="change into a folder that exists") from error


def is_stream(path: Path | str) -> bool:
    """Whether the path names what the process was started with, such as /dev/stdin or `<(…)`."""
    return _STREAM.fullmatch(os.fspath(path)) is not None


def reason(error: OSError | ValueError) -> str:
    """Why a file can't be opened, in words; a ValueError is a name that no file can have."""
    if isinstance(error, ValueError):
        return "no file can have such a name"
    return error.strerror or str(error)


def is_read_only(path: Path | str) -> bool:
    """Whether the file is to be written by nobody, which keeps nobody from replacing it."""
    return not Path(path).stat().st_mode & 0o222


def read_bytes(path: Path | str, limit: int = MAX_BYTES, *, follow: bool = True) -> bytes:
    """What the file holds, or the first `limit` + 1 bytes of it, so that a longer one can be told.

    Raises OSError, its reason in words, for what can't be read, and for pipes, sockets and devices other than
    streams: whoever reads those may wait forever. Without `follow`, for a link too.
    """
    waits = is_stream(path)
    flags = os.O_RDONLY | os.O_CLOEXEC | (0 if waits else os.O_NONBLOCK) | (0 if follow else os.O_NOFOLLOW)
    descriptor = _opened(path, flags)
    try:
        if not waits:
            _refuse_special(os.fstat(descriptor).st_mode, path)
        return _read(descriptor, limit + 1)
    finally:
        os.close(descriptor)


def read_on(path: Path | str, start: int, limit: int) -> tuple[os.stat_result, bytes]:
    """What the file holds from `start` on, up to the byte `limit` + 1 of it, and which file that is.

    Raises OSError as read_bytes does, for a link too.
    """
    descriptor = _opened(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        found = os.fstat(descriptor)
        _refuse_special(found.st_mode, path)
        os.lseek(descriptor, start, os.SEEK_SET)
        return found, _read(descriptor, max(limit + 1 - start, 0))
    finally:
        os.close(descriptor)


def _read(descriptor: int, limit: int) -> bytes:
    data = os.read(descriptor, min(limit, _CHUNK))
    if len(data) < min(limit, _CHUNK) and stat.S_ISREG(os.fstat(descriptor).st_mode):
        return data  # to ask for all at once would reserve a megabyte for each small file
    parts, left = [data], limit - len(data)
    while parts[-1] and left > 0:
        parts.append(os.read(descriptor, left))
        left -= len(parts[-1])
    return b"".join(parts)


def _opened(path: Path | str, flags: int, mode: int = 0o600) -> int:
    try:
        return os.open(path, flags, mode)
    except ValueError as error:
        raise OSError(errno.EINVAL, reason(error), str(path)) from error
    except OSError as error:
        if error.errno == errno.ELOOP and flags & os.O_NOFOLLOW:
            raise OSError(errno.ELOOP, "it is a link", str(path)) from error
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "it is a socket, or a pipe without a reader", str(path)) from error
        raise


def _refuse_special(mode: int, path: Path | str) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "something else")
        raise OSError(errno.EINVAL, f"it is {kind}, not a file", str(path))


def is_inside(path: Path, root: Path) -> bool:
    """True when the path, its symbolic links followed, lies below the root; loops and odd names do not.

    What git keeps for itself does not either: nobody reviews it, and a runner's credentials are in it.
    """
    try:
        real = Path(os.path.realpath(path))
        return real.is_relative_to(top := os.path.realpath(root)) and not is_gits(real.relative_to(top))
    except (OSError, ValueError):
        return False


def is_gits(path: Path) -> bool:
    """Whether the path, below a repository's top, is of what git keeps for itself, and would obey."""
    return _GIT in path.parts


def escaping_link(path: Path | str) -> Path | None:
    """The first link on the way to `path` that lies in a repository and leads out of it.

    The repository is the nearest folder above the link that holds a `.git` or a project file, or the
    working folder. Links elsewhere on the machine were made by its users, and are nobody's trap, unless one
    was left by another user where everybody may write.
    """
    traps = (link for link, target in _links(path) if _leads_out(link.parent, target) or _is_anothers(link))
    return next(traps, None)


def _links(path: Path | str) -> Iterator[tuple[Path, Path]]:
    """Each link on the way, in a folder without links, and where it leads in the end."""
    absolute = here() / path
    real = Path(absolute.anchor)
    for part in absolute.parts[1:]:
        real = real.parent if part == ".." else real / part
        if real.is_symlink():
            link, real = real, Path(os.path.realpath(real))
            yield link, real


def _leads_out(folder: Path, target: Path) -> bool:
    marked = (
        one for one in (folder, *folder.parents) if any(os.path.lexists(one / name) for name in _REPOSITORY)
    )
    working = here()
    boundary = next(marked, working if folder.is_relative_to(working) else None)
    if boundary is None:
        return False
    return not target.is_relative_to(boundary) or is_gits(target.relative_to(boundary))


def _is_anothers(link: Path) -> bool:
    """As Linux judges it before it follows a link (fs.protected_symlinks)."""
    folder, owner = link.parent.stat(), link.lstat().st_uid
    is_open_to_all = folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWOTH
    return bool(is_open_to_all) and owner not in {os.geteuid(), folder.st_uid}


def write_whole(file: str, text: str) -> None:
    """The text is all that is in the file, or in the stream; raises DlcapplyError where it can't be.

    A file that can't be written is left as it was. No link that lies in a repository is followed out of it.
    """
    try:
        check_links(file)
        _write(file, text.encode("utf-8", "backslashreplace"))
    except (OSError, ValueError) as error:
        raise DlcapplyError(f"{file}: can't be written: {reason(error)}") from error


def write_new(path: Path, data: bytes, *, size: int) -> None:
    """The file is there now, its owner's alone, with the data, or of that size where the data is left out.

    Raises OSError where anything has its name already.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(_opened(path, flags), "wb") as stream:
        stream.write(data)
        if size > len(data):
            stream.truncate(min(size, _MOST_UNWRITTEN))


def check_new_folder(folder: str) -> None:
    """Raises DlcapplyError unless the folder is empty, or can be made where nothing is yet."""
    path = Path(folder)
    try:
        check_links(folder)
        check_folder(path.lstat(), path)
        is_empty = not any(path.iterdir())
    except FileNotFoundError:
        is_empty = path.parent.is_dir()
        if not is_empty:
            raise DlcapplyError(f"{folder}: can't be made: there is no folder {path.parent}") from None
    except (OSError, ValueError) as error:
        raise DlcapplyError(f"{folder}: can't be used: {reason(error)}") from error
    if not is_empty:
        raise DlcapplyError(f"{folder} is not empty", hint="name a folder that is new, or empty")


def write_folder(folder: str, files: Mapping[str, bytes]) -> None:
    """The folder holds these files, by name, and no others, or is as it was: then DlcapplyError is raised.

    It is made, or was empty.
    """
    from shutil import rmtree

    check_new_folder(folder)
    path = Path(folder)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.mkdir()
        for name, data in files.items():
            _replace(part / name, data, mode=None)
        part.replace(path)  # an empty folder gives way
    except (OSError, ValueError) as error:
        raise DlcapplyError(f"{folder}: can't be written: {reason(error)}") from error
    finally:
        rmtree(part, ignore_errors=True)


def check_links(file: str) -> None:
    """Raises DlcapplyError where a link on the way to the file is one that nothing may be written through."""
    if (link := escaping_link(file)) is not None:
        raise DlcapplyError(
            f"{file}: can't be written: {_near(link)} is a link that leads out of the repository, "
            "or another user's",
            hint="remove the link, or name the place itself",
        )


def is_poured_into(file: str) -> bool:
    """Whether what is written goes into a stream, a pipe or a device, which can't be replaced."""
    try:
        mode = Path(file).stat().st_mode
    except FileNotFoundError:
        return is_stream(file)
    return is_stream(file) or stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _near(path: Path) -> Path:
    return path.relative_to(here()) if path.is_relative_to(here()) else path


def _write(file: str, data: bytes) -> None:
    if is_poured_into(file):
        _pour(file, data)
        return
    try:
        found: os.stat_result | None = Path(file).stat()
    except FileNotFoundError:
        found = None
    if found:
        _refuse_special(found.st_mode, file)
    if file.endswith(os.sep):
        raise OSError(errno.EISDIR, "this names a folder", file)
    _replace(Path(os.path.realpath(file)), data, mode=stat.S_IMODE(found.st_mode) if found else None)


def _pour(file: str, data: bytes) -> None:
    """The data went into a pipe or a device, which can't be replaced; a pipe without a reader is an error."""
    descriptor = _opened(file, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    os.set_blocking(descriptor, True)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)


def _replace(path: Path, data: bytes, *, mode: int | None) -> None:
    part = path.with_name(f".{os.urandom(8).hex()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = _opened(part, flags, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            if mode is not None:
                os.fchmod(descriptor, mode)
            stream.write(data)
            stream.flush()
            os.fsync(descriptor)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def private_folder(folder: Path) -> None:
    """The folder is there, open to its owner alone; raises OSError for a link, or what is not a folder."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    check_folder(folder.lstat(), folder)
    descriptor = _opened(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _make_private(descriptor, 0o700)
    finally:
        os.close(descriptor)


def open_private(path: Path) -> int:
    """A descriptor that appends to the file, which is its owner's alone, and there now.

    Raises OSError for what is not a file, and for a file that has another name too: what is appended to it
    would go there as well.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = _opened(path, flags)
    try:
        check_own(os.fstat(descriptor), path)
        _make_private(descriptor, 0o600)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def begin_private(path: Path) -> int:
    """A descriptor of the file, empty and its owner's alone; raises OSError as `open_private` does."""
    descriptor = open_private(path)
    try:
        os.ftruncate(descriptor, 0)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def usable_folder(folder: str) -> Path:
    """The folder, there now; raises DlcapplyError where it can't be, or where a planted link leads to it."""
    path = Path(folder)
    try:
        check_links(folder)
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        check_folder(path.stat(), path)
    except (OSError, ValueError) as error:
        raise DlcapplyError(f"{folder}: can't be used: {reason(error)}") from error
    return path


def check_file(name: str) -> None:
    """Raises OSError unless it is a file, or may become one, that no planted link leads to."""
    if (link := escaping_link(name)) is not None:
        raise OSError(errno.ELOOP, f"{_near(link)} is a link that leads out of the repository", name)
    with suppress(FileNotFoundError):
        _refuse_special(Path(name).stat().st_mode, name)


def check_own(found: os.stat_result, path: Path) -> None:
    """Raises OSError, of an errno in PLANTED, unless it is a file under this one name."""
    _refuse_link(found, path)
    _refuse_special(found.st_mode, path)
    if found.st_nlink > 1:
        raise OSError(errno.EMLINK, "it has another name elsewhere: it is a hard link", str(path))


def check_folder(found: os.stat_result, path: Path) -> None:
    """Raises OSError, of an errno in PLANTED, unless it is a folder."""
    _refuse_link(found, path)
    if not stat.S_ISDIR(found.st_mode):
        raise OSError(errno.EINVAL, "it is not a folder", str(path))


def _refuse_link(found: os.stat_result, path: Path) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise OSError(errno.ELOOP, "it is a link", str(path))


def _make_private(descriptor: int, mode: int) -> None:
    if stat.S_IMODE(os.fstat(descriptor).st_mode) & _OTHERS:
        with suppress(PermissionError):  # somebody else's: then it is not ours to open or to close
            os.fchmod(descriptor, mode)
