"""Each cause shows in statuses, reasons, pods, events and logs, worded in three ways; noise shows in all."""

import re
from datetime import UTC, datetime

import pytest

from dlcapply.emulator import CAUSES, Clock, Emulator, Lifecycle, Switches
from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.causes.outcomes import OUTCOMES, VARIANTS, variant_of
from tests.emulator.conftest import Caller

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
RUNNING = 100
BEGINNING = ["Creating", "Queuing"]
STARTED = [*BEGINNING, "EnvPreparing", "Running"]
IMAGES = ("image-missing", "image-denied", "image-region", "image-unreachable", "image-broken")
WAYS = {
    "noise": [*STARTED, "Succeeded"],
    "worker-lost": [*STARTED, "Succeeded"],
    "no-stock": BEGINNING,
    "quota-full": BEGINNING,
    "bid-too-low": ["Creating", "Bidding"],
    "sanity-failed": [*STARTED[:3], "SanityChecking", "Failed"],
    "time-limit": [*STARTED, "Stopping", "Stopped"],
    "workspace-policy": [*STARTED, "Stopping", "Stopped"],
    "hang": STARTED,
    **{name: [*STARTED[:3], "Failed"] for name in (*IMAGES, "dataset-mount", "refused", "unexplained")},
    "no-node": BEGINNING,
    "stuck": STARTED[:3],
    "stopped-by-system": [*STARTED, "Stopped"],
}
EXIT_CODES = {
    "oom": 137,
    "segfault": 139,
    "nccl-timeout": 245,
    "mpi-ssh": 255,
    "sigterm": 143,
    "one-worker": 1,
    "command-not-found": 127,
    "error": 1,
    "preempted": 143,
    "reclaimed": 143,
    "worker-lost": 1,
    "killed": 137,
    "aborted": 134,
    "not-executable": 126,
    **dict.fromkeys(("gpu-oom", "gpu-fault", "shared-memory", "nccl-error", "rendezvous"), 1),
}
SUB_STATUSES = {"preempted": "Preempted", "reclaimed": "Evicted"}
# What no other cause can be taken for, in the log or the events of the pod that was struck.
MARKS = {
    "image-missing": r"not found|404 Not Found",
    "image-denied": r"access denied|401 Unauthorized",
    "image-region": r"no such host|i/o timeout|Client\.Timeout",
    "dataset-mount": r"MountVolume\.SetUp failed for volume \"d-1\"",
    "oom": r"OOMKilled",
    "segfault": r"Segmentation fault",
    "nccl-timeout": r"Watchdog caught collective operation timeout|failure detected by watchdog",
    "mpi-ssh": r"ssh: |Host key verification failed",
    "sigterm": r"SIGTERM|Terminated",
    "preempted": r"Preempt",
    "reclaimed": r"reclaimed|released|preemptible",
    "one-worker": r"EOFError|CUDA error|No space left",
    "command-not-found": r"not found|No such file or directory",
    "error": r"ModuleNotFoundError|KeyError|RuntimeError",
    "worker-lost": r"OSError",
    "image-unreachable": r"429 Too Many|x509|503 Service",
    "image-broken": r"commit digest|tar header|no space left",
    "killed": r"Killed",
    "gpu-oom": r"OutOfMemoryError|RESOURCE_EXHAUSTED",
    "gpu-fault": r"uncorrectable|Xid",
    "shared-memory": r"shared memory|</torch_|shm\.h",
    "aborted": r"Abort|double free",
    "nccl-error": r"NCCL error|NCCL WARN",
    "rendezvous": r"DistStoreError|RendezvousTimeout|DistNetworkError",
    "not-executable": r"Permission denied|cannot execute",
}


