"""What changes can spend at most, in words that stay true: of one change, and of all of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.plans import Action
from dlcapply.planning.ceilings import ADDING
from dlcapply.planning.reasons import accelerator_hours, cpu_hours, listed
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dlcapply.model.plans import Change, Spend

_MOST_NAMED = 3


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


def cost_text(change: Change) -> str:
    """The most money that a change can cost, or why that can't be told; empty without prices."""
    cost = change.cost
    if cost is None:
        return ""
    if cost.amount is not None:
        return f"costs {_most(change)} {money(cost.amount, cost.currency)}"
    if cost.unpriced:
        return f"no cost known: {listed(cost.unpriced, most=_MOST_NAMED)} {_has(cost.unpriced)} no price"
    return "no limit of cost"


def total_cost_text(changes: Iterable[Change]) -> str:
    """What the changes can cost together, and of how many nobody can tell; empty without prices."""
    priced = [change for change in changes if change.cost]
    known = [change for change in priced if change.cost and change.cost.amount is not None]
    if not priced:
        return ""
    unknown = counted(len(priced) - len(known), "job")
    if not known:
        return f"The cost of {unknown} is not known."
    amount = sum(change.cost.amount or 0.0 for change in known if change.cost)
    currency = next(change.cost.currency for change in known if change.cost)
    word = "Up to" if any(map(_may_exceed, known)) else "At most"
    rest = f", plus {unknown} whose cost is not known" if len(known) < len(priced) else ""
    return f"{word} {money(amount, currency)}{rest}."


def money(amount: float, currency: str) -> str:
    """The amount with its cents, in the currency if there is one."""
    return f"{amount:,.2f} {currency}" if currency else f"{amount:,.2f} by the project's prices"


def _most(change: Change) -> str:
    return "up to" if _may_exceed(change) else "at most"


def _may_exceed(change: Change) -> bool:
    return change.spend is not None and bool(change.spend.can_exceed)


def _has(names: Sequence[str]) -> str:
    return "has" if len(names) == 1 else "have"


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


def ceiling_texts(changes: Iterable[Change]) -> list[str]:
    """The sums of all ceilings, in hours and in money, and what of them waits; a sentence each."""
    starting = [change for change in changes if change.spend]
    waiting = [change for change in starting if change.action is Action.WAITING]
    if len(waiting) == len(starting):
        return [*sum_texts(starting), *(["All of it waits."] if waiting else [])]
    later = "; ".join(f"{text[0].lower()}{text[1:].removesuffix('.')}" for text in sum_texts(waiting))
    return [*sum_texts(starting), *([f"Of this, what waits: {later}."] if waiting else [])]


def sum_texts(changes: Sequence[Change]) -> list[str]:
    """The sums of the ceilings, in hours and in money where there are prices."""
    spends = [change.spend for change in changes if change.spend]
    return list(filter(None, (total_text(spends) if spends else "", total_cost_text(changes))))


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
