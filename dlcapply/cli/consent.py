"""Asking a person, who must have been able to see what is asked about."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from dlcapply.cli.printing import show, wants_text
from dlcapply.cli.shell import is_terminal
from dlcapply.cli.streams import stderr, stdout
from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.rendering.text.lines import EMPTY
from dlcapply.rendering.text.where import where_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dlcapply.cli.printing import Output
    from dlcapply.cli.shell import Shell
    from dlcapply.cli.streams import Teller
    from dlcapply.rendering.rows.where import Where
    from dlcapply.rendering.text.lines import Line


def check_can_ask(command: str, *, yes: bool, looking: str) -> None:
    """Raises UsageError where nobody can be asked, and nobody agreed; `looking` is what shows it first."""
    if not yes and not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        hint = f"look with dlcapply {looking}, then give --yes"
        raise UsageError(f"{command} can't ask without a terminal", hint=hint)


def ask(
    shell: Shell,
    outputs: Sequence[Output],
    question: str,
    *,
    where: Where,
    seen: Callable[[Teller], Iterable[Line]],
    is_shown: bool,
) -> None:
    """A person saw what is asked about, and said yes; otherwise DlcapplyError is raised.

    The question says `where` it is about. `seen` is what they must have seen, for the stream where they see
    it; `is_shown` says that stdout has it.
    """
    on = stdout()
    if not (is_shown and wants_text(outputs) and is_terminal(on)):
        on = stderr()
        show(seen(on), on, shell)
    # Above the question, since the top of a long table is gone by now; and it shows, before anybody is waited
    # for, whether the question can be seen.
    show([EMPTY, where_line(where)], stderr(), shell)
    if on.failure or stderr().failure:
        raise _unseen()
    agreed = click.confirm(question, err=True)
    if stderr().failure:
        raise _unseen()
    if not agreed:
        raise DlcapplyError("nothing was done: the answer was no")


def _unseen() -> DlcapplyError:
    return DlcapplyError(
        "what is asked about can't be shown, so nobody can agree to it; nothing was done",
        hint="look at it first, then give --yes",
    )
