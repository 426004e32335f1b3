"""A signal reaches the processes that run when it comes, and they do with it what they do."""

import json
import urllib.request
from datetime import UTC, datetime

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches
from tests.emulator.conftest import COLLEAGUE, Caller

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
RULES = Lifecycle(running=100, checkpoint=20)


@pytest.fixture
def running():
    """A job with a Master and two Workers that has run for ten seconds."""
    with Emulator(clock=Clock.still(START), lifecycle=RULES) as emulator:
        (job_id,) = emulator.seed({"JobSpecs": [{"PodCount": 3}]})
        emulator.turn(13)
        yield emulator, Caller(emulator), job_id
        assert emulator.errors == ()


def send(call, job_id, signal="SIGUSR1", **target):
    target = target or {"Scope": "roles", "Roles": ["Worker"]}
    return call("POST", f"/jobs/{job_id}/signals", {"Signal": signal, "Target": target})


def read(call, job_id, sent):
    return call("GET", f"/jobs/{job_id}/signals/{sent['SignalId']}")


def log(call, job_id, pod):
    lines = call("GET", f"/jobs/{job_id}/pods/{job_id}-{pod}/logs")["Logs"]
    return [line[11:] for line in lines if "SIGUSR1" in line or "checkpoint" in line]


def test_a_signal_makes_the_pods_of_its_target_write_a_checkpoint(running):
    emulator, call, job_id = running
    sent = send(call, job_id)
    assert (sent["Status"], sent["Signal"], emulator.signals()) == ("Pending", "SIGUSR1", ())
    workers = [f"{job_id}-worker-{rank}" for rank in range(2)]
    assert read(call, job_id, sent)["Message"] == f"succeeded: 0/2; pending: {', '.join(workers)}"

    emulator.turn(2)
    told = read(call, job_id, sent)
    assert (told["Status"], told["Reason"], told["PodNames"]) == ("Succeeded", "Completed", workers)
    assert (told["GmtCreated"], told["GmtModified"]) == ("2026-01-05T08:00:13Z", "2026-01-05T08:00:14Z")
    assert [(one["PodId"], one["Signal"]) for one in emulator.signals()] == [
        (pod, "SIGUSR1") for pod in workers
    ]
    with urllib.request.urlopen(f"http://{emulator.endpoint}/_emulator/signals") as answer:
        assert json.load(answer)["signals"] == list(emulator.signals())

    assert log(call, job_id, "worker-1") == ["08:00:14  INFO caught SIGUSR1, writing a checkpoint"]
    emulator.turn(20)
    assert log(call, job_id, "worker-1")[1].startswith("08:00:34  INFO checkpoint saved: ")
    assert log(call, job_id, "master-0") == []


def test_signals_are_listed_the_newest_first(running):
    emulator, call, job_id = running
    first = send(call, job_id)
    emulator.turn(5)
    second = send(call, job_id, Scope="pods", PodNames=[f"{job_id}-master-0"])
    path = f"/jobs/{job_id}/signals"

    def ids(**query):
        return [one["SignalId"] for one in call("GET", path, **query)["Signals"]]

    newest_first = [second["SignalId"], first["SignalId"]]
    assert ids() == newest_first
    assert ids(Order="asc") == newest_first[::-1]
    assert ids(Status="Pending") == ids(PageSize=1) == newest_first[:1]
    assert call("GET", path, PageSize=1)["TotalCount"] == 2


@pytest.mark.parametrize(
    ("signal", "target"),
    [
        ("SIGNOTHING", {"Scope": "roles", "Roles": ["Worker"]}),
        (None, {"Scope": "roles", "Roles": ["Worker"]}),
        ("SIGUSR1", {"Scope": "job"}),
        ("SIGUSR1", {"Scope": ["roles"], "Roles": ["Worker"]}),
        ("SIGUSR1", {"Scope": "roles"}),
        ("SIGUSR1", {"Scope": "roles", "Roles": ["Judge"]}),
        ("SIGUSR1", {"Scope": "pods", "PodNames": []}),
        ("SIGUSR1", {"Scope": "pods", "PodNames": ["other-worker-0"]}),
        ("SIGUSR1", {"Scope": "pods", "PodNames": "all"}),
    ],
)
def test_a_signal_to_nobody_is_refused(running, refusal, signal, target):
    _, call, job_id = running
    with pytest.raises(ClientException) as error:
        send(call, job_id, signal, **target)
    assert refusal(error) == (400, "InvalidParameter")


def test_only_a_running_job_of_one_s_own_takes_signals(running, refusal):
    emulator, call, job_id = running
    emulator.change(job_id, Accessibility="PUBLIC")
    with pytest.raises(ClientException) as error:
        send(Caller(emulator, COLLEAGUE), job_id)
    assert refusal(error) == (403, "NoPermission")
    with pytest.raises(ClientException) as error:
        call("GET", f"/jobs/{job_id}/signals/none")
    assert refusal(error) == (404, "NotFound")

    emulator.turn(100)
    with pytest.raises(ClientException) as error:
        send(call, job_id)
    assert refusal(error) == (400, "BadRequest")
    assert emulator.signals() == ()


def test_a_signal_may_come_too_late(running):
    emulator, call, job_id = running
    emulator.configure(
        switches=Switches(signal_delay=30, signal_scopes=("job",), signal_statuses=tuple("PSFX"))
    )
    sent = send(call, job_id, Scope="job")
    call("POST", f"/jobs/{job_id}/stop")
    emulator.turn(60)
    told = read(call, job_id, sent)

    assert (told["Status"], told["Reason"], len(told["PodNames"])) == ("X", "StoppedByJobEnded", 3)
    assert emulator.signals() == ()


def test_a_signal_does_not_find_a_life_that_is_over():
    restart = "--enable-job-restart=True --max-num-of-job-restart=1"
    settings = {"EnableErrorMonitoringInAIMaster": True, "ErrorMonitoringArgs": restart}
    rules, switches = Lifecycle(running=20, cause="error"), Switches(signal_delay=15)
    with Emulator(clock=Clock.still(START), lifecycle=rules, switches=switches) as emulator:
        (job_id,) = emulator.seed({"Settings": settings})
        emulator.turn(13)
        sent = send(Caller(emulator), job_id, Scope="pods", PodNames=[f"{job_id}-master-0"])
        emulator.turn(17)
        told = read(Caller(emulator), job_id, sent)

    assert (told["Status"], told["Reason"]) == ("Failed", "SignalFailed")


@pytest.mark.parametrize(
    ("signal", "rules", "status", "reason"),
    [
        ("SIGUSR1", Lifecycle(running=100, on_signal="ignore"), "Running", ""),
        ("SIGUSR1", Lifecycle(running=100, on_signal="end"), "Failed", "Container exited with code 138."),
        ("SIGTERM", RULES, "Failed", "Container exited with code 143."),
    ],
)
def test_a_process_may_ignore_a_signal_or_die_of_it(running, signal, rules, status, reason):
    emulator, call, job_id = running
    emulator.configure(lifecycle=rules)
    send(call, job_id, signal)
    emulator.turn(30)
    job = call.get(job_id)

    assert (job["Status"], job["ReasonMessage"]) == (status, reason)
    assert log(call, job_id, "worker-0") == []
    assert len(emulator.signals()) == 2
    assert job["Duration"] == (40 if status == "Running" else 11)
