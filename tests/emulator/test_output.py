"""Events and logs follow the running time."""

import re
from datetime import UTC, datetime

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import Clock, Emulator, Lifecycle
from dlcapply.emulator.clock import wire_time

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def logs(call, job_id, pod="master-0", **query):
    return call("GET", f"/jobs/{job_id}/pods/{job_id}-{pod}/logs", **query)["Logs"]


def events(call, job_id, **query):
    return call("GET", f"/jobs/{job_id}/events", **query)["Events"]


@pytest.fixture
def slow():
    with Emulator(clock=Clock.still(START), lifecycle=Lifecycle(running=100_000)) as emulator:
        yield emulator


def test_a_waiting_job_has_no_logs(call, a_body):
    assert logs(call, call.create(**a_body())) == []


def test_losses_fall_line_by_line(slow, connect, a_body):
    call = connect(slow)
    job_id = call.create(**a_body())
    slow.turn(3 + 20)
    lines = logs(call, job_id)
    losses = [float(line.rsplit(" ", 1)[1]) for line in lines[1:]]

    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  Started: python train.py", lines[0])
    assert len(losses) == 20
    assert losses == sorted(losses, reverse=True)
    assert logs(call, job_id, "worker-0") == lines


def test_the_newest_lines_are_given(slow, connect, a_body):
    call = connect(slow)
    job_id = call.create(**a_body())
    slow.turn(90_000)

    assert [line.split("  ")[1][:12] for line in logs(call, job_id, MaxLines=2)] == [
        "epoch 89996 ",
        "epoch 89997 ",
    ]
    assert len(logs(call, job_id)) == 2000


def test_logs_of_a_window(slow, connect, a_body):
    call = connect(slow)
    job_id = call.create(**a_body())
    start = slow.now()
    slow.turn(100)
    window = {"StartTime": wire_time(start + 10), "EndTime": wire_time(start + 13)}

    assert [line.split()[3] for line in logs(call, job_id, **window)] == ["7", "8", "9", "10"]


@pytest.mark.parametrize(
    ("job_type", "line"),
    [("DataJuicerJob", "shard 1 done, 4096 rows"), ("XGBoostJob", "[1] train-rmse:2.19758")],
)
def test_lines_fit_the_job_type(emulator, call, a_body, job_type, line):
    job_id = call.create(**a_body(JobType=job_type))
    emulator.turn(4)
    pod = "worker-0" if job_type == "DataJuicerJob" else "master-0"

    assert logs(call, job_id, pod)[1].endswith(line)


def test_the_last_line_tells_the_end(emulator, call, a_body):
    good, bad, stopped = (call.create(**a_body(UserCommand=command)) for command in ("a", "exit 137", "b"))
    emulator.turn(4)
    call("POST", f"/jobs/{stopped}/stop")
    emulator.turn(100)

    assert logs(call, good)[-1].endswith("Finished: everything is saved.")
    assert logs(call, bad)[-1].endswith("returned non-zero exit status 137.")
    assert logs(call, stopped)[-1].endswith("Received SIGTERM; shutting down.")


def test_events_tell_moves_and_pods(emulator, call, a_body):
    job_id = call.create(**a_body(UserCommand="exit 1"))
    emulator.turn(10)
    told = [line[20:] for line in events(call, job_id, MaxEventsNum=100)]

    assert told == [
        "Job is Creating.",
        "Job is Queuing.",
        "Job is EnvPreparing.",
        f"Created pod: {job_id}-master-0",
        f"Created pod: {job_id}-worker-0",
        "Job is Running.",
        "Job is Failed. Container exited with code 1.",
    ]
    assert [line[20:] for line in events(call, job_id)] == told[-1:]


def test_a_pod_of_another_job_is_not_found(call, a_body, refusal):
    job_id = call.create(**a_body())
    with pytest.raises(ClientException) as error:
        logs(call, job_id, "worker-7")

    assert refusal(error) == (404, "NotFound")


@pytest.mark.parametrize("query", [{"MaxEventsNum": 0}, {"MaxEventsNum": 10_001}, {"StartTime": "now"}])
def test_a_query_that_cannot_be_read_is_refused(call, a_body, refusal, query):
    job_id = call.create(**a_body())
    with pytest.raises(ClientException) as error:
        events(call, job_id, **query)

    assert refusal(error) == (400, "InvalidParameter")
