"""Consents that reviewers give by labels: `allow-replace:NAME` and `allow-stops:N`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlcapply.errors import DlcapplyError
from dlcapply.one_line import squeezed

if TYPE_CHECKING:
    from collections.abc import Iterable

_REPLACE = re.compile(r"allow-replace:([A-Za-z0-9_.-]{1,256})")
_STOPS = re.compile(r"allow-stops:(0|[1-9][0-9]{0,6})")
_MOST_STOPS = 1_000_000
# Whatever looks like one of them and is none was meant to be one.
_MEANT = re.compile(r"\W*allow[\W_]*(replace|stop)", re.IGNORECASE)
_LONGEST_SHOWN = 60


def options_of(labels: Iterable[str]) -> tuple[str, ...]:
    """The options that the labels ask for, sorted; raises DlcapplyError for one that only looks like it."""
    found = sorted({option for label in labels if (option := _option(label))})
    stops = [option for option in found if option.startswith("--allow-stops")]
    if len(stops) > 1:
        raise DlcapplyError(
            f"the labels consent to several numbers of stops: {', '.join(stops)}",
            hint="leave one label allow-stops:N",
        )
    return tuple(found)


def _option(label: str) -> str:
    if name := _REPLACE.fullmatch(label):
        return f"--allow-replace={name[1]}"
    if (number := _STOPS.fullmatch(label)) and int(number[1]) <= _MOST_STOPS:
        return f"--allow-stops={number[1]}"
    if _MEANT.match(label):
        shown = squeezed(label)[:_LONGEST_SHOWN]
        raise DlcapplyError(
            f"the label {shown!r} is not a consent",
            hint="a consent is allow-replace:NAME with the job's exact name, or allow-stops:N",
        )
    return ""
