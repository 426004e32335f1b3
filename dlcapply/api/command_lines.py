"""The commands that are printed to be typed: whole, so that they mean the same from the same folder."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.api.options import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.api.options import PlanOptions, TargetOptions

# The spelling of each option of `TargetOptions` in a command that is printed to be typed.
_SPELLINGS = {
    "environment": "-e",
    "region": "--region",
    "workspace": "--workspace",
    "owner": "--owner",
    "endpoint": "--endpoint",
    "view": "--view",
    "var": "--var",
    "var_file": "--var-file",
    "select": "--select",
    "exclude": "--exclude",
    "state_dir": "--state-dir",
}


# Commands whose words are names of jobs alone: a folder may be called as a job is.
_NAMES_ALONE = frozenset(
    {
        *("why", "history", "logs", "events", "metrics", "sanity", "queue"),
        *("wait", "stop", "rerun", "cleanup", "open"),
    }
)


def typed(command: str, target: TargetOptions, *words: str, name: str = "") -> str:
    """The command with the paths and options of `target`, and more words, as a shell takes it.

    `name` is the job that it is about: beside it, what selects jobs would say that again, or otherwise.
    """
    if name and command in _NAMES_ALONE:
        target = replace(target, select=(), exclude=())
    options = [*options_of(target), *words]
    paths = [_no_option(path) for path in target.paths]
    if command in _NAMES_ALONE:
        options = [*(word for path in paths for word in ("--file", path)), *options]
        paths = []
    if name.startswith("-"):  # a job may be called so
        return in_shell(["dlcapply", command, *options, "--", name, *paths])
    return in_shell(["dlcapply", command, *([name] if name else []), *paths, *options])


def options_of(target: TargetOptions) -> list[str]:
    """The options as they are typed."""
    words: list[str] = []
    for name, option in _SPELLINGS.items():
        given = getattr(target, name)
        values = (given,) if isinstance(given, str) and given else given
        values = map(_without_secret, given) if name == "var" else values
        words += [word for value in values for word in (option, value)]
    return words


def _without_secret(pair: str) -> str:
    """NAME=VALUE as it may be printed: the one who reads a plan need not be the one who typed it."""
    from dlcapply.secrecy import hides, holds_secret

    name, equals, value = pair.partition("=")
    return f"{name}{equals}{HIDDEN}" if hides(name, value) or holds_secret(value) else pair


def planned_with(options: PlanOptions) -> list[str]:
    """The options that change what a plan does, as they are typed."""
    consents = [word for name in options.allow_replace for word in ("--allow-replace", name)]
    consents += ["--allow-stops", str(options.allow_stops)] if options.allow_stops is not None else []
    flags = {"--prune": options.prune, "--no-preflight": options.no_preflight}
    return [*consents, *(flag for flag, given in flags.items() if given)]


def in_shell(words: Iterable[str]) -> str:
    """The words quoted for a shell, on one line and in visible characters only."""
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    if word.isprintable():
        return shlex.quote(word)
    escaped = "".join(char if char.isprintable() and char not in "\\'" else _escape(char) for char in word)
    return f"$'{escaped}'"


def _escape(char: str) -> str:
    """As bash, zsh and ksh read it; every byte alone, so that the locale does not matter."""
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))


def _no_option(path: str) -> str:
    return f"./{path}" if path.startswith("-") and path != "-" else path


def apply_exactly(target: TargetOptions, chosen: PlanOptions, digest: str) -> str:
    """The command that applies the plan with this digest, and no other."""
    return typed("apply", target, *planned_with(chosen), "--yes", "--expect", digest)
