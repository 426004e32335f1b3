"""Why the program in a pod ended: what the service says, its exit code, and its last words.

The exit code says which of the words may be believed: a program that was killed did not die of the exception
that it had caught before, and one that ended by itself was not killed.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.diagnosis.exit_codes import Exit, exit_in
from dlcapply.diagnosis.last_words import (
    failed_child,
    last_words,
    raised_in,
    rest_of_message,
)
from dlcapply.diagnosis.signs import SERVICE_SIGNS
from dlcapply.diagnosis.texts import Statement, sub_status_of
from dlcapply.diagnosis.verdicts import Certainty, Code
from dlcapply.diagnosis.wordings import worded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dlcapply.diagnosis.facts import Pod, Request
    from dlcapply.diagnosis.last_words import Child, Line, Raised

_SIGABRT, _SIGBUS, _SIGKILL, _SIGSEGV, _SIGTERM = 6, 7, 9, 11, 15
_NOT_EXECUTABLE, _NOT_FOUND, _NCCL, _MINUS_ONE = 126, 127, 245, 255
# What a program that ended by itself may have ended of, by its log.
_OF_ITS_OWN = frozenset(
    {
        *(
            Code.GPU_FAULT,
            Code.GPU_OOM,
            Code.SHARED_MEMORY,
            Code.DISK_FULL,
            Code.NCCL_TIMEOUT,
            Code.RENDEZVOUS,
        ),
        *(Code.NCCL_ERROR, Code.OOM, Code.SEGFAULT, Code.KILLED, Code.SIGTERM, Code.ABORTED),
    }
)
_ABORTS = frozenset(
    {
        Code.GPU_FAULT,
        Code.GPU_OOM,
        Code.NCCL_TIMEOUT,
        Code.NCCL_ERROR,
        Code.RENDEZVOUS,
        Code.OOM,
        Code.DISK_FULL,
    }
)
# What NCCL may have failed of: it tells that first, and of what behind it.
_FAILS_NCCL = frozenset({Code.GPU_OOM, Code.GPU_FAULT, Code.SHARED_MEMORY})
_BELIEVED: dict[int, frozenset[Code]] = {
    _SIGKILL: frozenset({Code.OOM}),
    _SIGSEGV: frozenset(),
    _SIGBUS: frozenset({Code.SHARED_MEMORY}),
    _SIGABRT: _ABORTS,
    _SIGTERM: frozenset(),
}
_BY_SIGNAL = {
    _SIGKILL: Code.KILLED,
    _SIGSEGV: Code.SEGFAULT,
    _SIGBUS: Code.SHARED_MEMORY,
    _SIGABRT: Code.ABORTED,
    **dict.fromkeys((_SIGTERM, 1, 2, 3, 10, 12), Code.SIGTERM),  # SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2
}
_SHELL_SIGNS = {_NOT_FOUND: Code.NOT_FOUND, _NOT_EXECUTABLE: Code.NOT_EXECUTABLE}
# With 127, too: the command was found, and could not be loaded.
_LACKS_LIBRARY = worded(r"error while loading shared libraries")
# Endings that may be the doing of another pod that ended before.
FOLLOWING = frozenset({Code.SIGTERM, Code.NCCL_TIMEOUT, Code.NCCL_ERROR, Code.RENDEZVOUS})
_MOST_LINES = 3
TAKEN = frozenset({"Preempted", "Evicted"})
# A pod on a node that is lost is taken away after five minutes (Kubernetes, taint-based eviction).
_AROUND = timedelta(minutes=15)
# Exceptions that a library raises for what happened below Python.
_FROM_BELOW = worded(
    r"CUDA",
    r"cuDNN",
    r"cuBLAS",
    r"NCCL",
    r"DistBackendError",
    r"DataLoader",
    r"collective",
    r"process group",
    r"Connection",
    r"Broken pipe",
    r"\bGPU\b",
)


class Ending(NamedTuple):
    """What a pod's program ended of; `exit` is its code and `raised` its exception, where these are known."""

    code: Code
    lines: tuple[Statement, ...] = ()
    certainty: Certainty = Certainty.LIKELY
    exit: Exit | None = None
    raised: Raised | None = None
    is_aftermath: bool = False

    @property
    def follows(self) -> bool:
        """Whether it may be the doing of another pod."""
        return self.is_aftermath or self.code in FOLLOWING


class Words(NamedTuple):
    """What is said of one pod: by the service, and by its program."""

    service: Sequence[Statement]
    log: Sequence[Statement]


