"""Starts commands as processes of their own: what all of them import is imported once, here.

Reads a line of JSON for each from the socket that it is given: the words, the folder and the environment.
With it come the descriptors that become the standard ones, and one that is told the process id and the exit
code.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path

from dlcapply.api.clock import SystemClock
from dlcapply.cli.main import main, run
from dlcapply.cli.shell import Shell
from tests.cli.conftest import EMBEDDED, JOB
from tests.cli.process import HastyClock

_MOST = 1 << 20  # bytes of a request
_CLOCKS = {True: HastyClock, False: SystemClock}


def import_everything():
    """A plan and an apply of a project of its own import all that those of others will need."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("jobs").mkdir()
        Path("dlcapply.yaml").write_text(EMBEDDED, encoding="utf-8")
        for command in ("python train.py", "python other.py"):
            Path("jobs/a.yaml").write_text(JOB.replace("python train.py", command), encoding="utf-8")
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                main(["plan", "--out", "plan.json"], shell=Shell({}, HastyClock()))
                main(["apply", "--yes", "-o", "json"], shell=Shell({}, HastyClock()))
        os.chdir("/")
    gc.collect()
    gc.freeze()  # so that no child copies what it only looks through


def serve(channel):
    """Returns, or exits, in a process that was asked for; in this one at the end of the requests."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, _MOST, 4)
        while message and not message.endswith(b"\n"):
            message += channel.recv(_MOST)
        if not message:
            return
        if not os.fork():
            channel.close()
            _watch(json.loads(message), descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)


def _watch(request, descriptors):
    """The process that is asked for is a child of this one, which tells how it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *standard, told = descriptors
    pid = os.fork()
    if not pid:
        os.close(told)
        _become(request, standard)
        return
    for descriptor in (0, *standard):
        os.close(descriptor)
    os.write(told, f"{pid}\n".encode())
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(told, f"{code}\n".encode())
    os._exit(0)


def _become(request, standard):
    """The process is the command, with streams as an interpreter opens them when it starts."""
    for number, descriptor in enumerate(standard):
        os.dup2(descriptor, number)
        os.close(descriptor)
    for number in request["closed"]:
        os.close(number)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environ"])
    sys.stdin, sys.stdout, sys.stderr = (_stream(*each) for each in enumerate("rww"))
    sys.argv = ["dlcapply", *request["words"]]
    run(_CLOCKS[request["hasty"]]())


def _stream(number, mode):
    try:
        os.fstat(number)
    except OSError:
        return None
    errors = "backslashreplace" if number == 2 else "strict"
    return open(number, mode, encoding="utf-8", errors=errors, closefd=False)


if __name__ == "__main__":
    import_everything()
    serve(socket.socket(fileno=int(sys.argv[1])))
