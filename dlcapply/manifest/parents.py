"""`extends`: the one parent of a manifest, read once however many manifests share it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.manifest.expressions import is_template
from dlcapply.manifest.files import is_inside, shown
from dlcapply.manifest.findings import did_you_mean, finding
from dlcapply.manifest.nodes import Node, get, is_heavier, string
from dlcapply.manifest.reading import read_single

if TYPE_CHECKING:
    from dlcapply.model import Finding

# Far above what a job can hold; every manifest is judged together with what it inherits.
MOST_VALUES = 1_000
MOST_CHARACTERS = 1 << 17

Parent = tuple[Node | None, tuple["Finding", ...]]


@dataclass(frozen=True, slots=True)
class Parents:
    """The parents read so far; none may lie outside `fence`, because strangers write manifests."""

    fence: Path
    _known: dict[Path, Parent] = field(default_factory=dict)

    def of(self, document: Node, folder: Path) -> Parent:
        """The parent of a document in `folder`: None when it names none, findings when it can't be used."""
        extends = get(document, "extends")
        if extends is None or extends.value is None:
            return None, ()
        if not string(extends) or is_template(string(extends)):
            return None, (_bad(extends, "extends must name one file", _unlike_a_file(extends)),)
        path = Path(os.path.normpath(folder / string(extends)))
        if path in self._known:
            return self._known[path]
        if not _is_file(path):
            return None, (_bad(extends, f"there is no parent {extends.value}", self._meant(path)),)
        if not is_inside(path, self.fence):
            hint = "a project's parents lie below its dlcapply.yaml"
            return None, (_bad(extends, f"the parent {extends.value} lies outside the project", hint),)
        return self._known.setdefault(path, _read(path))

    def _meant(self, path: Path) -> str:
        """A hint for a parent that is not there; nobody is told what lies outside the fence."""
        try:
            known = path.parent.is_dir() and is_inside(path.parent, self.fence)
        except OSError:
            known = False
        names = [other.name for other in path.parent.glob("*.y*ml")] if known else []
        return did_you_mean(path.name, names) or "the path is relative to this file"


def _unlike_a_file(extends: Node) -> str:
    if string(extends):
        return "it can't hold a variable: what differs by environment stands in the values of one parent"
    return "put what several parents hold into one" if isinstance(extends.value, list) else ""


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have
        return False


def _bad(node: Node, message: str, hint: str = "") -> Finding:
    return finding("extends", message, node, "extends", hint=hint)


def _read(path: Path) -> Parent:
    document, findings = read_single(path, shown(path))
    if document is None:
        return None, findings
    kind = get(document, "kind")
    if kind is not None and kind.value != "Job":
        return None, (finding("extends", "a parent must be of kind Job", kind, "kind"),)
    grandparent = get(document, "extends")
    if grandparent is not None and grandparent.value is not None:
        hint = "merge the two files into one parent"
        return None, (finding("extends", "a parent can't have a parent", grandparent, "extends", hint=hint),)
    too_heavy = heaviness(document, "the parent")
    return (None, too_heavy) if too_heavy else (document, ())


def heaviness(layer: Node, name: str) -> tuple[Finding, ...]:
    """A finding where every manifest above the layer would be more than PAI takes, and slow to judge."""
    if not is_heavier(layer, values=MOST_VALUES, characters=MOST_CHARACTERS):
        return ()
    message = f"{name} holds more than {MOST_VALUES:,} values or {MOST_CHARACTERS:,} characters"
    return (finding("yaml-size", message, layer, hint="PAI takes 65,536 bytes for a whole job"),)
