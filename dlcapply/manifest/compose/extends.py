"""`extends`: the one parent of a manifest, read once however many manifests share it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.disk import is_inside
from dlcapply.manifest.did_you_mean import did_you_mean
from dlcapply.manifest.expressions import is_template
from dlcapply.manifest.findings import finding
from dlcapply.manifest.nodes import Node, get, is_heavier, string
from dlcapply.manifest.paths import shown_path
from dlcapply.manifest.yaml.reader import read_single

if TYPE_CHECKING:
    from dlcapply.model.findings import Finding

# Far above what a job can hold; every manifest is judged together with what it inherits.
MOST_VALUES = 1_000
MOST_CHARACTERS = 1 << 17

Parent = tuple[Node | None, tuple["Finding", ...]]

# Of all parents together; whoever shares one reads it once.
_MOST_BYTES = 8 << 20
# Hints for parents that do not exist: each compares with every name in the folder.
_MOST_GUESSES = 50
_MOST_NAMES = 500


@dataclass(slots=True)
class Parents:
    """The parents read so far; none may lie outside `boundary`, because strangers write manifests."""

    boundary: Path
    _known: dict[Path, Parent] = field(default_factory=dict)
    _guesses: dict[Path, str] = field(default_factory=dict)
    _bytes: int = 0

    def of(self, document: Node, folder: Path) -> Parent:
        """The parent of a document in `folder`: None when it names none, findings when it can't be used."""
        extends = get(document, "extends")
        if extends is None or extends.value is None:
            return None, ()
        text = string(extends)
        if not text or is_template(text):
            return None, (_bad(extends, "extends must name one file", _unlike_a_file(extends)),)
        path = Path(os.path.normpath(folder / text))
        return self._known[path] if path in self._known else self._new(path, extends, text)

    @property
    def files(self) -> frozenset[str]:
        """The real paths of the files that manifests inherit from."""
        return frozenset(map(os.path.realpath, self._known))

    def _new(self, path: Path, extends: Node, text: str) -> Parent:
        # What lies outside is not looked at: an error would tell a stranger whether it is there.
        if "\0" not in text and not is_inside(path, self.boundary):
            hint = "a project's parents lie below its dlcapply.yaml"
            return None, (_bad(extends, f"the parent {text} lies outside the project", hint),)
        if not os.path.exists(path):  # noqa: PTH110 - pathlib raises for odd names
            return None, (_bad(extends, f"there is no parent {text}", self._meant(path)),)
        self._bytes += path.stat().st_size
        if self._bytes > _MOST_BYTES:
            message = f"with this parent, the parents are larger than {_MOST_BYTES:,} bytes together"
            return None, (_bad(extends, message, "let manifests share their parents"),)
        return self._known.setdefault(path, _read(path))

    def _meant(self, path: Path) -> str:
        """A hint for a parent that is not there."""
        if path not in self._guesses and len(self._guesses) < _MOST_GUESSES:
            self._guesses[path] = did_you_mean(path.name, _beside(path))
        return self._guesses.get(path) or "the path is relative to this file"


def _unlike_a_file(extends: Node) -> str:
    if string(extends):
        return "it can't hold a variable: what differs by environment stands in the values of one parent"
    return "put what several parents hold into one" if isinstance(extends.value, list) else ""


def _beside(path: Path) -> list[str]:
    """The YAML files in the folder of a path, if it is one."""
    try:
        return [other.name for other in islice(path.parent.glob("*.y*ml"), _MOST_NAMES)]
    except (OSError, ValueError):
        return []


def _bad(node: Node, message: str, hint: str = "") -> Finding:
    return finding("extends", message, node, "extends", hint=hint)


def _read(path: Path) -> Parent:
    document, findings = read_single(path, shown_path(path))
    if document is None:
        return None, findings
    kind = get(document, "kind")
    if kind is not None and kind.value != "Job":
        return None, (finding("extends", "a parent must be of kind Job", kind, "kind"),)
    grandparent = get(document, "extends")
    if grandparent is not None and grandparent.value is not None:
        hint = "merge the two files into one parent"
        return None, (finding("extends", "a parent can't have a parent", grandparent, "extends", hint=hint),)
    findings = weight_findings(document, "the parent")
    return (None, findings) if findings else (document, ())


def weight_findings(layer: Node, name: str) -> tuple[Finding, ...]:
    """A finding where every manifest above the layer would be more than PAI takes, and slow to check."""
    if not is_heavier(layer, values=MOST_VALUES, characters=MOST_CHARACTERS):
        return ()
    message = f"{name} holds more than {MOST_VALUES:,} values or {MOST_CHARACTERS:,} characters"
    return (finding("yaml-size", message, layer, hint="PAI takes 65,536 bytes for a whole job"),)
