"""The first half of the action: dlcapply is installed for this job, and takes the process over.

It runs with whatever Python the job has, before anything is installed. What it installs comes from the
action's own checkout, and from an index only under the names and versions of constraints.txt, what builds
packages included. Later uses of the action in the same job find it there.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_OLDEST = (3, 11)
_READY = "ready"  # the file that is written last
_LOG = "install.log"
_LINES_TOLD = 40
_MADE_OF = ("pyproject.toml", "constraints.txt", "README.md", "LICENSE", "dlcapply", "schemas")
# What pip needs to find the index: it and the packages that it builds see no token and no key of the job.
_KEPT = re.compile(
    r"PATH|HOME|USER|LANG|LC_\w+|TMPDIR|XDG_\w+|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
    r"|(HTTPS?|ALL|NO)_PROXY|(https?|all|no)_proxy"
    r"|PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|TRUSTED_HOST|CERT|CLIENT_CERT|PROXY|CONFIG_FILE|CACHE_DIR"
    r"|NO_CACHE_DIR|DEFAULT_TIMEOUT|TIMEOUT|RETRIES)"
)


class InstallError(Exception):
    """Why dlcapply can't be run here, on one line."""


class Signalled(BaseException):
    """The job is being cancelled."""


def place(root: Path, temporary: Path) -> Path:
    """The folder of the virtual environment for what is in the checkout, and for this Python."""
    told = hashlib.sha256(f"{sys.executable} {sys.version}\0".encode())
    for file in sorted(_files(root)):
        told.update(f"{file.relative_to(root).as_posix()}\0".encode())
        told.update(hashlib.sha256(file.read_bytes()).digest())
    return temporary / f"dlcapply-{told.hexdigest()[:16]}"


def _files(root: Path) -> list[Path]:
    found = []
    for name in _MADE_OF:
        path = root / name
        inside = path.rglob("*") if path.is_dir() else [path]
        found += [file for file in inside if file.is_file() and "__pycache__" not in file.parts]
    return found


def installed(root: Path, folder: Path) -> Path:
    """The Python of the folder, in which dlcapply is installed."""
    python = folder / "bin" / "python"
    if not (folder / _READY).exists():
        print(f"dlcapply: installing from {root}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)  # what a step that was killed left
        folder.mkdir(parents=True)
        run_in(folder, [sys.executable, "-I", "-m", "venv", str(folder)], root)
        options = ("--no-input", "--disable-pip-version-check", "--no-compile", "--verbose")
        run_in(folder, [str(python), "-I", "-m", "pip", "install", *options, f"{root}[github]"], root)
        (folder / _READY).touch()
    return python


def run_in(folder: Path, command: list[str], root: Path) -> None:
    """The command has been run in the folder, without a token of the job; raises InstallError, with why."""
    log = folder / _LOG
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(root),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        code = child.wait()
    except Signalled:
        os.killpg(child.pid, signal.SIGKILL)
        raise
    if code:
        raise InstallError(_told(log.read_text("utf-8", "replace")))


def _environment(root: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
    # Variables win over pip.conf. Before pip 25.3 the first one holds for what builds packages too.
    constraints = (root / "constraints.txt").as_uri()
    return {**kept, "PIP_CONSTRAINT": constraints, "PIP_BUILD_CONSTRAINT": constraints}


def _told(said: str) -> str:
    """What went wrong, on one line; the end of what was said is in the step's log."""
    lines = said.splitlines()
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}", *lines[-_LINES_TOLD:], f"::{token}::", sep="\n", flush=True)
    errors = [line.strip() for line in lines if line.lstrip().startswith("ERROR: ")]
    return (errors or lines[-1:] or ["it said nothing"])[0]


def _ask(number: int, _frame: object) -> None:
    raise Signalled(number)


def main() -> None:
    """The process goes on as dlcapply; it ends here where that can't be installed."""
    if sys.version_info < _OLDEST:
        version = ".".join(map(str, sys.version_info[:2]))
        raise InstallError(
            f"python3 is {version}, dlcapply needs 3.11: use actions/setup-python before this step"
        )
    temporary = os.environ.get("RUNNER_TEMP") or ""
    if not Path(temporary).is_absolute():
        raise InstallError("RUNNER_TEMP names no folder: this runs as a step of a GitHub Actions job")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ask)
    python = str(installed(ROOT, place(ROOT, Path(temporary))))
    os.execv(python, [python, "-I", str(ROOT / "action" / "run.py")])  # noqa: S606 - gets the signals itself


def _fail(message: str, code: int) -> None:
    escaped = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    print(f"::error title=dlcapply::{escaped}", flush=True)
    if output := os.environ.get("GITHUB_OUTPUT"):
        with open(output, "a", encoding="utf-8") as stream:  # noqa: PTH123
            stream.write(f"exit-code={code}\n")
    sys.exit(code)


if __name__ == "__main__":
    try:
        main()
    except InstallError as error:
        _fail(f"dlcapply could not be installed: {error}", 1)
    except OSError as error:
        _fail(f"dlcapply could not be installed: {error.strerror} ({error.filename})", 1)
    except Signalled as error:
        _fail(
            "cancelled while dlcapply was being installed: nothing was asked or written", 128 + error.args[0]
        )