class Picture:
    """What can be asked about a run with a cause, and about the pod that was struck first."""

    def __init__(self, call, job_id):
        self.call, self.job = call, call.get(job_id)
        self.job_events = call("GET", f"/jobs/{job_id}/events", MaxEventsNum=100)["Events"]
        ended = [pod for pod in self.job.get("Pods", ()) if pod.get("GmtFinishTime")]
        failed = [pod for pod in ended if pod["Status"] == "Failed"]
        self.first = min(failed, key=lambda pod: pod["GmtFinishTime"]) if failed else None
        if self.job["Status"] == "Failed" and OUTCOMES[self.cause].is_collective:
            (self.first,) = (pod for pod in failed if pod["PodId"].endswith("worker-0"))
        pod_id = (self.first or {"PodId": f"{job_id}-master-0"})["PodId"]
        self.pod_events = self.of_pod(pod_id, "events", MaxEventsNum=100)["Events"]
        self.log = self.of_pod(pod_id, "logs", MaxLines=1000)["Logs"]

    @property
    def cause(self):
        return self.job["DisplayName"].rpartition("-")[0]

    def of_pod(self, pod_id, what, **query):
        return self.call("GET", f"/jobs/{self.job['JobId']}/pods/{pod_id}/{what}", **query)

    @property
    def told(self):
        return "\n".join([*self.pod_events, *self.log])


@pytest.fixture(scope="module")
def pictures():
    lifecycles = {
        f"{cause}-{variant}": Lifecycle(cause=cause, variant=variant, running=RUNNING)
        for cause in CAUSES
        for variant in range(VARIANTS)
    }
    body = {"JobSpecs": [{"PodCount": 3, "Image": "hub.cn-beijing.cr.aliyuncs.com/a/b:1"}]}
    body["DataSources"] = [{"DataSourceId": "d-1", "MountPath": "/mnt/data"}]
    with Emulator(clock=Clock.still(START), lifecycles=lifecycles) as emulator:
        call = Caller(emulator)
        ids = emulator.seed(*({**body, "DisplayName": name} for name in lifecycles))
        emulator.turn(400)
        made = {name: Picture(call, job_id) for name, job_id in zip(lifecycles, ids, strict=True)}
        yield {cause: [made[f"{cause}-{variant}"] for variant in range(VARIANTS)] for cause in CAUSES}
        assert emulator.errors == ()


@pytest.mark.parametrize("cause", CAUSES)
def test_a_run_goes_as_its_cause_has_it(pictures, cause):
    for picture in pictures[cause]:
        way = [one["Status"] for one in picture.job["StatusHistory"]]
        assert way == WAYS.get(cause, [*STARTED, "Failed"])
        assert picture.job["StatusHistory"][-1]["ReasonMessage"] == picture.job["ReasonMessage"]
        if cause in EXIT_CODES:
            assert re.search(rf"\b{EXIT_CODES[cause]}\b", " ".join(picture.pod_events[-2:]))
            assert picture.first["SubStatus"] == SUB_STATUSES.get(cause, "Normal")
        if cause in MARKS:
            assert re.search(MARKS[cause], picture.told)


@pytest.mark.parametrize("cause", [name for name in MARKS if name not in {"sigterm", "worker-lost"}])
def test_no_sentence_is_in_every_wording(pictures, cause):
    first, *others = (set(words(picture)) for picture in pictures[cause])

    assert first
    assert not first & others[0] & others[1]


def words(picture):
    """What is told of the end of a run: its reason, and the lines that a successful one does not have."""
    yield from {picture.job["ReasonMessage"]}
    for line in [*picture.pod_events, *picture.log]:
        if re.search(r"rror|ailed|exit|Evict|reempt|Killed|SetUp", line) and not re.search(HARMLESS, line):
            yield re.sub(r"dlc\w{16}-\w+-\d|node-[\d-]+|worker-\d|rank ?\d|Rank \d", "", line[20:])


HARMLESS = r"Traceback|File|exit code 0|=====|kube-api-access|Error: E|Error: I|validation set|skipped"


def test_noise_sounds_like_causes_and_is_none(pictures):
    for picture in pictures["noise"]:
        assert {pod["Status"] for pod in picture.job["Pods"]} == {"Succeeded"}
        for word in ("out of memory", "NCCL_TIMEOUT", "Connection reset", "Traceback", "SIGTERM", "mount"):
            assert any(word in line for line in picture.log), word
    warnings = "".join(line for picture in pictures["noise"] for line in picture.pod_events)
    assert all(word in warnings for word in ("FailedMount", "FailedScheduling", "ErrImagePull"))


