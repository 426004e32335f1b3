"""What other tools write between braces, and what to write for it here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

# Of other tools' expressions: what stands before the first dot, and where such a value comes from here.
_FROM_ENVIRONMENT = (
    "name it under envFrom, `- {{name: {name}, fromEnv: {name}}}`, and set it where apply runs"
)
_FROM_OPTION = (
    "declare {name} under `variables` in dlcapply.yaml, pass --var {name}=…, and write ${{{{ var.{name} }}}}"
)
_CONTEXTS = {
    "secrets": _FROM_ENVIRONMENT,
    "env": f"{_FROM_OPTION}; for a variable of the run, {_FROM_ENVIRONMENT}",
}
_CONTEXT = re.compile(
    r"(secrets|env|github|vars|inputs|matrix|needs|steps|strategy|runner|job|jobs|gitlab|bundle|local)"
    r"(?:\.|\[\s*['\"])(?:[\w-]+\.)*([A-Za-z_][\w-]*)(?:['\"]\s*\])?"
)
_BARE = re.compile(r"(?:var\.|vars\.|inputs\.|variables\.|\.Values\.|\.)?([A-Za-z_]\w*)")
_LONGEST = 256  # characters of a value between braces
_BRACES = re.compile(r"\s*\{\{-?\s*([^{}]*?)\s*-?\}\}\s*")


def expression_hint(inside: str, values: Container[str]) -> str:
    """What to write instead of an expression that is not a variable; `values` are the declared ones."""
    bare = _BARE.fullmatch(inside)
    if bare and bare[1] in values:
        return f"did you mean ${{{{ var.{bare[1]} }}}}?"
    if found := _CONTEXT.fullmatch(inside):
        name = found[2].replace("-", "_")
        return _CONTEXTS.get(found[1], _FROM_OPTION).format(name=name)
    if inside.startswith("var."):
        return "write ${{ var.NAME }}: there are no functions, and a default stands where it is declared"
    return "write ${{ var.NAME }}, or $${{ for the characters themselves"


def braces_hint(value: object) -> str:
    """What to write instead of a value between other tools' braces, or nothing."""
    if isinstance(value, str) and value.startswith("${{ var."):
        return "variables stand in manifests, and in what they inherit, only"
    found = _BRACES.fullmatch(value) if isinstance(value, str) and len(value) < _LONGEST else None
    if found is None:
        return ""
    bare = _BARE.fullmatch(found[1])
    return f"a variable is written ${{{{ var.{bare[1] if bare else 'NAME'} }}}}"
