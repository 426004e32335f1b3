"""Commands as processes of their own: signals, descriptors and terminals are real, and a start costs little.

They are children of one launcher, not of the test: no interpreter starts for each. What is about the start of
an interpreter (`python -m dlcapply`, locales, a closed stream) is tried with subprocess.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

PATIENCE = 120  # seconds, after which a test has failed
PIPE = subprocess.PIPE
CLOSED = object()  # for a standard stream


class Started:
    """A command that runs, as subprocess.Popen shows it; one that is hasty sleeps no time away."""

    def __init__(self, *words, stdin=None, stdout=PIPE, stderr=PIPE, environ=None, hasty=True):
        given = {0: stdin, 1: stdout, 2: stderr}
        with ExitStack() as ours:
            streams, descriptors = {}, []
            for number, target in given.items():
                theirs, streams[number] = _opened(target)
                ours.callback(os.close, theirs)
                descriptors.append(theirs)
            self._told, telling = os.pipe()
            ours.callback(os.close, telling)
            request = {
                "words": words,
                "folder": os.getcwd(),  # noqa: PTH109
                "environ": dict(os.environ if environ is None else environ),
                "closed": [number for number, target in given.items() if target is CLOSED],
                "hasty": hasty,
            }
            socket.send_fds(_launcher(), [f"{json.dumps(request)}\n".encode()], [*descriptors, telling])
        self.stdout, self.stderr = streams[1], streams[2]
        self.returncode = None
        self.pid = int(self._line(PATIENCE))

    def _line(self, seconds):
        if not select.select([self._told], [], [], seconds)[0]:
            return b""
        line = b""
        while not line.endswith(b"\n"):
            piece = os.read(self._told, 1)
            assert piece, "the launcher has ended"
            line += piece
        return line

    def poll(self):
        if self.returncode is None and (line := self._line(0)):
            self.returncode = int(line)
        return self.returncode

    def wait(self, timeout=PATIENCE):
        if self.returncode is None:
            line = self._line(timeout)
            assert line, "it has not ended"
            self.returncode = int(line)
        return self.returncode

    def communicate(self):
        """What it wrote to its pipes from now on, once it has ended."""
        written = {stream: bytearray() for stream in (self.stdout, self.stderr) if stream}
        reading = set(written)
        while reading:
            ready = select.select(list(reading), [], [], PATIENCE)[0]
            assert ready, "it says nothing"
            for stream in ready:
                piece = os.read(stream.fileno(), 65536)
                written[stream] += piece
                if not piece:
                    reading.remove(stream)
        self.wait()
        self.close()
        return tuple(bytes(written[stream]) if stream else b"" for stream in (self.stdout, self.stderr))

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def close(self):
        for stream in (self.stdout, self.stderr):
            if stream:
                stream.close()
        if self._told is not None:
            os.close(self._told)
            self._told = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with suppress(AssertionError):
            self.wait()
        self.close()


def ended(*words, **options):
    """The command once it has ended, with what it wrote."""
    process = Started(*words, **options)
    out, err = process.communicate()
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def _opened(target):
    """A descriptor for the process, and a stream for the test where it is a pipe."""
    if target is PIPE:
        reader, writer = os.pipe()
        return writer, os.fdopen(reader, "rb", buffering=0)
    if target in {None, CLOSED}:
        return os.open(os.devnull, os.O_RDWR), None
    return os.dup(target), None


@cache
def _launcher():
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.launcher", str(theirs.fileno())],
            cwd=Path(__file__).parents[2],
            pass_fds=[theirs.fileno()],
        )
    atexit.register(_end, process, ours)
    return ours


def _end(process, channel):
    channel.close()
    process.wait()
