"""What a program said last: the end of its log, behind the last line of a work that went on.

A line in a log is weak evidence: it counts here where the work did not go on behind it, and where nothing says
that the program got over it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dlcapply.diagnosis.texts import Statement

_MOST_LINES = 400
# What launchers put before each line: [rank0]:, [default3]:, [1,0]<stderr>:, (worker pid=7, ip=10.0.0.1), a time.
_PREFIX = re.compile(
    r"(?:\[(?:rank|default)?\d+\]:\s?|\[\d+,\d+\]<std(?:err|out)>:\s?|\(\w[\w.]* pid=\d+[^)]*\)\s?"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?Z?\s?)*"
)
# A step that was done: it has a number. A frame of a traceback is indented, and has none.
_PROGRESS = re.compile(
    r"^(?!\s*File \")(?:.*?\b(?:epoch|steps?|iter(?:ation)?s?|batch|round|shard|sample|sequence)s?\b[\s:=#\[(/]{1,4}\d"
    r"|.*?\b(?:loss|lr|acc(?:uracy)?|rmse|mae|auc|ppl|perplexity|throughput|grad_norm)\b[\s:=]{1,3}-?\d"
    r"|.*?\d+(?:\.\d+)?\s?(?:it|s|samples?|tokens?|examples?)/(?:it|s|sec|second|gpu)\b"
    r"|.*?\d{1,3}%\|)",
    re.IGNORECASE,
)
_GOT_OVER = re.compile(
    r"\b(?:skip(?:ped|ping)?|retry(?:ing)?|retried|re-?trying|ignor(?:ed|ing)|continu(?:e|ed|es|ing)"
    r"|recover(?:ed|ing)|caught exception|handled|fall(?:ing)? back|fallback|resum(?:ed|ing)"
    r"|reduc(?:ed|ing) (?:the )?batch|will try again|attempt \d+(?: of |/)\d+)\b",
    re.IGNORECASE,
)
_TRACEBACK = re.compile(r"^Traceback \(most recent call last\)")
_LINKED = re.compile(
    r"^(?:During handling of the above exception|The above exception was the direct cause)", re.IGNORECASE
)
# module.Error: message, or an exception's bare name; other ranks may write between the frames.
_EXCEPTION = re.compile(
    r"^(?!(?:INFO|WARN(?:ING)?|DEBUG|ERROR|CRITICAL|FATAL|NOTE|TRACE)\b)"
    r"(?P<kind>(?:[A-Za-z_]\w*\.)*(?:[A-Z]\w*|\w*(?:error|exception|timeout|exit|interrupt)))"
    r"(?::\s?(?P<said>.*))?$"
)
# Exceptions of launchers: they tell that a child failed, not why.
_LAUNCHERS = re.compile(
    r"ChildFailedError|CalledProcessError|ProcessExitedException|ProcessRaisedException|RayTaskError|WorkerCrashedError"
    r"|SystemExit|KeyboardInterrupt|SignalException"
)


class LastWords(NamedTuple):
    """The lines behind the last step that was done, oldest first, without what stands before each."""

    lines: tuple[tuple[Statement, str], ...]

    def __bool__(self) -> bool:
        return bool(self.lines)


class Raised(NamedTuple):
    """An exception that nothing caught, and the lines that tell of it."""

    kind: str
    said: str
    line: Statement
    is_launcher: bool


def unprefixed(text: str) -> str:
    """The line as the program printed it."""
    return text[_PREFIX.match(text).end() :]  # type: ignore[union-attr]  it matches anything


def last_words(log: Iterable[Statement], *, signs: re.Pattern[str]) -> LastWords:
    """The end of the log; a line with one of the `signs` is never a step that was done."""
    lines = [(one, unprefixed(one.bare)) for one in log][-_MOST_LINES:]
    last = max(
        (at for at, (_, text) in enumerate(lines) if _PROGRESS.match(text) and not signs.search(text)),
        default=-1,
    )
    return LastWords(tuple(lines[last + 1 :]))


def is_got_over(text: str) -> bool:
    """Whether the line itself says that the program goes on."""
    return _GOT_OVER.search(text) is not None


def raised_in(words: LastWords) -> Raised | None:
    """The exception that ended the program: of the first traceback of the end, the innermost of its chain.

    What launchers raise counts where nothing else was raised.
    """
    found = [one for one in _tracebacks(words.lines) if not is_got_over(one.said)]
    own = [one for one in found if not one.is_launcher]
    return next(iter(own or found), None)


def _tracebacks(lines: Sequence[tuple[Statement, str]]) -> list[Raised]:
    """The exception that each traceback ends in; of those linked by Python, the last."""
    found: list[Raised] = []
    is_open = is_linked = False
    for statement, text in lines:
        if _TRACEBACK.match(text):
            is_open = True
        elif _LINKED.match(text):
            is_linked = True
        elif is_open and (match := _EXCEPTION.match(text)):
            raised = Raised(match["kind"], match["said"] or "", statement, _is_launcher(match["kind"]))
            found = [*(found[:-1] if is_linked else found), raised]
            is_open = is_linked = False
    return found


def _is_launcher(kind: str) -> bool:
    return _LAUNCHERS.search(kind) is not None
