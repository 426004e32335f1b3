"""A rule: what it looks at, what it says, and what several rules have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.job import body_size
from dlcapply.manifest.nodes import Node, Step, entries, get, items, string
from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dlcapply.model.jobs import Environment

Path = tuple[Step, ...]
Found = tuple[Path, Node]


@dataclass(frozen=True, slots=True)
class Subject:
    """A composed manifest, with places and without, and the environment it is for.

    `size` is what it alone takes of the CreateJob body, in bytes.
    """

    document: Node
    value: dict[str, Any]
    environment: Environment | None
    spec: Node | None
    roles: list[Found]
    data_sources: list[Found]
    size: int

    @property
    def is_on_a_quota(self) -> bool:
        return bool(string(get(self.spec, "ResourceId")))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place."""

    message: str
    node: Node
    path: Path
    hint: str = ""
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A check with the id and the level of what it finds.

    `disputed` is true where the documents of PAI are silent or contradict each other, so that a project may
    lower an error too.
    """

    id: str
    check: Callable[[Subject], Iterator[Problem]]
    level: Level = Level.ERROR
    disputed: bool = False


def subject_of(document: Node, value: dict[str, Any], environment: Environment | None) -> Subject:
    """The subject, with what many rules ask for looked up once; `value` is the document without places."""
    spec = get(document, "spec")
    roles = numbered(get(spec, "JobSpecs"), ("spec", "JobSpecs"))
    data_sources = numbered(get(spec, "DataSources"), ("spec", "DataSources"))
    size = body_size(value.get("spec"), _labels(value.get("metadata")))
    return Subject(document, value, environment, spec, roles, data_sources, size)


def _labels(metadata: Any) -> Any:
    return metadata.get("labels") if isinstance(metadata, dict) else None


def numbered(node: Node | None, path: Path) -> list[Found]:
    """The maps in a list, each with its path."""
    if node is None:
        return []
    return [((*path, index), item) for index, item in enumerate(items(node)) if isinstance(item.value, dict)]


def exclusive(path: Path, holder: Node | None, first: str, second: str, hint: str) -> Iterator[Problem]:
    """A problem where the map holds both keys."""
    held = entries(holder)
    if first in held and second in held:
        where = elsewhere(first, held[first], held[second])
        message = f"{first} and {second} exclude each other{where}"
        yield Problem(message, held[second], (*path, second), hint, at_key=True)


def exactly_one(found: Iterable[Found], first: str, second: str, hint: str) -> Iterator[Problem]:
    """A problem for each map that holds both keys or none."""
    for path, item in found:
        yield from exclusive(path, item, first, second, hint)
        if not entries(item).keys() & {first, second}:
            yield Problem(f"{first} or {second} is missing", item, path, hint)


def elsewhere(key: str, other: Node, node: Node) -> str:
    """Where the other half of a contradiction stands, if in another file than the node."""
    return "" if other.place.file == node.place.file else f" ({key} is at {other.key_place})"


def number(node: Node | None) -> float | None:
    """The number, or None where the node is anything else."""
    if node is None or isinstance(node.value, bool) or not isinstance(node.value, int | float):
        return None
    return node.value
