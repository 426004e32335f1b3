"""Commands as processes of their own, which can be killed; what all of them import is imported once.

Reads a line of JSON for each (`args`, `folder`, `environ`, `out`, `err`, `clock`), forks, and writes the
process id, then the exit code. Their time is the emulator's at `clock`: to sleep is to turn it.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
from datetime import UTC, datetime

import github  # noqa: F401

import dlcapply.api.review.approved_plans
import dlcapply.api.review.github  # noqa: F401
from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.cli.streams import tell_without_failing
from tests.cli.launcher import import_everything


class RemoteClock:
    """The clock of an emulator, which nobody else turns meanwhile; nobody sleeps once `wake` was called."""

    def __init__(self, address):
        self._address = address
        self._is_awake = False
        self._now = self._turned(0.0)

    def now(self):
        return datetime.fromtimestamp(self._now, UTC)

    def monotonic(self):
        return self._now

    def sleep(self, seconds):
        if not self._is_awake:
            self._turned(seconds)
            self._now += seconds

    def wake(self):
        self._is_awake = True

    def _turned(self, seconds):
        connection = http.client.HTTPConnection(self._address, timeout=60)
        body = json.dumps({"turn": seconds})
        connection.request("POST", "/_emulator/clock", body, {"Content-Type": "application/json"})
        told = json.loads(connection.getresponse().read())
        connection.close()
        return datetime.fromisoformat(told["now"]).timestamp()


def run(request):
    """The process is the command."""
    os.chdir(request["folder"])
    os.environ.update(request["environ"])
    for number, name, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, request["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, request["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        os.dup2(os.open(name, flags, 0o600), number)
    tell_without_failing(os.environ)
    clock = RemoteClock(request["clock"])
    return main(request["args"], shell=Shell(os.environ, clock, clock.wake))


def serve():
    import_everything()
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            code = 70
            try:
                code = run(json.loads(line))
            finally:
                sys.stdout.flush()
                os._exit(code)
        _tell(pid)
        _tell(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _tell(number):
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve()
