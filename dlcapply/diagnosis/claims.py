"""Whether a line tells that something happened.

The same words stand in lines that count it, set a limit for it, ask about it, or say that it did not happen
or might. What is around the words tells these apart, whatever the words are.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from dlcapply.diagnosis.wordings import worded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Claim = TypeVar("_Claim")

# What stands before the words, in the same clause: nothing of it happened, or nobody knows.
_NO_MORE = r"[^.;:!|]{0,40}$"
_UNTOLD = worded(
    r"\b(?:no|not|never|without|zero|kein\w*|nicht|pas de|sans)\b(?:\s+\w+){0,2}\s*[\"'`]?$",
    rf"\b(?:if|unless|whether|when(?:ever)?|in case(?: of)?|avoid\w*|prevent\w*|against)\b{_NO_MORE}",
    rf"\b(?:may|might|could|would|should|can(?!['\u2019n])|why|how|does|whose)\b{_NO_MORE}",
    r"\b(?:on|upon|for)\s+$",
    rf"\b(?:test(?:s|ing)?|simulat\w+|inject\w+|handl\w+|expect(?:s|ed)?|predict\w*|surviv\w+)\b{_NO_MORE}",
    r"(?:未|没有|無|无|不会|不可|避免|防止)\w{0,2}$",
    r"/$",  # of a path
)
_NOUGHT = re.compile(r"(?<![\w.])(?<!\w-)0\s+$")  # and not of a name: `worker-0 ran out of memory`
_NUMBERED = worded(r"\b(?:rank|gpu|npu|cuda|device|node|worker|process|pid|id|\w+_rank)s?\s*[:=#]?\s*0\s+$")
# Where a name of what happened stands that is told, and not talked about: first, or behind who tells it.
_HEAD = re.compile(
    r"(?:^\s*|[:\]|})\"'\d]\s*|[=(\[]|\w\.|\*\*\s|!\s|\S\s-\s|[a-z]\.\s"
    r"|\b(?:with|due to|because of|by|was|were|been|encountered|(?i:\w*error)|failed|exception)\s+)$"
)
# What stands behind them: their number, their limit, what deals with them, or a question mark.
_A_NUMBER = r"(?:0|no|none|false|off|\d+(?:\.\d+)?\s*(?:ms|s|sec\w*|min\w*)?)\s*[.)]?\s*$"
_COUNTED = worded(
    rf"^(?:[\w\s]{{0,24}}?(?:[:=]|\bis\b|\bset to\b)|\s)\s*{_A_NUMBER}",
    r"^\W{0,3}(?:\w+\W+){0,2}?(?:handl(?:ers?|ing)|hooks?|guards?|tests?|installed|enabled|disabled|registered)\b",
    r"^ (?:another|other|lower)\b",
    r"^[\w\s]{0,24}?[:=]\s*(?:0|no(?! \w)|none|false)\b(?![.x])|^ (?:by|in|of) 0\b",
    r"^(?:\s*\(\d+\))?,(?:[\d\"']|\s*\w+ \(\d)",
    r"^[^.!;:?]{0,80}\?(?!\w)",
)
_GOES_ON = re.compile(r"\s+[a-z]")
# Lines of another kind than reports of what the program does.
_NO_REPORT = worded(
    r"^\s*(?:hint|tip|usage|example|e\.g\.|question|answer|prompt|todo|known issues?)\b",
    r"^\s*(?:#\s|<\w+>|--[a-z]|(?:import|from)\s)",
    r"^\s*\|.*\|\s*$",
    r"^(?:[\d:.,/ TZ+-]{8,40}\W{0,10}|\W)?(?:INFO|DEBUG|TRACE)\b(?!:torch)",
)
# Quotation marks around words, and no apostrophes, unless they are those of a key that tells what was wrong.
_QUOTED = re.compile(r"""(?<!\w)(["'`]).{0,300}?\1(?!\w)""")
_TOLD_BY = worded(
    r"\b(?:message|msg|err(?:or)?|reason|details?|stderr|exception)\s*[:=]\s*$",
    r"(?:Error|Exception)\(\d+, ?$",
)
# Of a line of JSON all text is quoted: one that is a report has a level, or a key for what was wrong.
_JSON_REPORT = worded(
    r'"(?:level\w*|severity|lvl)"\s*:\s*"(?:error|critical|fatal|err)"',
    r'"(?:exc_info|exception|stack\w*|traceback|error)"\s*:\s*["{\[]',
)
_NOISE = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/=_-]{60,}")
# So much of a line is read around words, in characters, and so often: it may have them over and over.
_FAR_BEFORE, _FAR_BEHIND = 80, 120
_MOST_FOUND = 20


def is_claimed(pattern: re.Pattern[str], text: str) -> bool:
    """Whether the words of the pattern are told as something that happened."""
    return any(_happened(found, text) for found in _found(pattern, text))


def claims_in(text: str, patterns: Iterable[tuple[_Claim, re.Pattern[str]]]) -> tuple[_Claim, ...]:
    """What a program's line says that happened, of what the patterns word, in their order.

    Such a line may also quote what something else has said, and may be no report about the program at all.
    """
    found = [(claim, _told(pattern, text)) for claim, pattern in patterns]
    if not any(told for _, told in found) or not _is_report(text):
        return ()
    quoted = tuple(_quotes(text))
    return tuple(claim for claim, told in found if any(not _is_within(one.start(), quoted) for one in told))


def _is_report(text: str) -> bool:
    """Whether the line is a program's report about itself, and no data, advice or chatter."""
    if text.lstrip().startswith("{"):
        return _JSON_REPORT.search(text) is not None
    return _NO_REPORT.search(text) is None


def _found(pattern: re.Pattern[str], text: str) -> Iterable[re.Match[str]]:
    return islice(pattern.finditer(text), _MOST_FOUND)


def _told(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return [one for one in _found(pattern, text) if _happened(one, text) and _is_told(one, text)]


def _is_within(at: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


def _quotes(text: str) -> Iterator[tuple[int, int]]:
    if text.lstrip().startswith("{"):
        return
    for one in _QUOTED.finditer(text):
        if not _TOLD_BY.search(_before(one, text)):
            yield one.span()
    yield from (one.span() for one in _NOISE.finditer(text))


def _is_told(found: re.Match[str], text: str) -> bool:
    """Whether the words, if they are a name, stand where one is told; an exception's has its message."""
    is_name = found[0][:1].isupper() or found[0].startswith("torch.")
    is_talk = found[0].endswith(("Error", "Exception")) and _GOES_ON.match(text, found.end())
    return not is_talk and (not is_name or _HEAD.search(_before(found, text)) is not None)


def _happened(found: re.Match[str], text: str) -> bool:
    before, after = _before(found, text), text[found.end() : found.end() + _FAR_BEHIND]
    is_none = _NOUGHT.search(before) is not None and _NUMBERED.search(before) is None
    return not (is_none or _UNTOLD.search(before) or _COUNTED.search(after))


def _before(found: re.Match[str], text: str) -> str:
    return text[max(found.start() - _FAR_BEFORE, 0) : found.start()]
