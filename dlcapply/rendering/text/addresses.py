"""Where a run can be looked at, and what is done about its TensorBoards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.rendering.text.lines import EMPTY, Line, Span, Style, line
from dlcapply.rendering.text.notes import folded, note_lines
from dlcapply.rendering.text.run_heads import head_lines
from dlcapply.rendering.text.words import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.model.tensorboards import Tensorboard
    from dlcapply.rendering.rows.inspection import Addresses, TensorboardDone, TensorboardStep

_KIND = 15
_INDENT = " " * _KIND


def addresses_lines(found: Addresses, *, width: int | None) -> list[Line]:
    """A line for each address, which is never broken, and what there is to know about it below."""
    lines = [*head_lines(found.head), EMPTY]
    for one in found.addresses:
        lines += _address_lines(one.kind, one.url, one.note, width)
    for board in found.tensorboards:
        lines += _board_lines(board, width)
    if not found.tensorboards:
        lines += _address_lines("tensorboard", "", "", width)
    return [*lines, *note_lines(found.notes, width)]


def _board_lines(board: Tensorboard, width: int | None) -> Iterator[Line]:
    """Of one that there is, "none" would be a lie: it has no address before it runs."""
    note = f"{'' if board.address else 'no address: '}{_facts(board)}"
    return _address_lines("tensorboard", board.address, note, width, lacking="")


def _address_lines(
    kind: str, url: str, note: str, width: int | None, *, lacking: str = "none"
) -> Iterator[Line]:
    label = f"{kind:<{_KIND}}"
    if url:
        yield line(label, Span(url, Style.COMMAND))
        label = _INDENT
    text = note if url else ": ".join(filter(None, (lacking, note)))
    for part in folded(text, None if width is None else width - _KIND) if text else ():
        yield line(label, Span(part, Style.FAINT))
        label = _INDENT


def _facts(board: Tensorboard) -> str:
    by = f"by {board.user}" if board.user else ""
    return ", ".join(filter(None, (board.tensorboard_id, board.status, board.summary_path, by)))


def step_lines(step: TensorboardStep) -> list[Line]:
    """What is about to be done, for who is asked."""
    return [*head_lines(step.head), EMPTY, *_what(step)]


_ENDLESS = "PAI does not say that it stops by itself: --tensorboard stop does it."


def _what(step: TensorboardStep) -> Iterator[Line]:
    match step.action:
        case "create":
            lasts = duration(60 * (step.minutes or 0))
            yield line(f"Create a TensorBoard of {step.summary_path}, for at most {lasts}: it may cost.")
        case "start":
            one = step.tensorboards[0]
            yield line(f"Start {_facts(one)}: it may cost.")
            yield line(f"It stops by itself after {duration(60 * one.minutes)}." if one.minutes else _ENDLESS)
        case "stop":
            for one in step.tensorboards:
                yield line(f"Stop {_facts(one)}.")
        case _:
            yield line("Nothing is to be done.")


_DONE = {"create": "created", "start": "started", "stop": "stopped", "nothing": "left as it is"}


def done_lines(done: TensorboardDone, *, width: int | None) -> list[Line]:
    """What was done, and the TensorBoards since."""
    lines = [*head_lines(done.step.head), EMPTY, line(f"TensorBoard {_DONE[done.step.action]}")]
    for one in done.tensorboards:
        lines += _board_lines(one, width)
    return [*lines, *note_lines(done.notes, width)]
