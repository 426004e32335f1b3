"""One spelling for a Kubernetes-style quantity."""

from __future__ import annotations

import re
from decimal import Decimal

_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?")
_UNITS = {
    "Ti": 1024**4,
    "T": 1000**4,
    "Gi": 1024**3,
    "G": 1000**3,
    "Mi": 1024**2,
    "M": 1000**2,
    "Ki": 1024,
    "k": 1000,
}


def canonical_quantity(text: str) -> str:
    """The quantity in the largest unit that divides it; text that is no quantity comes back as it is.

    `8192Mi` and `8Gi` come out alike, and so do `10` and `10.0`.
    """
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        return text
    number, unit = Decimal(match[1]), match[2]
    if unit is None:
        return _plain(number)
    size = number * _UNITS[unit]
    for larger, factor in _UNITS.items():
        if size and size % factor == 0:
            return f"{_plain(size / factor)}{larger}"
    return _plain(size)


def _plain(number: Decimal) -> str:
    return str(int(number)) if number == number.to_integral_value() else str(number.normalize())
