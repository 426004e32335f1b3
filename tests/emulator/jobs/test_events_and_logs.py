"""Events and logs follow the running time."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import CATALOGUE, Catalogue, Clock, Emulator, Lifecycle, Switches
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
    commands = ("a", "exit 1", "exit 137", "b")
    good, bad, killed, stopped = (call.create(**a_body(UserCommand=command)) for command in commands)
    emulator.turn(4)
    call("POST", f"/jobs/{stopped}/stop")
    emulator.turn(100)

    assert logs(call, good)[-1].endswith("Finished: everything is saved.")
    assert logs(call, bad)[-1].endswith("returned non-zero exit status 1.")
    assert logs(call, killed)[-1].endswith("  Killed")
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


RESTARTING = {
    "UserCommand": "exit 127",
    "Settings": {
        "EnableErrorMonitoringInAIMaster": True,
        "ErrorMonitoringArgs": "--enable-job-restart=True --max-num-of-job-restart=1",
    },
}


@pytest.fixture
def restarted(emulator, call, a_body):
    """A job that failed, was started again, and is running: at 6 s it failed, since 8 s it runs again."""
    job_id = call.create(**a_body(**RESTARTING))
    emulator.turn(9)
    return job_id


def test_a_restarted_job_has_pods_with_a_past(call, restarted):
    job = call.get(restarted)
    pod = job["Pods"][0]

    assert (job["Status"], job["RestartTimes"], len(job["RestartRecord"])) == ("Running", "1/1", 1)
    assert (pod["Status"], pod["Duration"]) == ("Running", 1)
    assert [(one["Status"], one["Duration"]) for one in pod["HistoryPods"]] == [("Failed", 3)]
    assert pod["HistoryPods"][0]["PodUid"] != pod["PodUid"]


def test_the_logs_of_a_past_pod_are_had_by_its_uid(call, restarted, refusal):
    past = call.get(restarted)["Pods"][0]["HistoryPods"][0]["PodUid"]

    assert logs(call, restarted, PodUid=past)[-1].endswith("command not found")
    assert len(logs(call, restarted)) == 2
    with pytest.raises(ClientException) as error:
        logs(call, restarted, PodUid="none")
    assert refusal(error) == (404, "NotFound")


def test_only_the_main_container_has_logs(call, restarted, refusal):
    assert logs(call, restarted, Containers="main")
    with pytest.raises(ClientException) as error:
        logs(call, restarted, Containers="sidecar")
    assert refusal(error) == (404, "NotFound")


def pod_events(call, job_id, pod="master-0", **query):
    path = f"/jobs/{job_id}/pods/{job_id}-{pod}/events"
    return [line[20:] for line in call("GET", path, MaxEventsNum=50, **query)["Events"]]


def test_events_of_a_pod(call, restarted):
    past = call.get(restarted)["Pods"][0]["HistoryPods"][0]["PodUid"]

    assert pod_events(call, restarted) == [
        f"Created pod: {restarted}-master-0",
        "Pulled image; started container main.",
    ]
    assert pod_events(call, restarted, PodUid=past)[-1].startswith("Pod has ended. Container exited with")


def test_an_image_that_is_not_there_keeps_pods_pending(emulator, call, a_body):
    emulator.configure(switches=Switches(check_references=False, missing_images=("registry/*",)))
    job_id = call.create(**a_body())
    emulator.turn(200)
    job = call.get(job_id)
    assert (job["Status"], {pod["Status"] for pod in job["Pods"]}) == ("EnvPreparing", {"Pending"})
    assert pod_events(call, job_id)[-1] == "Pulling image registry/a:1"

    emulator.turn(200)
    assert call.get(job_id)["ReasonCode"] == "ImagePullBackOff"
    assert any(line.startswith("ImagePullBackOff") for line in pod_events(call, job_id))
    assert logs(call, job_id) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"Settings": {"OversoldType": "ForceQuotaOverSold"}}, "Preempted"),
        ({"JobSpecs": [{"SpotSpec": {"SpotDiscountLimit": 0.9}, "Image": "a"}]}, "Evicted"),
        ({}, "Normal"),
    ],
)
def test_reclaimed_pods_say_why(connect, body, status):
    with Emulator(clock=Clock.still(), lifecycle=Lifecycle(reclaimed=2)) as emulator:
        (job_id,) = emulator.seed(body)
        emulator.turn(100)

        assert connect(emulator).get(job_id)["Pods"][0]["SubStatus"] == status


def test_a_job_without_stock_says_so(connect, a_body):
    none = replace(CATALOGUE.instance_types[-1], name="ecs.none", stock=0)
    with Emulator(clock=Clock.still(), catalogue=Catalogue(instance_types=(none,))) as emulator:
        call = connect(emulator)
        spec = {"Type": "Worker", "PodCount": 1, "Image": "a", "EcsSpec": "ecs.none"}
        job_id = call.create(**a_body(JobSpecs=[spec]))
        emulator.turn(100)

        assert call.get(job_id)["Status"] == "Queuing"
        assert [line[20:] for line in events(call, job_id, MaxEventsNum=9)] == [
            "Job is Creating.",
            "Job is Queuing.",
            "Job is waiting: resource type is not enough.",
        ]


def metrics(call, job_id, **query):
    return call("GET", f"/jobs/{job_id}/metrics", **{"MetricType": "GpuCoreUsage", **query})["PodMetrics"]


def test_metrics_are_there_for_the_time_a_job_ran(slow, connect, a_body):
    call = connect(slow)
    job_id = call.create(**a_body())
    assert [pod["Metrics"] for pod in metrics(call, job_id)] == [[], []]
    slow.turn(1203)
    pods = metrics(call, job_id)

    assert [pod["PodId"] for pod in pods] == [f"{job_id}-master-0", f"{job_id}-worker-0"]
    assert [len(pod["Metrics"]) for pod in pods] == [4, 4]
    assert all(70 < point["Value"] < 95 for pod in pods for point in pod["Metrics"])
    assert metrics(call, job_id) == pods
    assert len(metrics(call, job_id, TimeStep="10s")[0]["Metrics"]) == 120
    window = {"StartTime": wire_time(slow.now() - 301)}
    assert len(metrics(call, job_id, **window)[0]["Metrics"]) == 1


def test_no_more_points_than_an_answer_holds(slow, connect, a_body):
    call = connect(slow)
    job_id = call.create(**a_body())
    slow.turn(90_000)

    points = metrics(call, job_id, TimeStep="1s", StartTime="2000-01-01T00:00:00Z")[0]["Metrics"]
    assert (len(points), points[-1]["Time"]) == (1000, slow.now() * 1000)


@pytest.mark.parametrize(
    "query", [{"MetricType": "Mood"}, {"MetricType": ""}, {"TimeStep": "0s"}, {"TimeStep": "x"}]
)
def test_a_metric_that_nobody_knows_is_refused(call, a_body, refusal, query):
    job_id = call.create(**a_body())
    with pytest.raises(ClientException) as error:
        metrics(call, job_id, **query)

    assert refusal(error) == (400, "InvalidParameter")


def test_sanity_checks_are_there_once_they_began(emulator, call, a_body, refusal):
    job_id = call.create(**a_body(Settings={"EnableSanityCheck": True}))
    path = f"/jobs/{job_id}/sanitycheckresult"
    assert call("GET", f"{path}s")["SanityCheckResults"] == []
    with pytest.raises(ClientException) as error:
        call("GET", path, SanityCheckNumber=1)
    assert refusal(error) == (404, "NotFound")

    emulator.turn(3)
    assert {one["Status"] for one in call("GET", f"{path}s")["SanityCheckResults"][0]} == {"Running"}
    emulator.turn(1)
    answer = call("GET", path, SanityCheckNumber=1, SanityCheckPhase="DeviceCheck")
    assert [(one["Phase"], one["Status"]) for one in answer["SanityCheckResult"]] == [
        ("DeviceCheck", "Succeeded")
    ]
    assert "RequestID" in answer
    assert "RequestId" not in answer


def test_a_job_without_a_sanity_check_has_no_results(emulator, call, a_body, refusal):
    job_id = call.create(**a_body())
    emulator.turn(100)
    assert call("GET", f"/jobs/{job_id}/sanitycheckresults")["TotalCount"] == 0
    for query in ({"SanityCheckNumber": 0}, {"SanityCheckPhase": "Odd"}):
        with pytest.raises(ClientException) as error:
            call("GET", f"/jobs/{job_id}/sanitycheckresult", **query)
        assert refusal(error) == (400, "InvalidParameter")
