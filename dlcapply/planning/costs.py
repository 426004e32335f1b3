"""How much money a change can cost at most, where the project says what instances cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.plans import Cost
from dlcapply.planning.ceilings import adding, minutes, pods, role_path, roles, types
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from dlcapply.model.jobs import Prices, Spec

_DIGITS = 6  # no more of a sum of floats is meant


def cost_of(spec: Spec, prices: Prices, *, runs: int) -> Cost:
    """The most that so many runs of the spec can cost: the dearest type of each role, for all of its pods.

    Only instances have prices here: of a role on a quota, and of what is paid for beside them, nothing is
    known. No price that is missing counts as none.
    """
    unpriced = tuple(sorted({name for role in roles(spec) for name in _unpriced(role, prices)}))
    amount = None if unpriced or adding(spec) else _amount(spec, prices, runs)
    return Cost(amount, prices.currency, unpriced)


def _unpriced(role: Mapping[str, Any], prices: Prices) -> Iterator[str]:
    if role.get("EcsSpec") not in types(role):
        yield role_path(role)
    yield from (without_secrets(kind) for kind in types(role) if kind not in prices.per_hour)


def _amount(spec: Spec, prices: Prices, runs: int) -> float | None:
    longest, per_hour = minutes(spec).number, 0.0
    for role in roles(spec):
        most = pods(role).number
        if most is None:
            return None
        per_hour += most * max(prices.per_hour[kind] for kind in types(role))
    return None if longest is None else round(per_hour * longest / 60 * runs, _DIGITS)
