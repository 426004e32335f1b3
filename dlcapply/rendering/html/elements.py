"""Elements of a page: whatever is not markup of ours is text in it, and shown as such."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.one_line import printable

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Html:
    """Markup of ours, in which all other text is escaped."""

    markup: str


NOTHING = Html("")
_VOID = frozenset({"br", "input", "meta"})


def tag(name: str, /, *content: str | Html, **attributes: str) -> Html:
    """The element; an attribute is named without the underscore behind it, and with hyphens for others."""
    named = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    given = "".join(f' {key}="{_escaped(value)}"' for key, value in named)
    inner = "".join(map(_markup, content))
    return Html(f"<{name}{given}>" if name in _VOID else f"<{name}{given}>{inner}</{name}>")


def together(*parts: str | Html, between: str = "") -> Html:
    return Html(between.join(map(_markup, parts)))


def items(entries: Iterable[str | Html]) -> Html:
    """A list; nothing where there are no entries."""
    listed = [tag("li", entry) for entry in entries]
    return tag("ul", *listed) if listed else NOTHING


def _markup(part: str | Html) -> str:
    return part.markup if isinstance(part, Html) else _escaped(part)


def _escaped(text: str) -> str:
    return html.escape(printable(text))
