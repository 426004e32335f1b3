"""The environment variables that an apply needs: what a plan says of them, and why an apply refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.plans import VariableState
from dlcapply.planning.reasons import listed
from dlcapply.rendering.text.lines import Line, Span, Style, line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.model.plans import Need

_MOST_VARIABLES = 8
_MOST_JOBS = 3
_WORDS = {
    VariableState.UNSET: "not set here",
    VariableState.EMPTY: "empty here",
    VariableState.NOT_TEXT: "not UTF-8 text",
}
# A fork's plan has no secrets at all: nothing is to be told apart.
_ALIKE = {VariableState.UNSET: "none of them is set", VariableState.EMPTY: "all of them are empty"}

# What a variable was, where a plan was made.
WHERE_PLANNED = {
    VariableState.SET: "set",
    VariableState.UNSET: "not set",
    VariableState.EMPTY: "empty",
    VariableState.NOT_TEXT: "not UTF-8 text",
}


def needs_line(needs: Sequence[Need]) -> Line:
    """What apply needs, and what of it was not there where the plan was made; no value."""
    names = sorted({need.variable for need in needs})
    needed = f"Apply needs the values of {listed(names, most=_MOST_VARIABLES)} (envFrom); "
    states = {need.here for need in needs}
    if states == {VariableState.SET}:
        return line(needed, "all are set where this was planned.")
    if len(names) > 1 and len(states) == 1 and (alike := _ALIKE.get(*states)):
        return line(needed, Span(f"{alike} where this was planned.", Style.CHANGED))
    missing = listed(
        [_lack(need) for need in needs if need.here is not VariableState.SET], most=_MOST_VARIABLES
    )
    return line(needed, Span(f"not set where this was planned: {missing}.", Style.CHANGED))


def _lack(need: Need) -> str:
    match need.here:
        case VariableState.EMPTY:
            return f"{need.variable} (empty)"
        case VariableState.NOT_TEXT:
            return f"{need.variable} (not UTF-8 text)"
        case _:
            return need.variable


def lacking_text(lacking: Sequence[Need]) -> str:
    """Which variables of `envFrom` keep the jobs from starting, each with the jobs that name it."""
    texts = []
    for here, words in _WORDS.items():
        named = [f"{need.variable} (envFrom of {_jobs(need)})" for need in lacking if need.here is here]
        texts += [f"{words}: {listed(named, most=_MOST_VARIABLES)}"] if named else []
    return "; ".join((*texts, "nothing was written"))


def _jobs(need: Need) -> str:
    return listed(need.jobs, most=_MOST_JOBS)


def lacking_hint(lacking: Sequence[Need]) -> str:
    """What to do about it; a secret of a workflow that is misspelt, or that a fork may not see, is empty."""
    states = {need.here for need in lacking}
    hints = []
    if states & {VariableState.UNSET, VariableState.EMPTY}:
        hints.append("set it where dlcapply runs")
    if VariableState.EMPTY in states:
        hints.append("a workflow's secret that is misspelt is empty; what may be empty says allowEmpty: true")
    if VariableState.NOT_TEXT in states:
        hints.append("PAI takes text only, such as Base64")
    return "; ".join(hints)
