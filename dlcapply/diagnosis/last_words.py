"""What a program said last: the end of its log, behind the last line of a work that went on.

A line in a log is weak evidence: it counts here where the work did not go on behind it, and where nothing
says that the program got over it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.diagnosis.exit_codes import Exit
from dlcapply.diagnosis.signs import AFTERMATH, signs_in
from dlcapply.diagnosis.wordings import worded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dlcapply.diagnosis.texts import Statement
    from dlcapply.diagnosis.verdicts import Code

_MOST_LINES = 500
# What launchers put before each line: [rank0]:, [default3]:, [1,0]<stderr>:, (worker pid=7), a time, the
# place in torchrun's source.
_PREFIX = re.compile(
    r"(?:\[(?:rank|default)?\d+\]:\s?|\[\d+,\d+\]<std(?:err|out)>:\s?|\(\w[\w.]* pid=\d+[^)]*\)\s?"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?Z?\s?"
    r"|[WEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [\w./-]+:\d+\] ?)*"
)
_RANK = re.compile(r"(?:rank|default)?\d+\]:|\d+,\d+\]|pid=\d+")
# A step that was done: it has a number. The lines of a traceback are indented, and are none.
_PROGRESS = worded(
    r"\b(?:epoch|step|iter(?:ation)?|batch|round|shard|sample|sequence)s?\b[\s:=#\[(/]{1,4}\d",
    r"\b(?:loss|lr|acc(?:uracy)?|rmse|mae|auc|ppl|perplexity|throughput|grad_norm)\b[\s:=]{1,3}-?\d",
    r"\d\s?(?:it|s|samples?|tokens?|examples?)/(?:it|s|sec|second|gpu)\b",
    r"\d{1,3}%\|",
)
_GOT_OVER = worded(
    r"\bskip(?:ped|ping)?\b|\bretr(?:y|ying|ied)\b(?! failed)|\bignor(?:ed|ing)\b|\bcontinu(?:ed|es|ing)\b",
    r"\brecover(?:ed|ing)\b|\bresum(?:ed|ing)\b|\bfall(?:ing)? ?back\b|\bcaught exception\b|\bhandled\b",
    r"\breduc(?:ed|ing) (?:the )?batch|\bwill try again\b|\battempt \d+(?: of |/)\d+\b",
    r"\brestart(?:ed|ing)\b|\bstarted again\b|\btrying (?:\d|again|the next)|,\s*using\b",
    r"\bsucceeded\b|\bok\W*$|\bpassed\b|\bfixed\b|\bhalv(?:ed|ing)\b|\bnow running\b",
)
# The same in the message of an exception, which may well say that nothing can be resumed.
_CAUGHT = worded(
    r"\b(?:skip(?:ped|ping)|retrying|ignor(?:ed|ing)|falling back)\b",
)
_TRACEBACK = re.compile(r"^Traceback \(most recent call last\)")
_LINKED = worded(
    r"^(?:During handling of the above exception|The above exception was the direct cause)",
)
# module.Error: message, or an exception's bare name; other ranks may write between the frames.
_EXCEPTION = re.compile(
    r"^(?!(?:INFO|WARN(?:ING)?|DEBUG|ERROR|CRITICAL|FATAL|NOTE|TRACE)\b)"
    r"(?P<kind>(?:[A-Za-z_]\w*\.)*(?:_*[A-Z]\w*|\w*(?:error|exception|timeout|exit|interrupt)))"
    r"(?::\s?(?P<said>.*))?$"
)
_UNTRACED = re.compile(r"^(?P<kind>(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception)): (?P<said>.+)$")
_MOST_MESSAGE = 8
_LAUNCHER_SAYS = worded(
    r"^Traceback",
    r"^(?:failed \(exitcode|Sending process \d|Received Signals|\[?\w*\]? ?[Ww]orker group)",
    r"torch[./]distributed[./]elastic",
    r"\blaunch\.py:\d",
    r"^Primary job",
    r"^[-=]{9,}",
    r"\bmpirun\b",
)
# Exceptions of launchers: they tell that a child failed, not why.
_LAUNCHERS = re.compile(
    r"ChildFailedError|CalledProcessError|ProcessExitedException|ProcessRaisedException|RayTaskError|WorkerCrashedError"
    r"|SystemExit|KeyboardInterrupt|SignalException"
)


# torchrun's summary tells first of those that followed, and last of the process that failed first.
_OTHERS, _ROOT = re.compile(r"^(?:Other )?Failures:"), re.compile(r"^Root Cause \(first observed failure\)")
_CHILD = worded(
    r"\bfailed \(exitcode: (?P<first>-?\d{1,3})\)",
    r"\bexits with return code = (?P<only>-?\d{1,3})\s*$",
)
_OF_ROOT = re.compile(r"^\s+exitcode\s*:\s*(?P<code>-?\d{1,3})\b")

_SEE_ABOVE = worded(r"\b(?:root cause|error|logs?|traceback|details) above\b")


@dataclass(frozen=True)
class Line:
    """A line of a program: `text` is what it printed, `rank` what its launcher put before it."""

    statement: Statement
    text: str
    rank: str = ""

    @cached_property
    def signs(self) -> tuple[Code, ...]:
        """The ends that it tells of, most telling first."""
        return signs_in(self.text)

    @property
    def is_got_over(self) -> bool:
        """Whether it says itself that the program goes on."""
        return _GOT_OVER.search(self.text) is not None


class Child(NamedTuple):
    """The process that its launcher saw fail first."""

    exit: Exit
    line: Line


class Raised(NamedTuple):
    """An exception that ended a program: its lines are those from `start` to `end`.

    `is_traced` is whether a traceback tells so; without one, it is the program's last word.
    """

    kind: str
    said: str
    line: Line
    start: int
    end: int
    is_traced: bool = True

    @property
    def text(self) -> str:
        return f"{self.kind}: {self.said}" if self.said else self.kind

    @property
    def is_launchers(self) -> bool:
        """Whether it only tells that another process failed, or refers to what was told before."""
        return _LAUNCHERS.search(self.kind) is not None or _SEE_ABOVE.search(self.said) is not None

    @property
    def is_aftermath(self) -> bool:
        """Whether it tells that another pod has gone."""
        return AFTERMATH.search(self.text) is not None


def last_words(log: Iterable[Statement]) -> tuple[Line, ...]:
    """The lines behind the last step that was done; a line with a sign of an end is never such a step."""
    newest = map(_line, reversed(tuple(log)[-_MOST_LINES:]))
    last = tuple(reversed(tuple(takewhile(lambda line: not _is_step(line), newest))))
    return tuple(_without_followers(last))


def _without_followers(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines without those that a launcher's summary has about processes that failed later."""
    is_about_others = False
    for line in lines:
        is_about_others = (is_about_others or _OTHERS.match(line.text) is not None) and not _ROOT.match(
            line.text
        )
        if not is_about_others:
            yield line


