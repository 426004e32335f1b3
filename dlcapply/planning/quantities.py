"""One spelling for each Kubernetes quantity (grammar: Quantity of k8s.io/apimachinery, pkg/api/resource)."""

from __future__ import annotations

import re
from decimal import ROUND_UP, Context, Decimal
from typing import Any

_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))"
    r"(?:[eE](?P<exponent>[+-]?[0-9]{1,3})|(?P<unit>[KMGTPE]i|[numkMGTPE]))?"
)
# From the largest; a number in the largest unit that divides it has one spelling.
_WHOLE = {
    "Ei": 2**60,
    "E": 10**18,
    "Pi": 2**50,
    "P": 10**15,
    "Ti": 2**40,
    "T": 10**12,
    "Gi": 2**30,
    "G": 10**9,
    "Mi": 2**20,
    "M": 10**6,
    "Ki": 2**10,
    "k": 10**3,
}
_UNITS = {
    **{unit: Decimal(factor) for unit, factor in _WHOLE.items()},
    "m": Decimal("1e-3"),
    "u": Decimal("1e-6"),
    "n": Decimal("1e-9"),
}
# Whatever is smaller counts as one of these: "rounded up", also below zero, as Kubernetes does.
_SMALLEST = Decimal("1e-9")
# A longer text, or a larger exponent, is not taken for an amount; below that, all digits are kept.
_LONGEST = 64
_LARGEST_EXPONENT = 99
_EXACT = Context(prec=256, rounding=ROUND_UP)


def amount(value: Any) -> Decimal | None:
    """The amount that a text or a number says; None where it is not a quantity."""
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    match = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or isinstance(value, bool):
        return None
    exponent = int(match["exponent"] or 0)
    if abs(exponent) > _LARGEST_EXPONENT:
        return None
    number = _EXACT.scaleb(Decimal(match["number"]), exponent)
    size = _EXACT.multiply(number, _UNITS[match["unit"]]) if match["unit"] else number
    return size.quantize(_SMALLEST, context=_EXACT)


def canonical_quantity(value: Any) -> Any:
    """The quantity in the largest unit that divides it; what is not a quantity comes back as it is.

    `8192Mi` and `8Gi` come out the same, and so do `4`, `4.0`, `4000m`, `4e0` and the number 4.
    """
    size = amount(value)
    if size is None:
        return value
    if size != size.to_integral_value(context=_EXACT):
        return f"{size.normalize(_EXACT):f}"
    whole = int(size)
    unit = next((unit for unit, factor in _WHOLE.items() if whole and whole % factor == 0), "")
    return f"{whole // _WHOLE.get(unit, 1)}{unit}"