def test_one_pod_fails_and_the_others_follow(pictures):
    for cause in ("one-worker", "oom", "segfault", "preempted"):
        for picture in pictures[cause]:
            others = [pod for pod in picture.job["Pods"] if pod["PodId"] != picture.first["PodId"]]
            assert picture.first["GmtFinishTime"] == picture.job["GmtFinishTime"]
            assert all(pod["GmtFinishTime"] > picture.first["GmtFinishTime"] for pod in others)
            assert {(pod["Status"], pod["SubStatus"]) for pod in others} == {("Failed", "Normal")}
            log = "\n".join(picture.of_pod(others[0]["PodId"], "logs", MaxLines=8)["Logs"])
            assert re.search("SIGTERM|Terminated|onnection closed by", log)
            assert not re.search(MARKS[cause], log)


def test_a_success_may_have_a_failed_pod(pictures):
    for picture in pictures["worker-lost"]:
        assert sorted(pod["Status"] for pod in picture.job["Pods"]) == ["Failed", "Succeeded", "Succeeded"]


def test_what_waits_needs_no_quota_to_be_full(pictures):
    for cause in ("no-stock", "quota-full"):
        assert all(
            "enough" in picture.job_events[-1]
            or "nsufficient" in picture.job_events[-1]
            or "NoStock" in picture.job_events[-1]
            for picture in pictures[cause]
        )
    assert not any(picture.pod_events for picture in pictures["bid-too-low"])


def test_a_sanity_check_names_the_node_at_fault(pictures):
    for picture in pictures["sanity-failed"]:
        path = f"/jobs/{picture.job['JobId']}/sanitycheckresults"
        (phases,) = picture.call("GET", path)["SanityCheckResults"]
        (failed,) = (one for one in phases if one["Status"] == "Failed")
        nodes = {pod["NodeName"] for pod in picture.job["Pods"]}

        assert phases[0]["Status"] == "Succeeded"
        assert {one["Status"] for one in phases[phases.index(failed) + 1 :]} <= {"Skipped"}
        assert sum(node in failed["Message"] for node in nodes) == 1


def test_a_run_that_hangs_prints_nothing_more_and_does_nothing(pictures):
    picture = pictures["hang"][0]
    start = datetime.fromisoformat(picture.job["GmtRunningTime"]).timestamp()
    path = f"/jobs/{picture.job['JobId']}/metrics"

    def values(metric):
        query = {"MetricType": metric, "TimeStep": "10s", "StartTime": wire_time(start)}
        return [one["Value"] for one in picture.call("GET", path, **query)["PodMetrics"][0]["Metrics"]]

    assert picture.log[-1].startswith(f"2026-01-05 {wire_time(start + RUNNING)[11:19]}")
    gpu = values("GpuCoreUsage")
    assert min(gpu[:10]) > 50
    assert max(gpu[-10:]) < 2
    assert min(values("GpuMemoryUsage")) > 50


def test_collective_operations_time_out_after_a_silence(pictures):
    times = {line[11:19] for line in pictures["nccl-timeout"][0].log}
    assert not times & {f"08:01:{second}" for second in range(10, 40)}


RESTARTED = {
    "JobSpecs": [{"PodCount": 2}],
    "Settings": {
        "EnableErrorMonitoringInAIMaster": True,
        "ErrorMonitoringArgs": "--enable-job-restart=True --max-num-of-job-restart=1",
    },
}


@pytest.fixture
def broken():
    rules = Lifecycle(cause="oom", variant=0, running=10)
    with Emulator(clock=Clock.still(START), lifecycle=rules, switches=Switches()) as emulator:
        yield emulator
        assert emulator.errors == ()