def ending_of(pod: Pod, words: Words, request: Request) -> Ending | None:
    """What the pod's program ended of; None where nothing says that it did."""
    told = _told(words.service)
    last = last_words(words.log)
    is_mpi = request.job_type == "MPIJob"
    service = _at_the_end(pod, words.service)
    if told is None or told[0].signal in {0, _SIGKILL, _SIGTERM}:
        taken = _taken(pod, service, request)
        if taken and (told is None or told[0].signal or pod.sub_status in TAKEN):
            return taken._replace(exit=told[0] if told else None)
    if told is None:
        return _without_code(pod, service, last, is_mpi=is_mpi)
    code, line = told
    if code.code == 0:
        return None
    named = _named(service, Code.OOM, Code.DISK_FULL)
    if named and (code.signal in {0, _SIGKILL} or (code.signal == _SIGTERM and named[0] is Code.DISK_FULL)):
        # Of a program that ended by itself, an exception may tell of something else.
        is_sure = code.signal or raised_in(last) is None
        certainty = Certainty.CERTAIN if is_sure else Certainty.LIKELY
        return Ending(named[0], _joined(named[1], line), certainty, code)
    return _by_code(code, line, last, is_mpi=is_mpi)


def _at_the_end(pod: Pod, statements: Sequence[Statement]) -> list[Statement]:
    """What the service said around the pod's end: trouble of an hour before was got over."""
    end = pod.finished
    return [one for one in statements if end is None or one.at is None or end - one.at <= _AROUND]


def _told(statements: Sequence[Statement]) -> tuple[Exit, Statement] | None:
    """The exit code that the service tells, and where: the last that it tells of the pod."""
    found = ((exit_in(one.bare), one) for one in reversed(statements))
    return next(((code, one) for code, one in found if code is not None), None)


def _taken(pod: Pod, statements: Sequence[Statement], request: Request) -> Ending | None:
    """What took the pod away, if something did."""
    said = {sign.code: one for one in statements for sign in SERVICE_SIGNS if sign.is_told_in(one.bare)}
    shown = sub_status_of(pod) if pod.sub_status in TAKEN else None
    if pod.sub_status == "Preempted" or Code.PREEMPTED in said:
        return Ending(Code.PREEMPTED, _joined(said.get(Code.PREEMPTED), shown), Certainty.CERTAIN)
    if Code.RECLAIMED in said:
        return Ending(Code.RECLAIMED, _joined(said[Code.RECLAIMED], shown), Certainty.CERTAIN)
    if pod.sub_status != "Evicted" and Code.EVICTED not in said:
        return None
    lines = _joined(said.get(Code.EVICTED), shown)
    if of := next((code for code in (Code.OOM, Code.DISK_FULL) if code in said), None):
        return Ending(of, _joined(said[of], *lines), Certainty.CERTAIN)
    if request.is_spot or request.is_idle_resource:
        code = Code.RECLAIMED if request.is_spot else Code.PREEMPTED
        return Ending(code, lines, Certainty.LIKELY)
    return Ending(Code.EVICTED, lines, Certainty.CERTAIN)


def _named(statements: Sequence[Statement], *codes: Code) -> tuple[Code, Statement] | None:
    signs = [sign for sign in SERVICE_SIGNS if sign.code in codes]
    return next(
        ((sign.code, one) for one in reversed(statements) for sign in signs if sign.is_told_in(one.bare)),
        None,
    )


def _by_code(code: Exit, line: Statement, last: Sequence[Line], *, is_mpi: bool) -> Ending:
    if code.code == _NOT_FOUND and (lacking := _first(last, _LACKS_LIBRARY)):
        return Ending(Code.ERROR, _joined(line, lacking), Certainty.LIKELY, code)
    if code.code in _SHELL_SIGNS:
        sign = _SHELL_SIGNS[code.code]
        return Ending(sign, _joined(line, _log_line(last, {sign})), Certainty.CERTAIN, code)
    if code.signal:
        return _by_signal(code, line, last)
    if code.code == _NCCL:
        return _nccl(code, line, last)
    if is_mpi or code.code == _MINUS_ONE:
        before = _before_its_own(last)
        said = _log_line(before, {Code.MPI_SSH})
        if said or (is_mpi and code.code == _MINUS_ONE and before is last):
            certainty = Certainty.CERTAIN if said and code.code == _MINUS_ONE else Certainty.LIKELY
            return Ending(Code.MPI_SSH, _joined(line, said), certainty, code)
    return _of_its_own(code, line, last)


def _before_its_own(last: Sequence[Line]) -> Sequence[Line]:
    """The lines before the exception of a rank: mpirun loses daemons of what has failed, too."""
    raised = raised_in(last)
    return last if raised is None or raised.is_launchers else last[: raised.start]


def _by_signal(code: Exit, line: Statement, last: Sequence[Line]) -> Ending:
    believed = _log_sign(last, _BELIEVED.get(code.signal, frozenset()))
    if believed:
        return Ending(believed[0], _joined(line, believed[1]), Certainty.LIKELY, code, raised_in(last))
    kind = _BY_SIGNAL.get(code.signal, Code.ABORTED)
    said = _log_line(last, {kind})
    certainty = Certainty.CERTAIN if kind is Code.SEGFAULT else Certainty.LIKELY
    return Ending(kind, _joined(line, said), certainty, code)


