"""The second half of the action: dlcapply runs in this very process, and its report becomes the step's.

A runner that cancels a job signals this process, whose signals dlcapply handles itself. What the inputs say
comes by the environment, and none of it reaches a shell.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
import tempfile
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcapply.cli.main import run
from dlcapply.errors import EXIT_MEANINGS, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping

_PREFIX = "DLCAPPLY_ACTION_"
# Tokens of the job itself: a manifest says which variables a run gets.
_OF_THE_RUNNER = re.compile(r"ACTIONS_(ID_TOKEN_REQUEST|RUNTIME|RESULTS|CACHE)_\w+")
_WORDS = re.compile(r"[a-z]+( [a-z]+)?")
_FAIL_ON = ("errors", "blocked", "changes")
# The forms that each command has beside text.
_FORMS = {
    "validate": ("json", "markdown", "github"),
    "plan": ("json", "markdown", "github"),
    "plan --drift": ("json", "markdown"),
    "apply": ("json", "markdown", "github"),
    "show": ("json", "markdown"),
    "diff": ("json", "markdown"),
    "status": ("json",),
    "status --unresolved": ("json", "markdown"),
    "github approved": ("json", "markdown"),
    "stop": ("json", "markdown"),
}
# Their Markdown is short.
_WITHOUT_SIZE = {"status", "github approved", "stop"}
_CONSENTS = "github consents"  # whose lines a later step needs
_MOST_SUMMARY = 1 << 20  # bytes that GitHub takes of a step
_IDLE = {"unchanged", "blocked"}
_NOT_DONE = {"unchanged", "waiting", "blocked", "not-approved", "not-done", "refused", "stale", "failed"}


@dataclass(frozen=True)
class Inputs:
    """What the step's `with` says."""

    command: str
    arguments: tuple[str, ...]
    expect: str
    directory: str
    fail_on: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Files:
    """Where the reports go: a folder of this step, outside of the checkout."""

    folder: Path

    def of(self, form: str) -> Path:
        return self.folder / {"json": "report.json", "markdown": "summary.md", "github": "annotations"}[form]

    @property
    def plan(self) -> Path:
        return self.folder / "plan.json"

    @property
    def printed(self) -> Path:
        return self.folder / "printed"

    @property
    def told(self) -> Path:
        return self.folder / "told"


class InputError(Exception):
    """An input is not what it can be, on one line."""


def taken(environ: MutableMapping[str, str]) -> Inputs:
    """The inputs; neither they nor the runner's own tokens are left in the environment."""
    names = ("COMMAND", "ARGUMENTS", "EXPECT", "DIRECTORY", "FAIL_ON", "WORDS")
    command, arguments, expect, directory, fail_on, words = (
        environ.pop(f"{_PREFIX}{name}", "") for name in names
    )
    for name in filter(_OF_THE_RUNNER.fullmatch, list(environ)):
        del environ[name]
    command = command.strip()
    if not _WORDS.fullmatch(command):
        raise InputError(f"command: {command!r} is not a command, such as plan, or github comment")
    if fail_on not in _FAIL_ON:
        raise InputError(f"fail-on: {fail_on!r} is none of {', '.join(_FAIL_ON)}")
    if expect and command != "apply":
        raise InputError("expect: only apply takes a digest")
    lines = (line.removesuffix("\r") for line in arguments.split("\n"))
    given = tuple(line for line in lines if line.strip())
    return Inputs(command, given, expect, directory, fail_on, tuple(words.split()))


def words_of(inputs: Inputs, files: Files) -> list[str]:
    """The words of the command; the files of its reports stand before the arguments, which may say `--`."""
    own = [f"--output={form}={files.of(form)}" for form in _forms(inputs)]
    if "markdown" in _forms(inputs) and inputs.command not in _WITHOUT_SIZE:
        own.append("--markdown-size=summary")
    if inputs.command == "plan" and _out(inputs) is None and "--drift" not in inputs.arguments:
        own.append(f"--out={files.plan}")
    if inputs.expect:
        own.append(f"--expect={inputs.expect}")
    typed = ["--", *inputs.words] if inputs.words else []  # behind it, no word is an option
    return [*inputs.command.split(), *own, *inputs.arguments, *typed]


def _forms(inputs: Inputs) -> tuple[str, ...]:
    special = (f"{inputs.command} {word}" for word in inputs.arguments)
    return next((_FORMS[words] for words in special if words in _FORMS), _FORMS.get(inputs.command, ()))


def _out(inputs: Inputs) -> str | None:
    """The file that the arguments name for the saved plan."""
    for word, following in zip(inputs.arguments, (*inputs.arguments[1:], ""), strict=True):
        if word == "--out":
            return following
        if word.startswith("--out="):
            return word.removeprefix("--out=")
    return None


def outputs_of(inputs: Inputs, files: Files, code: int) -> dict[str, str]:
    """The step's outputs, of what the command left."""
    document = _document(files.of("json"))
    plan = Path(_out(inputs) or files.plan).absolute() if inputs.command == "plan" else None
    changes = _changes(document)
    consents = _read(files.printed).decode("utf-8")
    return {
        "exit-code": str(code),
        "changes": "" if changes is None else str(changes).lower(),
        "digest": str(document.get("digest") or document.get("plan", {}).get("digest") or ""),
        "plan-file": str(plan) if plan is not None and plan.is_file() else "",
        "json-file": _if_there(files.of("json")),
        "summary-file": _if_there(files.of("markdown")),
        "arguments": consents.strip("\n") if code == ExitCode.OK else "",
    }


