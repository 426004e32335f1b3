"""How near `dlcapply apply` comes to the requests that a service allows, and what a second apply sends.

The emulator and dlcapply are processes of their own. A pace is the requests a second that went through, not
throttled. It is counted from the first write to the last: the requests by the log of the emulator, the time
by the journal of dlcapply. Beside it is that of the whole command, with its start, plan and last looks. The
emulator lets a second's worth be saved up, so that a short apply may be above what is allowed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stand import emulator, write_project

if TYPE_CHECKING:
    from stand import Ended, Service

BAR = 0.9
_THROTTLED = 429
_SCENARIO = """\
apiVersion: dlcapply/v1
kind: Scenario
switches: {{checkReferences: false, requestsPerSecond: {rate}}}
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one apply did at an allowed rate, and the one after it. Paces are requests a second."""

    pace: float
    whole_pace: float
    seconds: float
    throttled: int
    created: int
    runs: int
    jobs: int
    second_reads: int
    second_writes: int


def main() -> None:
    asked = _arguments()
    print(
        f"apply, {asked.creates} creates (bar: {BAR:.0%} of what is allowed; a second apply writes nothing)\n"
    )
    print(f"{'allowed':>7}{'while it writes':>20}{'whole':>8}{'seconds':>9}{'throttled':>11}", end="")
    print(f"{'created':>9}{'runs':>6}{'jobs':>6}{'second: reads':>15}{'writes':>8}")
    for rate in asked.rates:
        rounds = [_measured(rate, creates=asked.creates) for _ in range(asked.rounds)]
        _print(rate, sorted(rounds, key=lambda figures: figures.pace)[len(rounds) // 2])
        paces = [figures.pace / rate for figures in rounds]
        print(f"{'':>7} shares: {min(paces):.0%} to {max(paces):.0%}, median {statistics.median(paces):.0%}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=float, nargs="+", default=[10, 20, 40, 80], help="requests a second")
    parser.add_argument("--creates", type=int, default=200, help="manifests to create (default: 200)")
    parser.add_argument("--rounds", type=int, default=3, help="applies of each rate (default: 3)")
    return parser.parse_args()


def _measured(rate: float, *, creates: int) -> Figures:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder, jobs=creates)
        scenario = folder / "scenario.yaml"
        scenario.write_text(_SCENARIO.format(rate=rate), encoding="utf-8")
        with emulator(folder, "--scenario", str(scenario)) as service:
            ended = service.dlcapply("apply", "--yes")
            requests = service.fresh()
            service.dlcapply("apply", "--yes")
            return _figures(service, ended, requests, second=service.fresh())


def _figures(
    service: Service, ended: Ended, requests: list[dict[str, Any]], second: list[dict[str, Any]]
) -> Figures:
    names = [job["DisplayName"] for job in _jobs(service)]
    return Figures(
        pace=_through(_writing(requests)) / _seconds_of_writing(service.folder),
        whole_pace=_through(requests) / ended.seconds,
        seconds=ended.seconds,
        throttled=sum(request["status"] == _THROTTLED for request in requests),
        created=json.loads(ended.printed)["summary"]["created"],
        runs=len(names),
        jobs=len(set(names)),
        second_reads=sum(request["method"] == "GET" for request in second),
        second_writes=sum(request["method"] != "GET" for request in second),
    )


def _through(requests: list[dict[str, Any]]) -> int:
    return sum(request["status"] != _THROTTLED for request in requests)


def _writing(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The requests from the first write to the last."""
    writes = [number for number, request in enumerate(requests) if request["method"] != "GET"]
    return requests[writes[0] : writes[-1] + 1]


def _seconds_of_writing(folder: Path) -> float:
    lines = (folder / ".dlcapply" / "journal.ndjson").read_text(encoding="utf-8").splitlines()
    times = [datetime.fromisoformat(json.loads(line)["time"]) for line in lines if line]
    return (max(times) - min(times)).total_seconds()


def _jobs(service: Service) -> list[dict[str, Any]]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{service.address}/_emulator/jobs") as answer:
        jobs: list[dict[str, Any]] = json.load(answer)["jobs"]
    return jobs


def _print(rate: float, figures: Figures) -> None:
    pace = f"{figures.pace:.1f} = {figures.pace / rate:.0%}"
    print(
        f"{rate:>7g}{pace:>20}{figures.whole_pace:>8.1f}{figures.seconds:>9.1f}{figures.throttled:>11}",
        end="",
    )
    print(f"{figures.created:>9}{figures.runs:>6}{figures.jobs:>6}", end="")
    print(f"{figures.second_reads:>15}{figures.second_writes:>8}", flush=True)


if __name__ == "__main__":
    main()