def test_every_life_ends_so_and_is_had_by_its_uid(broken):
    call, (job_id,) = Caller(broken), broken.seed(RESTARTED)
    broken.turn(13.5)
    assert call.get(job_id)["RestartRecord"][0]["RestartStatus"] == "Restarting"
    broken.turn(60)
    job = call.get(job_id)
    (record,) = job["RestartRecord"]
    (detail,) = record["DetailErrorInfoList"]
    pod = next(one for one in job["Pods"] if one["PodId"] == detail["Pod"])
    past, path = pod["HistoryPods"][0]["PodUid"], f"/jobs/{job_id}/pods/{pod['PodId']}/logs"
    old, new = call("GET", path, PodUid=past)["Logs"], call("GET", path)["Logs"]

    assert (record["RestartDurationInSec"], record["RestartStatus"]) == (2, "Succeeded")
    assert (detail["ErrorCode"], detail["Node"]) == ("137", pod["NodeName"])
    assert past != pod["PodUid"]
    assert [lines[-1][20:].split()[-1] for lines in (old, new)] == ["train.py", "train.py"]
    assert old[-1] < new[0]
    assert list(broken.pod_log(job_id, pod["PodId"])) == old + new
    assert list(broken.pod_log(job_id, pod["PodId"], past)) == old


def test_a_run_may_recover(broken):
    broken.configure(lifecycle=Lifecycle(cause="oom", variant=0, running=10, failures=1))
    call, (job_id, hopeless) = Caller(broken), broken.seed(RESTARTED, {})
    broken.turn(60)
    job = call.get(job_id)

    way = [one["Status"] for one in job["StatusHistory"]]
    assert way == [*STARTED, "Restarting", "EnvPreparing", "Running", "Succeeded"]
    assert {pod["Status"] for pod in job["Pods"]} == {"Succeeded"}
    assert {past["Status"] for pod in job["Pods"] for past in pod["HistoryPods"]} == {"Failed"}
    assert call.get(hopeless)["Status"] == "Failed"


def test_a_run_that_is_stopped_in_time_shows_nothing_of_its_cause(broken):
    call, (job_id,) = Caller(broken), broken.seed({})
    broken.turn(8)
    before = Picture(call, job_id)
    call("POST", f"/jobs/{job_id}/stop")
    broken.turn(60)
    picture = Picture(call, job_id)

    assert (picture.job["Status"], picture.job["ReasonCode"]) == ("Stopped", "JobStoppedByUser")
    assert not re.search(
        "OOM[KS]|code 137|Killed", "".join([*picture.pod_events, *picture.log, *picture.job_events])
    )
    assert picture.log[: len(before.log)] == before.log
    assert picture.pod_events[: len(before.pod_events)] == before.pod_events


def test_a_pull_that_is_stopped_is_not_tried_again(broken):
    broken.configure(lifecycle=Lifecycle(cause="image-missing", variant=2))
    call, (job_id,) = Caller(broken), broken.seed({})
    broken.turn(20)
    pulls = [line for line in Picture(call, job_id).pod_events if "Pulling: " in line]
    call("POST", f"/jobs/{job_id}/stop")
    broken.turn(600)

    assert [line for line in Picture(call, job_id).pod_events if "Pulling: " in line] == pulls
    assert len(pulls) == 2


def test_a_cause_belongs_to_the_runs_that_were_created_with_it(broken):
    call, (job_id,) = Caller(broken), broken.seed({})
    broken.configure(lifecycle=Lifecycle())
    (later,) = broken.seed({})
    broken.turn(60)

    assert [call.get(one)["Status"] for one in (job_id, later)] == ["Failed", "Succeeded"]


def test_a_time_limit_is_the_job_s_own():
    with Emulator(clock=Clock.still(START), lifecycle=Lifecycle(cause="time-limit")) as emulator:
        (job_id,) = emulator.seed({"JobMaxRunningTimeMinutes": 5})
        emulator.turn(299)
        assert Caller(emulator).get(job_id)["Status"] == "Running"
        emulator.turn(10)
        assert re.search(r"\b5m?\b", Caller(emulator).get(job_id)["ReasonMessage"])


def test_names_decide_the_wording():
    assert {variant_of(f"job-{number}", None) for number in range(20)} == set(range(VARIANTS))
    with pytest.raises(ValueError, match="cause must be one of noise, "):
        Lifecycle(cause="bad luck")
