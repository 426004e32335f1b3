"""A text with `${{ }}` in it, taken apart in one pass, however much of it there is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENING = "${{"
_ESCAPED = "$${{"
_CLOSING = "}}"
_REFERENCE = re.compile(r"\s*var\.([A-Za-z_][A-Za-z0-9_]*)\s*")


@dataclass(frozen=True, slots=True)
class Expression:
    """What stands between `${{` and `}}`; `inside` is None where no `}}` follows."""

    inside: str | None

    @property
    def variable(self) -> str:
        """The name of the variable; empty where it is something else."""
        reference = _REFERENCE.fullmatch(self.inside or "")
        return reference[1] if reference else ""


def parts(text: str) -> Iterator[str | Expression]:
    """The literal parts of the text and its expressions, in order; `$${{` is the literal `${{`."""
    position = 0
    closing = -1
    while (start := text.find(OPENING, position)) >= 0:
        inside = start + len(OPENING)
        if text.startswith(_ESCAPED, start - 1) and start > position:
            yield text[position : start - 1] + OPENING
            position = inside
            continue
        if closing < inside:
            closing = text.find(_CLOSING, inside)
        if start > position:
            yield text[position:start]
        if closing < 0:
            yield Expression(None)
            return
        is_closed = text.find(OPENING, inside, closing) < 0
        yield Expression(text[inside:closing] if is_closed else None)
        position = closing + len(_CLOSING) if is_closed else inside
    if position < len(text):
        yield text[position:]


def literal(text: str) -> str:
    """What to write to mean exactly this text."""
    return text.replace(OPENING, _ESCAPED)


def is_template(text: str) -> bool:
    """Whether any of the text is left to variables."""
    return OPENING in text and any(isinstance(part, Expression) for part in parts(text))


def variables_in(text: str) -> Iterator[str]:
    """The names of the variables that the text mentions, in order."""
    if OPENING in text:
        yield from (part.variable for part in parts(text) if isinstance(part, Expression) and part.variable)