def _if_there(file: Path) -> str:
    return str(file) if file.is_file() else ""


def _document(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return document if isinstance(document, dict) else {}


def _changes(document: Mapping[str, Any]) -> bool | None:
    if "outcomes" in document:
        return any(outcome["result"] not in _NOT_DONE for outcome in document["outcomes"])
    if "jobs" in document and "before" in document:
        return bool(document["jobs"] or document["settings"] or document["files"])
    if "drift" in document:
        return bool(document["drift"])
    if "changes" in document:
        return any(change["action"] not in _IDLE for change in document["changes"])
    return None


def write_outputs(file: str, outputs: Mapping[str, str]) -> None:
    """Each output is in the file, between delimiters that nobody who wrote a value could know."""
    with open(file, "a", encoding="utf-8") as stream:  # noqa: PTH123
        for name, value in outputs.items():
            delimiter = secrets.token_hex(16)
            stream.write(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")


def write_summary(file: str, inputs: Inputs, files: Files, code: int) -> None:
    """The report is in the step's summary, or where GitHub would not take it, how the command ended."""
    text = _read(files.of("markdown"))
    with open(file, "ab") as stream:  # noqa: PTH123
        is_taken = text and stream.tell() + len(text) < _MOST_SUMMARY
        stream.write(text if is_taken else _ending(inputs, code))


def write_ending(inputs: Inputs, files: Files, code: int) -> None:
    """A command that failed has a report, if only of how it ended: what shows reports shows that then."""
    if code and not files.of("markdown").exists():
        files.of("markdown").write_bytes(_ending(inputs, code) + _fenced(_read(files.told)))


def _ending(inputs: Inputs, code: int) -> bytes:
    return f"`dlcapply {inputs.command}`: exit {code}, {_meaning(code)}. The log says more.\n".encode()


def _fenced(text: bytes) -> bytes:
    """The text as Markdown shows it as it is: between fences that are longer than any in it."""
    longest = max((len(run) for run in re.findall(rb"`+", text)), default=0)
    fence = b"`" * max(3, longest + 1)
    return b"\n%s\n%s\n%s\n" % (fence, text.rstrip(b"\n"), fence) if text.strip() else b""


def _read(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""


def _meaning(code: int) -> str:
    return EXIT_MEANINGS.get(ExitCode(code), "") if code in set(ExitCode) else "not a code of dlcapply"


def is_failure(inputs: Inputs, code: int, *, changes: bool) -> bool:
    is_pending = code == ExitCode.PENDING or (changes and inputs.command in {"plan", "diff"})
    if is_pending and inputs.fail_on == "changes":
        return True
    if code == ExitCode.BLOCKED:
        return inputs.fail_on != "errors"
    return code not in {ExitCode.OK, ExitCode.PENDING}


@contextmanager
def _captured(descriptor: int, file: Path) -> Iterator[None]:
    """What is written to the descriptor within goes to the file, and to the log afterwards."""
    log = os.dup(descriptor)
    with file.open("wb") as stream:
        os.dup2(stream.fileno(), descriptor)
        try:
            yield
        finally:
            os.dup2(log, descriptor)
            _tell(file.read_bytes())


def _run(inputs: Inputs, files: Files) -> int:
    """The exit code of the command; a later step needs the very words of some."""
    if inputs.command != _CONSENTS:
        return _ended(words_of(inputs, files))
    with _captured(1, files.printed), _captured(2, files.told):
        return _ended(words_of(inputs, files))


def _ended(words: list[str]) -> int:
    sys.argv = ["dlcapply", *words]
    try:
        run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception:  # noqa: BLE001  of a bug, the traceback is for the log, and the rest is told too
        traceback.print_exc()
        return ExitCode.FAILED
    return ExitCode.OK


def _annotate(level: str, title: str, text: str) -> None:
    for old, new in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        text = text.replace(old, new)
    _tell(f"::{level} title={title}::{text}\n".encode())


def _tell(data: bytes) -> None:
    """The bytes are in the log as they are, commands to the runner included."""
    while data:
        data = data[os.write(1, data) :]


def main() -> int:
    environ = os.environ
    output, summary = environ.get("GITHUB_OUTPUT"), environ.get("GITHUB_STEP_SUMMARY")
    files = Files(Path(tempfile.mkdtemp(prefix="dlcapply-step-", dir=environ.get("RUNNER_TEMP"))))
    inputs = taken(environ)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # there is nobody to ask
    try:
        os.chdir(inputs.directory or ".")
    except OSError as error:
        raise InputError(f"working-directory: {inputs.directory}: {error.strerror}") from error
    code = _run(inputs, files)
    write_ending(inputs, files, code)
    _tell(_read(files.of("github")))
    if summary and (code or _forms(inputs)):
        write_summary(summary, inputs, files, code)
    outputs = outputs_of(inputs, files, code)
    if output:
        write_outputs(output, outputs)
    failed = is_failure(inputs, code, changes=outputs["changes"] == "true")
    if code or failed:
        level = "error" if failed else "warning" if code == ExitCode.BLOCKED else "notice"
        why = f"exit {code}: {_meaning(code)}" if code else "something would change (fail-on: changes)"
        _annotate(level, f"dlcapply {inputs.command}", why)
    return (code or ExitCode.PENDING) if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except InputError as error:
        _annotate("error", "dlcapply", str(error))
        sys.exit(ExitCode.USAGE)
