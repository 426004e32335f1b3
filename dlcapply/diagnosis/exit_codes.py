"""Exit codes: where texts name one, and what each means.

The meanings are those of Alibaba's own diagnosis of failed jobs, and of POSIX shells: 128 + N is signal N.
A process that a Python launcher ends with -N shows 256 - N.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SIGNALS = {
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    4: "SIGILL: an instruction that this processor does not have",
    6: "SIGABRT, by itself",
    7: "SIGBUS: memory that is not there, often too little shared memory",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV: a segmentation fault",
    10: "SIGUSR1, which the program did not expect",
    12: "SIGUSR2, which the program did not expect",
    15: "SIGTERM",
}
_MEANINGS = {
    1: "the program failed with an error of its own",
    2: "wrong usage of the shell or of the program",
    126: "the command can't be executed",
    127: "the command was not found",
    245: "an NCCL operation timed out",
    255: "ssh failed (MPI), or the program ended with -1",
}
_SHELL, _BYTE = 128, 256
# What launchers hand on of a child that a signal ended; of 245 and 255 PAI has meanings of its own.
_OF_CHILDREN = frozenset({6, 7, 9, 15})
_HIGHEST_SIGNAL = 31

_NUMBER = r"(?P<code>-?\d{1,3})(?!\d|\.\d|%)"
_PATTERNS = (
    # exited with code 137, exit status 1, "exitCode":137, Exit Code:    137, exitcode  : -9 (pid: 7)
    re.compile(
        r"exit(?:ed|s)?[\s_-]*(?:with[\s]+)?(?:an?[\s]+)?(?:non-?zero[\s]+)?(?:exit[\s]+)?(?:code|status)"
        rf"[\"']?(?:[\s]+(?:is|of|was|was:))?[\s]*[:=\uff1a]?[\s]*\(?[\"']?{_NUMBER}",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:returned|with)[\s]+(?:an?[\s]+)?non-?zero[\s]+(?:exit[\s]+)?(?:code|status)[\s]*[:=]?[\s]*"
        rf"{_NUMBER}",
        re.IGNORECASE,
    ),
    re.compile(rf"\bexited[\s]+(?:with[\s]+)?\(?{_NUMBER}", re.IGNORECASE),
    re.compile(
        rf"(?:killed|terminated|died|ended) (?:by|with|on) signal[\s:]+(?P<signal>{_NUMBER})",
        re.IGNORECASE,
    ),
    re.compile(rf"退出(?:状态)?码[\s]*(?:为|是|[:=\uff1a])?[\s]*{_NUMBER}"),
)
# Codes of other programs than the pod's own: mount helpers, probes, and what runs before and after it.
_OTHERS = re.compile(
    r"\bmount(?:ing|volume|ed)?\b|probe|\bpull|poststart|prestop|hook|umount|ossfs|init container",
    re.IGNORECASE,
)


class Exit(NamedTuple):
    """An exit code as a text names it: negative where a launcher tells of the signal that ended a process."""

    code: int

    @property
    def signal(self) -> int:
        """The signal that ended the program; 0 where none did, so far as the code tells."""
        if self.code < 0:
            return -self.code
        found = self.code - _SHELL
        if 0 < found <= _HIGHEST_SIGNAL:
            return found
        return _BYTE - self.code if _BYTE - self.code in _OF_CHILDREN else 0

    @property
    def signal_name(self) -> str:
        return _SIGNALS.get(self.signal, "").partition(":")[0]

    @property
    def meaning(self) -> str:
        """What the code means; empty where it is the program's own."""
        if self.code in _MEANINGS:
            return _MEANINGS[self.code]
        if name := _SIGNALS.get(self.signal):
            return f"ended by {name}"
        return f"ended by signal {self.signal}" if self.signal else ""


def _exit(match: re.Match[str]) -> Exit:
    number = int(match["code"])
    return Exit(_SHELL + number if match.groupdict().get("signal") else number)


def exit_in(text: str) -> Exit | None:
    """The exit code of a pod's program that the text names last."""
    if _OTHERS.search(text):
        return None
    found = [_exit(match) for pattern in _PATTERNS for match in pattern.finditer(text)]
    codes = [one for one in found if -_HIGHEST_SIGNAL <= one.code < _BYTE]
    return codes[0] if codes else None
