"""Documents that fit: what can be said shorter or left out, in one stated order, and what was."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_NOTE_ROOM = 1_024
_LONGEST_NAMED = 2_000
_MARK_ROOM = 1_024  # for the hidden mark that a comment is found by


@dataclass(frozen=True, slots=True)
class Size:
    """How long a document may be, by a measure under which the parts of a text add up."""

    limit: int
    measure: Callable[[str], int]


def _utf16_units(text: str) -> int:
    """Characters as GitHub counts them, or more: which ones count as two is not documented."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


# By the names that --markdown-size knows. The body of a comment: "is too long (maximum is 65536 characters)".
# The summary of a step: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
SIZES = {
    "comment": Size(65_536 - _MARK_ROOM, _utf16_units),
    "summary": Size((1 << 20) - _MARK_ROOM, _utf8_bytes),
}
COMMENT = SIZES["comment"]


class Loss(StrEnum):
    """What a document does without, in the order in which it is dropped, and in words."""

    NAMES = "long names and commands are cut"
    VALUES = "long values are cut"
    TEXTS = "long texts are cut"
    LINES = "values are cut to a few lines"
    DIFFERENCES = "what differs is left out"
    WARNINGS = "warnings are left out"
    ENTRIES = "entries of lists are left out"
    ROWS = "rows of the table are left out"
    ERRORS = "errors are left out"
    REST = "what is left is cut"

    @property
    def is_cut(self) -> bool:
        """Whether something shorter stays: then the longest is cut first; otherwise the last goes first."""
        return self in {Loss.NAMES, Loss.VALUES, Loss.TEXTS, Loss.LINES, Loss.REST}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a document: `text`, and what may stand in its place, each with what is lost by it.

    A piece brings the empty lines that it needs.
    """

    text: str
    shorter: tuple[tuple[Loss, str], ...] = ()

    def version(self, number: int) -> str:
        return self.shorter[number - 1][1] if number else self.text


def brief(text: str, shorter: str) -> Part:
    """A piece that always stays: what is longer than anybody reads is cut before anything else."""
    return Part(text, ((Loss.NAMES, shorter),)) if len(text) > _LONGEST_NAMED else Part(text)


def fitted(head: Sequence[Part], body: Sequence[Part], size: Size, *, whole: str = "") -> str:
    """The parts one after the other, as far as they fit; between head and body it is said what is missing.

    `whole` says where everything is. The shortest versions must fit together.
    """
    parts = [*head, *body]
    versions, lost = _chosen(parts, size)
    texts = [part.version(number) for part, number in zip(parts, versions, strict=True)]
    told = [_note(lost, whole)] if lost else []
    return "".join([*texts[: len(head)], *told, *texts[len(head) :]]).strip("\n") + "\n"


def first_lines(text: str, size: Size) -> str:
    """As many of the text's first lines as fit; where that is none, the beginning of the first."""
    left, end = size.limit, 0
    for line in text.splitlines(keepends=True):
        left -= size.measure(line)
        if left < 0:
            break
        end += len(line)
    return text[: end or size.limit // 4]  # no character measures more than 4


def _chosen(parts: Sequence[Part], size: Size) -> tuple[list[int], Counter[Loss]]:
    """The version of each part with which all fit, and how often what was lost on the way."""
    versions, lost = [0] * len(parts), Counter[Loss]()
    total = sum(size.measure(part.text) for part in parts)
    if total <= size.limit:
        return versions, lost
    for loss in Loss:
        for at, saved in _savings(parts, versions, loss, size):
            if total <= size.limit - _NOTE_ROOM:
                return versions, lost
            versions[at] += 1
            total -= saved
            lost[loss] += saved > 0
    return versions, lost


def _savings(
    parts: Sequence[Part], versions: Sequence[int], loss: Loss, size: Size
) -> Iterator[tuple[int, int]]:
    """The parts that can do with this loss, in the order in which they have to, and what each then saves."""
    found = []
    for at, (part, number) in enumerate(zip(parts, versions, strict=True)):
        if number < len(part.shorter) and part.shorter[number][0] is loss:
            found.append((at, size.measure(part.version(number)) - size.measure(part.version(number + 1))))
    found.sort(key=(lambda one: -one[1]) if loss.is_cut else (lambda one: -one[0]))
    yield from found


def _note(lost: Counter[Loss], whole: str) -> str:
    counts = ", ".join(f"{loss} ({counted(lost[loss], 'place')})" for loss in Loss if lost[loss])
    where = f" {whole}" if whole else ""
    return f"\n_Shortened to fit: {counts}.{where}_\n"
