"""What is typed, read: words, names of files, durations; click.BadParameter for what none can be."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from dlcapply.disk import reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
_LONGEST_WORD = 4096  # what is longer is a mistake, and some libraries fall over it
_LONGEST_SHOWN = 40


def text(value: str) -> str:
    """The words as they were typed; click.BadParameter for bytes that are not UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise click.BadParameter(f"{_shown(value)} is not UTF-8 text") from error
    return value


def word(value: str) -> str:
    """A name or an address; click.BadParameter for what none can be."""
    given(value)
    if len(value) > _LONGEST_WORD:
        raise click.BadParameter(f"{_shown(value)} has {len(value):,} characters")
    if not value.isprintable():
        raise click.BadParameter(f"{_shown(value)} has characters that can't be printed")
    return value


def file_name(value: str) -> str:
    """The name of a file, there or not; click.BadParameter for a folder's, and for what no file can have."""
    if Path(path_name(value)).is_dir():
        raise click.BadParameter(f"{_shown(value)} is a folder")
    return value


def path_name(value: str) -> str:
    """The name of a file or a folder, there or not; click.BadParameter for what neither can have."""
    given(value)
    try:
        Path(value).is_dir()
        os.fsencode(value)
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"{_shown(value)}: {reason(error).lower()}") from error
    if "\0" in value:
        raise click.BadParameter(f"{_shown(value)} is not a name")
    return value


def given(value: str) -> str:
    """Any text; click.BadParameter where there is none.

    An empty one is of a script's variable that is not set: what was to narrow or to guard would be left out.
    """
    if not value:
        raise click.BadParameter("it is empty; leave it out, or set the variable that it comes from")
    return value


def or_empty(_: click.Context, __: click.Parameter, value: str | None) -> str:
    """The value of an option or an argument that was left out is the empty text, which none can be given."""
    return value or ""


def text_option(*names: str, **how: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """An option for a word, or what `type` reads, that may be left out: its value is the empty text then."""
    return click.option(*names, **{"type": word, "callback": or_empty, **how})


def duration(text: str) -> float:
    """The seconds of `90`, `90s`, `5m`, `2h` or `90d`, at most a year."""
    return _seconds(text, "366d")


def short_duration(text: str) -> float:
    """The seconds of a time that a single call may take: more than none, and at most a day."""
    seconds = _seconds(text, "24h")
    if not seconds:
        raise click.BadParameter("no call is answered in no time; write 60s")
    return seconds


def _seconds(text: str, longest: str) -> float:
    from dlcapply.model.durations import seconds_of

    try:
        seconds = seconds_of(text if text[-1:].isalpha() else f"{text}s")
    except ValueError:
        message = f"{_shown(text)} is not a duration; write 90, 90s, 5m, 2h or 90d"
        raise click.BadParameter(message) from None
    if seconds > seconds_of(longest):
        raise click.BadParameter(f"{_shown(text)} is too long; at most {longest}")
    return seconds


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")


def pick(kind: type[T], options: Mapping[str, Any]) -> T:
    """The value that a command's options make, of those that belong to it; it may lack the default ones."""
    return kind(**{field.name: options[field.name] for field in fields(kind) if field.name in options})  # type: ignore[arg-type]