def failed_child(lines: Sequence[Line]) -> Child | None:
    """The process that failed first, as its launcher tells; None where no launcher does."""
    told = [
        Child(Exit(int(found[1] or found[2])), line) for line in lines if (found := _CHILD.search(line.text))
    ]
    at = next((at for at, line in enumerate(lines) if _ROOT.match(line.text)), len(lines))
    root = [
        Child(Exit(int(found["code"])), line) for line in lines[at:] if (found := _OF_ROOT.match(line.text))
    ]
    return next(iter([*root, *told]), None)


def _is_step(line: Line) -> bool:
    is_indented = line.text[:2].isspace()
    return not is_indented and _PROGRESS.search(line.text) is not None and not line.signs


def _line(statement: Statement) -> Line:
    prefix = _PREFIX.match(statement.bare)
    end = prefix.end() if prefix else 0
    rank = _RANK.search(statement.bare[:end])
    return Line(statement, statement.bare[end:], rank[0] if rank else "")


def unprefixed(statement: Statement) -> str:
    """The line as the program printed it."""
    return _line(statement).text


def raised_in(lines: Sequence[Line]) -> Raised | None:
    """The exception that ended the program, among those that the lines tell of.

    A process ends of the last of its exceptions: it got over those before. Of several processes the first
    counts, unless its exception only tells that another had gone. What launchers raise counts where nothing
    else was raised.
    """
    found = [one for one in _tracebacks(lines) if not _CAUGHT.search(one.said)]
    last_of_each = {one.line.rank: one for one in found if not one.is_launchers}
    ends = sorted(last_of_each.values(), key=lambda one: (one.is_aftermath, one.end))
    return next(iter(ends or found), None) or _untraced(lines)


def _untraced(lines: Sequence[Line]) -> Raised | None:
    """The exception that is the program's last word, of a program that printed no traceback."""
    at = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].text.strip()), None)
    match = None if at is None else _UNTRACED.match(lines[at].text)
    if at is None or match is None:
        return None
    return Raised(match["kind"], match["said"], lines[at], at, at, is_traced=False)


def rest_of_message(lines: Sequence[Line], raised: Raised) -> Sequence[Line]:
    """What follows the exception's own line: its message may have more, until its launcher speaks."""
    behind = lines[raised.end + 1 : raised.end + 1 + _MOST_MESSAGE]
    own = (line for line in behind if line.rank == raised.line.rank)
    return list(takewhile(lambda line: not _LAUNCHER_SAYS.search(line.text), own))


def _tracebacks(lines: Sequence[Line]) -> list[Raised]:
    """The exception that each traceback ends in; of those linked by Python, the last."""
    found: list[Raised] = []
    opened: dict[str, int] = {}
    for at, line in enumerate(lines):
        text, rank = line.text, line.rank
        if _TRACEBACK.match(text):
            opened.setdefault(rank, at)
        elif _LINKED.match(text):
            linked = [one for one in found if one.line.rank == rank]
            if linked:
                found.remove(linked[-1])
                opened[rank] = linked[-1].start
        elif rank in opened and (match := _EXCEPTION.match(text)):
            found.append(Raised(match["kind"], match["said"] or "", line, opened.pop(rank), at))
    return found
