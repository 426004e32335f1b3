"""What a person is shown before anything is done to it: shown, asked about, carried out, told."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.cli.consent import ask
from dlcapply.cli.printing import Fitting, report, show, wants_text, width_of
from dlcapply.cli.signals import in_flight_lines, interruptible
from dlcapply.cli.streams import stderr, stdout
from dlcapply.rendering.formats import TEXT
from dlcapply.rendering.text.lines import EMPTY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dlcapply.applying.context import ApplyContext
    from dlcapply.cli.patience import Patience
    from dlcapply.cli.printing import Output
    from dlcapply.cli.shell import Shell
    from dlcapply.cli.streams import Teller
    from dlcapply.rendering.rows.where import Where
    from dlcapply.rendering.text.lines import Line


@dataclass(frozen=True, slots=True)
class ShownFirst:
    """`seen` are its lines in a width, `where` the environment that it is in."""

    shell: Shell
    outputs: Sequence[Output]
    patience: Patience
    where: Where
    seen: Callable[[int | None], list[Line]]

    def show(self) -> None:
        if wants_text(self.outputs):
            show(self._lines(stdout()), stdout(), self.shell)

    def ask(self, question: str) -> None:
        """A person saw it, and said yes; otherwise DlcapplyError is raised."""
        ask(self.shell, self.outputs, question, where=self.where, seen=self._lines, is_shown=True)

    def _lines(self, stream: Teller) -> list[Line]:
        return self.seen(width_of(stream, self.shell))

    @contextmanager
    def writing(self, context: ApplyContext, words: str) -> Iterator[None]:
        """Within the block, which writes to PAI, a signal only asks, and these words tell what is done."""
        with (
            interruptible(self.shell, context.interrupt, last_words=lambda: in_flight_lines(context)),
            self.patience.doing(words),
        ):
            yield

    def tell(
        self, told: Callable[[int | None], list[Line]], formats: Mapping[str, Callable[[], str]]
    ) -> None:
        """What became of it was reported: as text by these lines, below what was shown."""

        def lines(width: int | None) -> list[Line]:
            below = told(width)
            return [EMPTY, *below] if below else []

        report(
            self.outputs,
            self.shell,
            formats={TEXT: Fitting(lines), **formats},
            essence=lambda: lines(width_of(stderr(), self.shell)),
        )
