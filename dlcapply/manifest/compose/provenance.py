"""Where each value of a composed manifest was written, and how it got there: `render --origins`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlcapply.manifest.compose.merge import REMOVE
from dlcapply.manifest.expressions import variables_in
from dlcapply.one_line import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dlcapply.manifest.nodes import Node
    from dlcapply.model.findings import Place


@dataclass(frozen=True, slots=True)
class Sources:
    """The files that a manifest is composed of: its own and the project's; any other is its parent."""

    file: str
    project: str = ""
    workspace: Place | None = None
    variables: Mapping[str, Node | None] = field(default_factory=dict)

    def of(self, node: Node) -> str:
        """Like `bases/a.yaml:7 (extends), var.lr from dlcapply.yaml:12`."""
        is_removal = node.value is None or (node.value is True and node.text == REMOVE)
        removes = "removes " if is_removal else ""
        return printable(", ".join([f"{removes}{_shown(node.place)}{self._layer(node)}", *self._used(node)]))

    def _layer(self, node: Node) -> str:
        if node.place.file == self.file:
            return ""
        if node.place == self.workspace:
            return " (environment)"
        return " (defaults)" if node.place.file == self.project else " (extends)"

    def _used(self, node: Node) -> Iterator[str]:
        for name in dict.fromkeys(variables_in(node.text)):
            value = self.variables.get(name)
            if value is not None:
                yield f"var.{name} from {_shown(value.place)}"


def _shown(place: Place) -> str:
    """The file and the line; an option of the command line has no lines."""
    return place.file if place.file.startswith("--") else f"{place.file}:{place.line}"
