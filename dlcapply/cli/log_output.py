"""Log lines as people read them: a prefix for each pod, in a colour of its own, or JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.inspecting.logs import mask_of
from dlcapply.cli.shell import is_colored
from dlcapply.cli.streams import stdout
from dlcapply.rendering.text.lines import cells
from dlcapply.rendering.text.log_lines import log_document, shown_lines, time_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dlcapply.api.inspecting.logs import LogStream, PodLine
    from dlcapply.cli.shell import Shell

_BEHIND = " | "
# What can be read on dark and on light ground; red is for failures.
_LOOKS: tuple[dict[str, Any], ...] = (
    {"fg": "green"},
    {"fg": "magenta"},
    {"bold": True},
    {"underline": True},
)


@dataclass(slots=True)
class Prefixes:
    """What stands before lines, aligned: a name, and its look; `width` is that of the longest so far."""

    width: int = 0
    _looks: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        """The columns that each takes."""
        return self.width + len(_BEHIND)

    def of(self, name: str) -> str:
        self.width = max(self.width, cells(name))
        return f"{name}{' ' * (self.width - cells(name))}{_BEHIND}"

    def styled(self, name: str) -> str:
        """The same in the look of the name."""
        look = self._looks.setdefault(name, _LOOKS[len(self._looks) % len(_LOOKS)])
        return f"{click.style(self.of(name)[:-1], **look)} "


def rows_of(text: str, width: int) -> Iterator[str]:
    """The text in rows of a terminal that has so many columns, one at least; none of it is left out."""
    if cells(plain := text.expandtabs()) <= width:
        yield plain
        return
    row, taken = "", 0
    for char in plain:
        wide = cells(char)
        if row and taken + wide > width:
            yield row
            row, taken = "", 0
        row, taken = row + char, taken + wide
    yield row


@dataclass(slots=True)
class LogPrinter:
    """Prints lines as they come; `mask` is given each before it is shown.

    Without `prefixes` lines are as the one pod has printed them.
    """

    shell: Shell
    mask: Callable[[str], str]
    as_json: bool = False
    prefixes: Prefixes | None = None
    timestamps: bool = False

    def put_all(self, batches: Iterable[Iterable[PodLine]]) -> None:
        """The lines are printed, for as long as anybody reads."""
        for batch in batches:
            if not self._put(batch):
                return

    def _put(self, batch: Iterable[PodLine]) -> bool:
        written = self._documents if self.as_json else self._texts
        if text := "".join(written(batch)):
            stdout().write(text)
        return stdout().failure is None

    def lines(self, told: PodLine) -> Iterator[str]:
        """What there is to read in the entry, line by line, without a prefix."""
        time = f"{time_text(told.line.at)} " if self.timestamps else ""
        return (f"{time}{one}" for one in shown_lines(told.line.text, self.mask))

    def _documents(self, batch: Iterable[PodLine]) -> Iterator[str]:
        for told in batch:
            text = "\n".join(shown_lines(told.line.text, self.mask))
            yield log_document(told.line.at, told.life.name, told.life.uid, text)

    def _texts(self, batch: Iterable[PodLine]) -> Iterator[str]:
        for told in batch:
            prefix = self._prefix(told.life.name, self.prefixes) if self.prefixes else ""
            for one in self.lines(told):
                yield f"{prefix}{one}\n"

    def _prefix(self, name: str, prefixes: Prefixes) -> str:
        return prefixes.styled(name) if is_colored(stdout(), self.shell) else prefixes.of(name)


def printer_of(
    stream: LogStream, shell: Shell, *, as_json: bool, timestamps: bool, prefixes: bool = True
) -> LogPrinter:
    """Prints what comes of the stream, without what must not be shown."""
    width = max((len(life.name) for life in stream.lives()), default=0)
    return LogPrinter(
        shell,
        mask_of(stream.run),
        as_json=as_json,
        prefixes=Prefixes(width) if prefixes else None,
        timestamps=timestamps,
    )
