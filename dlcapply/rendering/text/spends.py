"""What changes can spend at most, in words that stay true: of one change, and of all of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.plans import Action
from dlcapply.planning.ceilings import ADDING
from dlcapply.planning.reasons import accelerator_hours, cpu_hours
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dlcapply.model.plans import Change, Spend


def spend_text(spend: Spend) -> str:
    """The most a change can spend, or why nothing bounds it, and what can lead beyond."""
    accelerators = counted(spend.accelerators, "accelerator")
    if spend.unpriced:
        return f"no limit known: the accelerators of {', '.join(spend.unpriced)} are not known"
    if spend.hours is None:
        has = f"{accelerators}, and " if spend.accelerators else ""
        return f"no limit: {has}{_unbounded(spend)}"
    if spend.accelerators:
        cpus = f", and {cpu_hours(spend.cpu_hours)}" if spend.cpu_hours else ""
        return _at_most(f"{accelerator_hours(spend.hours)} on {accelerators}{cpus}", spend)
    return f"no accelerators{_on_cpus(spend)}"


def _on_cpus(spend: Spend) -> str:
    """What is to be said of a run that has no accelerators."""
    if spend.uncounted:
        types = ", ".join(filter(None, spend.uncounted))
        return f"; the CPUs{f' of {types}' if types else ''} are not known"
    cpus = f"{spend.cpus:,g} CPU{'s' if spend.cpus != 1 else ''}"
    if spend.cpu_hours is None:
        return f"; no limit of CPU-hours: {cpus}, and {_unbounded(spend)}"
    return f"; {_at_most(f'{cpu_hours(spend.cpu_hours)} on {cpus}', spend)}" if spend.cpu_hours else ""


def total_text(spends: Sequence[Spend]) -> str:
    """The sum of the ceilings, how many jobs have none, and how many may go beyond theirs."""
    limited = [spend for spend in spends if spend.hours is not None]
    hours = sum(spend.hours or 0.0 for spend in limited)
    words = [accelerator_hours(hours)] if hours else []
    words += _cpu_words(limited)
    rest = list(_rest(spends, limited))
    doubtful = sum(bool(spend.can_exceed) for spend in limited)
    most = " and ".join(words)
    if most and doubtful:
        most = f"Up to {most}, which {counted(doubtful, 'job')} may exceed"
    elif most:
        most = f"At most {most}"
    text = ", plus ".join(filter(None, [most, " and ".join(rest)]))
    return f"{text or 'No accelerator-hours'}."


def ceiling_text(changes: Iterable[Change]) -> str:
    """The sum of all ceilings, and what of it no apply can spend yet; empty where nothing starts."""
    spends = [(change.spend, change.action is Action.WAITING) for change in changes if change.spend]
    if not spends:
        return ""
    total, waiting = total_text([spend for spend, _ in spends]), [spend for spend, waits in spends if waits]
    if len(waiting) == len(spends):
        return f"{total} All of it waits."
    later = total_text(waiting)
    return f"{total} Of this, what waits: {later[:1].lower()}{later[1:]}" if waiting else total


def _cpu_words(limited: Sequence[Spend]) -> Iterator[str]:
    """The CPU-hours, where those of all jobs with a limit are known."""
    cpus = [spend.cpu_hours for spend in limited]
    if any(cpus) and None not in cpus:
        yield cpu_hours(sum(hours or 0.0 for hours in cpus))


def _rest(spends: Sequence[Spend], limited: Sequence[Spend]) -> Iterator[str]:
    alone = not any(spend.hours for spend in limited)
    if unlimited := len(spends) - len(limited):
        of_what = " on accelerator-hours" if alone and not any(_cpu_words(limited)) else ""
        yield f"{counted(unlimited, 'job')} without a limit{of_what}"
    if endless := sum(spend.cpu_hours is None and not spend.accelerators for spend in limited):
        yield f"{counted(endless, 'job')} without a known limit on CPU-hours"


def _at_most(hours: str, spend: Spend) -> str:
    runs = f", in {spend.runs:,} runs" if spend.runs > 1 else ""
    if spend.can_exceed:
        return f"up to {hours}{runs}; {', '.join(spend.can_exceed)} may exceed this"
    return f"at most {hours}{runs}"


def _unbounded(spend: Spend) -> str:
    """`no A or B`, and what adds to the run what nobody knows."""
    unset = [name for name in spend.unbounded_by if name not in ADDING]
    adding = [name for name in spend.unbounded_by if name in ADDING]
    words = [f"no {' or '.join(unset)}"] if unset else []
    return "; ".join((*words, *(f"{name} adds what is not known" for name in adding)))
