"""Where each value of a YAML text begins and ends, for edits that leave every other character as it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from dlcapply.manifest.yaml.surrogates import with_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Span:
    """A value of a text: its characters are those from `start` to `end`, its anchor and tag included.

    `entries` are those of a map, each a key and its value. `is_flow`: written with brackets, or on one line.
    """

    start: int
    end: int
    kind: str
    is_flow: bool = True
    text: str = ""
    style: str = ""
    entries: tuple[tuple[Span, Span], ...] = field(default=(), repr=False)

    def get(self, key: str) -> Span | None:
        """The value of the key, which is written as a plain or quoted text."""
        return next((value for name, value in self.entries if name.is_scalar and name.text == key), None)

    def key(self, key: str) -> Span | None:
        return next((name for name, _ in self.entries if name.is_scalar and name.text == key), None)

    @property
    def is_scalar(self) -> bool:
        return self.kind == "scalar"

    @property
    def is_map(self) -> bool:
        return self.kind == "map"


def root_spans(text: str) -> Iterator[Span]:
    """The value of each document, in order; the text is one that `read` has read without a finding."""
    events = iter(_LOADER(with_pairs(text)).get_event, None)
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            yield _span(next(events), events)


def _span(event: Any, events: Iterator[Any]) -> Span:
    start, end = event.start_mark.index, event.end_mark.index
    match event:
        case yaml.ScalarEvent():
            return Span(start, end, "scalar", text=event.value, style=event.style or "")
        case yaml.MappingStartEvent():
            return _map(event, events)
        case yaml.SequenceStartEvent():
            return Span(start, _end_of_list(events), "list", is_flow=bool(event.flow_style))
        case _:
            return Span(start, end, "alias")


def _map(event: Any, events: Iterator[Any]) -> Span:
    entries = []
    while not isinstance(found := next(events), yaml.MappingEndEvent):
        entries.append((_span(found, events), _span(next(events), events)))
    start, is_flow = event.start_mark.index, bool(event.flow_style)
    return Span(start, _end(found), "map", is_flow=is_flow, entries=tuple(entries))


def _end_of_list(events: Iterator[Any]) -> int:
    while not isinstance(found := next(events), yaml.SequenceEndEvent):
        _span(found, events)
    return _end(found)


def _end(event: Any) -> int:
    return int(event.end_mark.index)