def _nccl(code: Exit, line: Statement, last: Sequence[Line]) -> Ending:
    """PAI's table calls 245 an NCCL time-out; 256 - 11 is a segmentation fault of a child process, too."""
    if said := _log_line(last, {Code.NCCL_TIMEOUT, Code.NCCL_ERROR}):
        return Ending(Code.NCCL_TIMEOUT, _joined(line, said), Certainty.CERTAIN, code)
    if said := _log_line(last, {Code.SEGFAULT}):
        return Ending(Code.SEGFAULT, _joined(line, said), Certainty.LIKELY, code)
    return Ending(Code.NCCL_TIMEOUT, _joined(line), Certainty.LIKELY, code)


def _of_its_own(code: Exit | None, line: Statement | None, last: Sequence[Line]) -> Ending:
    """The program ended by itself: its last words tell of what, or nothing does."""
    raised = raised_in(last)
    child = failed_child(last)
    if child and child.exit.signal and (ended := _of_child(child, code, line, last, raised)):
        return ended
    lines = _about_the_end(last, raised)
    if found := _log_sign(lines, _OF_ITS_OWN):
        if found[0] is Code.NCCL_ERROR:
            found = _log_sign(lines, _FAILS_NCCL) or found
        elif found[0] is Code.ABORTED:
            found = _log_sign(lines, _ABORTS) or found
        is_sure = found[0] not in {Code.KILLED, Code.SIGTERM}
        certainty = Certainty.LIKELY if is_sure else Certainty.UNKNOWN
        return Ending(found[0], _joined(line, found[1]), certainty, code, raised)
    if raised is None:
        return Ending(Code.ERROR, _joined(line, *_tail(last)), Certainty.LIKELY, code)
    said = _joined(line, raised.line.statement)
    certainty = Certainty.CERTAIN if raised.is_traced else Certainty.LIKELY
    return Ending(Code.ERROR, said, certainty, code, raised, raised.is_aftermath)


def _of_child(
    child: Child, code: Exit | None, line: Statement | None, last: Sequence[Line], raised: Raised | None
) -> Ending | None:
    """A signal ended the process that failed first: exceptions in the same log are those of others.

    Unless the signal may be the doing of one of them: who waits for one that has failed is aborted, too.
    """
    ended = _by_signal(child.exit, child.line.statement, last)
    is_own = raised is not None and not raised.is_launchers and not raised.is_aftermath
    if ended.follows and is_own:
        return None
    is_sure = ended.code not in {Code.KILLED, Code.SIGTERM}
    certainty = Certainty.LIKELY if is_sure else Certainty.UNKNOWN
    return Ending(ended.code, _joined(line, *ended.lines), certainty, code, raised)


def _about_the_end(last: Sequence[Line], raised: Raised | None) -> Sequence[Line]:
    """The lines whose signs may tell of what ended the program.

    Where an exception did, those are its own, and those before it only if it may come from what they tell.
    """
    if raised is None or raised.is_launchers:
        return last
    start = 0 if _FROM_BELOW.search(raised.text) else raised.start
    return [*last[start : raised.end + 1], *rest_of_message(last, raised)]


def _without_code(
    pod: Pod, service: Sequence[Statement], last: Sequence[Line], *, is_mpi: bool
) -> Ending | None:
    """What the words alone say of a pod that failed, with an exit code that nobody tells."""
    if named := _named(service, Code.OOM, Code.DISK_FULL):
        return Ending(named[0], (named[1],), Certainty.CERTAIN)
    if not pod.has_failed:
        return None
    if is_mpi and (said := _log_line(last, {Code.MPI_SSH})):
        return Ending(Code.MPI_SSH, (said,), Certainty.LIKELY)
    ending = _of_its_own(None, None, last)
    is_known = ending.code is not Code.ERROR or ending.raised is not None
    return ending._replace(certainty=Certainty.LIKELY) if is_known else None


def _log_sign(last: Sequence[Line], believed: Iterable[Code]) -> tuple[Code, Statement] | None:
    """The first of the lines that is a sign of one of these: a reason comes before what follows of it."""
    wanted = set(believed)
    return next(
        (
            (code, line.statement)
            for line in last
            for code in line.signs
            if code in wanted and not line.is_got_over
        ),
        None,
    )


def _first(last: Sequence[Line], pattern: re.Pattern[str]) -> Statement | None:
    return next((line.statement for line in last if pattern.search(line.text)), None)


def _log_line(last: Sequence[Line], codes: Iterable[Code]) -> Statement | None:
    found = _log_sign(last, codes)
    return found[1] if found else None


_EMPTY = re.compile(r"[\s\W]*")


def _tail(last: Sequence[Line]) -> list[Statement]:
    return [line.statement for line in last if not _EMPTY.fullmatch(line.text)][-_MOST_LINES:]


def _joined(*lines: Statement | None) -> tuple[Statement, ...]:
    return tuple(dict.fromkeys(one for one in lines if one is not None))
