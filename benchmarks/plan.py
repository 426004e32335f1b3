"""How many calls `dlcapply plan` makes in a large workspace, and how much it works beside waiting for them.

The emulator, dlcapply, and a script that fetches the same pages with the plain SDK are separate processes.
Work is processor time. Local work is what the plan needs of it beyond the script, which also starts, imports
the SDK, signs and reads. It is held against the time on the clock that the script spends on fetching.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from stand import WORKSPACE, emulator, run, write_project

from dlcapply.emulator import Clock, Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from stand import Service

BAR = 0.25
_SDK = f"""\
import sys, time
from alibabacloud_pai_dlc20201203.client import Client
from alibabacloud_pai_dlc20201203.models import ListJobsRequest
from alibabacloud_tea_openapi.models import Config
from dlcapply.emulator import KEY_ID, SECRET

keys = dict(access_key_id=KEY_ID, access_key_secret=SECRET)
client = Client(Config(**keys, endpoint=sys.argv[1], protocol="http"))
start = time.perf_counter()
for number in range(1, int(sys.argv[2]) + 1):
    client.list_jobs(ListJobsRequest(
        workspace_id="{WORKSPACE}", show_own=False, page_size=100, page_number=number,
        start_time="2000-01-01T00:00:00Z", sort_by="GmtCreateTime", order="asc",
    ))
print(time.perf_counter() - start)
"""


def main() -> None:
    asked = _arguments()
    _many_manifests(asked.rounds)
    _many_jobs()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="plans, and fetches with the SDK (default: 5)")
    return parser.parse_args()


def _many_manifests(rounds: int) -> None:
    manifests, live = 500, 10_000
    with tempfile.TemporaryDirectory() as name, _served(Path(name), manifests, live - manifests) as service:
        service.dlcapply("apply", "--yes", "--parallelism", "16")
        calls = _calls_of_a_plan(service)
        _print_calls(manifests, live, calls, bar=110)
        rounds_taken = [_round(service, calls["ListJobs"]) for _ in range(rounds)]
    plan, script, fetching = (statistics.median(seconds) for seconds in zip(*rounds_taken, strict=True))
    print(f"{'':4}plan: {plan:.2f} s of work; script: {script:.2f} s of work, {fetching:.2f} s of fetching")
    print(f"{'':4}local work: {(plan - script) / fetching:.2f} of the fetching (bar: {BAR})", end="")
    print(f"; all work of the plan: {plan / fetching:.2f}", flush=True)


def _round(service: Service, pages: int) -> tuple[float, float, float]:
    """Processor time of a plan and of the script, and the script's time on the clock while it fetched."""
    plan = service.dlcapply("plan")
    script = service.folder / "fetch.py"
    script.write_text(_SDK, encoding="utf-8")
    fetched = run(str(script), service.address, str(pages), folder=service.folder)
    return plan.cpu_seconds, fetched.cpu_seconds, float(fetched.printed)


def _many_jobs() -> None:
    manifests, live = 10, 100_000
    with tempfile.TemporaryDirectory() as name, _served(Path(name), manifests, live - manifests) as service:
        service.dlcapply("apply", "--yes")
        _print_calls(manifests, live, _calls_of_a_plan(service), bar=25)


def _served(folder: Path, manifests: int, others: int) -> AbstractContextManager[Service]:
    """A service with jobs of others in it, and a project with so many manifests."""
    write_project(folder, jobs=manifests)
    state = folder / "state.db"
    with Emulator(state, clock=Clock.real()) as service:
        service.seed(*_ended_jobs(others))
    return emulator(folder, "--state", str(state))


def _ended_jobs(count: int) -> Iterator[dict[str, object]]:
    """Jobs that ended long ago, a minute apart."""
    for number in range(count):
        days, minute = divmod(number, 1440)
        month, day = divmod(days, 28)
        yield {
            "DisplayName": f"other-{number:06}",
            "WorkspaceId": WORKSPACE,
            "JobType": "PyTorchJob",
            "UserCommand": "python train.py",
            "JobSpecs": [{"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.g6.large", "Image": "train:1"}],
            "Status": "Succeeded",
            "GmtCreateTime": f"2025-{month + 1:02}-{day + 1:02}T{minute // 60:02}:{minute % 60:02}:00Z",
        }


def _calls_of_a_plan(service: Service) -> Counter[str]:
    service.fresh()
    service.dlcapply("plan")
    return Counter(request["operation"] for request in service.fresh())


def _print_calls(manifests: int, live: int, calls: Counter[str], *, bar: int) -> None:
    counted = ", ".join(f"{count} {operation}" for operation, count in calls.most_common())
    print(
        f"plan, {manifests} manifests, {live} live jobs: {calls.total()} calls (bar: {bar}): {counted}",
        flush=True,
    )


if __name__ == "__main__":
    main()
