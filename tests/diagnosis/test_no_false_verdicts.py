"""What is no evidence: noise, what a program got over, names that sound like causes, what was not seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dlcapply.diagnosis.diagnose import diagnose
from dlcapply.diagnosis.facts import (
    Dependency,
    Look,
    Looked,
    Offer,
    Queue,
    Request,
    Restart,
    Said,
    Source,
    SpotBid,
    Utilisation,
)
from dlcapply.diagnosis.reading import facts_of
from dlcapply.diagnosis.verdicts import WELL, Certainty, Code
from dlcapply.model.runs import PHASES, Run
from dlcapply.operating.evidence import pods_that_matter
from tests.diagnosis.builders import at, exited, facts, pod, said, unstarted

NOISE = (
    "NCCL_TIMEOUT=1800 NCCL_DEBUG=INFO",
    "[I ProcessGroupNCCL.cpp:587] ProcessGroupNCCL initialization options: TIMEOUT(ms): 1800000",
    "| WARNING: ran out of memory, skipping batch",
    "CUDA out of memory, retrying with batch size 8",
    "Traceback (most recent call last):",
    '  File "data.py", line 118, in decode',
    "PIL.UnidentifiedImageError: cannot identify image file (skipped)",
    "worker 3 received SIGTERM and was started again",
    "evaluation finished with exit code 137",
    "step 9000 loss 0.21",
    "ssh: connect to host gpu-12 port 22: Connection refused, retrying",
)
RUNS = {"Running": [pod(status="Running")], "Succeeded": [pod(status="Succeeded")]}


def test_a_run_that_goes_well_is_well_whatever_it_prints():
    events = {"master-0": ("Evicted another pod to make room", "Successfully pulled image")}
    for status, pods in RUNS.items():
        found = diagnose(facts(status, pods=pods, logs={"master-0": NOISE}, events=events, now=61))
        assert found.is_well, found.what


def test_a_program_that_failed_of_something_else_did_not_fail_of_its_noise():
    last = ("step 9010 loss 0.20", "Traceback (most recent call last):", "KeyError: 'head'")
    found = diagnose(exited(1, *NOISE, *last))
    assert (found.code, found.evidence[-1].text) == (Code.ERROR, "KeyError: 'head'")
    assert "KeyError: 'head'" in found.what
    for number, code in ((137, Code.KILLED), (139, Code.SEGFAULT), (143, Code.SIGTERM), (3, Code.ERROR)):
        assert diagnose(exited(number, *NOISE)).code is code


def test_of_two_exceptions_of_one_process_the_last_ended_it_and_of_several_the_first():
    caught = ("Traceback (most recent call last):", "torch.OutOfMemoryError: CUDA out of memory.")
    fatal = ("Traceback (most recent call last):", "ValueError: no more batches")
    assert diagnose(exited(1, *caught, *fatal)).code is Code.ERROR
    ranks = [f"[rank{number}]: {text}" for number, lines in ((0, fatal), (1, caught)) for text in lines]
    found = diagnose(exited(1, *ranks))
    assert (found.code, "ValueError" in found.what) == (Code.ERROR, True)


def test_the_message_of_an_exception_may_go_on_behind_its_line():
    raised = (
        "Traceback (most recent call last):",
        "errors_impl.ResourceExhaustedError: Graph execution error:",
    )
    found = diagnose(exited(1, *raised, "", "OOM when allocating tensor with shape[512] on device:GPU:0"))
    assert found.code is Code.GPU_OOM
    nccl = (
        "Traceback (most recent call last):",
        "DistBackendError: NCCL error in: a.cpp, unhandled cuda error",
    )
    assert diagnose(exited(1, *nccl, "Last error:", "Cuda failure 2 'out of memory'")).code is Code.GPU_OOM
    launchers = ("torch.distributed.elastic api: failed", "  exitcode  : -9 (pid: 7)")
    assert diagnose(exited(1, *raised, *launchers)).code is Code.ERROR


def test_an_exception_without_a_traceback_counts_as_the_last_word_only():
    said = "AssertionError: accuracy is below its threshold"
    found = diagnose(exited(1, "Bus error", said))
    assert (found.code, found.certainty, said in found.what) == (Code.ERROR, Certainty.LIKELY, True)
    assert diagnose(exited(1, said, "Bus error (core dumped)")).code is Code.SHARED_MEMORY


def test_an_entry_of_a_log_may_be_many_lines():
    entry = "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'"
    found = diagnose(exited(1, "\r 5%|#  |\r 6%|#  |", entry))
    assert (found.code, found.evidence[-1].text) == (Code.ERROR, "KeyError: 'x'")


def test_what_another_pod_left_behind_is_no_error_of_its_own():
    lost = "RuntimeError: [gloo/transport/tcp/pair.cc:534] Connection closed by peer [10.0.0.7]:23456"
    logs = {
        "master-0": ("Traceback (most recent call last):", lost),
        "worker-0": ("Traceback (most recent call last):", "ValueError: bad shard"),
    }
    pods = [pod("master-0", minute=60), pod("worker-0", minute=60)]
    events = {one.name: (f"exited with code 1, pod {one.pod_id}",) for one in pods}
    found = diagnose(facts(pods=pods, logs=logs, events=events))
    assert found.pod == "dlc1-worker-0"
    assert [one.text for one in found.consequences] == [lost]


def test_the_pod_that_failed_first_counts_and_the_others_follow():
    pods = [pod("master-0", minute=60), pod("worker-0", minute=60), pod("worker-1", minute=30)]
    events = {
        "master-0": ("exited with code 245",),
        "worker-0": ("exited with code 143",),
        "worker-1": ("exited with code 137 (OOMKilled)",),
    }
    logs = {"master-0": ("Watchdog caught collective operation timeout: WorkNCCL(SeqNum=1)",)}
    found = diagnose(facts(pods=pods, events=events, logs=logs, message="Container exited with code 245."))
    assert (found.code, found.pod, found.is_alone) == (Code.OOM, "dlc1-worker-1", True)
    assert [one.pod for one in found.consequences] == ["dlc1-master-0", "dlc1-worker-0"]


def test_where_the_service_times_no_end_events_do():
    pods = [replace(pod(name), finished=None) for name in ("master-0", "worker-0")]
    events = {
        "dlc1-master-0": (Said("container exited with code 1", at(50)),),
        "dlc1-worker-0": (Said("container was killed by signal 11", at(40)),),
    }
    found = diagnose(replace(facts(pods=pods), pod_events=events))
    assert (found.code, found.pod, found.exit_code) == (Code.SEGFAULT, "dlc1-worker-0", 139)


def test_a_mount_helper_or_a_probe_that_exits_is_no_exit_of_the_program():
    texts = ("Liveness probe failed: exit code 137", "PostStartHook failed: exit status 139")
    assert diagnose(facts(events={"master-0": texts})).exit_code is None


def test_what_the_service_says_beside_the_end_is_no_cause_of_it():
    log = {"master-0": ("Traceback (most recent call last):", "KeyError: 'x'")}
    for beside in (
        'Successfully pulled image "a/oom-killed:1"',
        "Volume mounted: oss://team/preempted/",
        "OOM score adjusted to 985",
        "memory usage exceeds 80% warning threshold",
        "磁盘空间不足告警已恢复",
        "NodeHasNoDiskPressure",
        "EvictionThresholdMet: Attempting to reclaim memory",
        "Pod sandbox changed, it will be killed and re-created.",
    ):
        events = {"master-0": (beside, "Container main exited with code 1")}
        assert diagnose(facts(events=events, logs=log)).code is Code.ERROR, beside


def test_names_that_sound_like_causes_are_none():
    for name in ("OOMKilled-demo", "nccl.timeout_245", "Evicted-1", "exit-code-137"):
        command = f"python {name}.py --out-of-memory CUDA out of memory"
        found = diagnose(
            exited(
                1,
                f"Started: {command}",
                "Traceback (most recent call last):",
                "KeyError: 'x'",
                name=name,
                events={},
            )
        )
        assert found.code is Code.ERROR, name
    for text in ("Job preempted failed, exit code 1", 'Job "preempted" failed, exit code 1'):
        assert diagnose(facts(message=text, name="preempted")).code is Code.ERROR
    assert diagnose(facts(message="Job was preempted", name="preempted")).code is Code.PREEMPTED
    text = "Job OOMKilled-demo of image a/oom-killer:1 is Failed. exit code 1"
    request = Request(images=("a/oom-killer:1",))
    assert diagnose(facts(message=text, name="OOMKilled-demo", request=request)).code is Code.ERROR


def test_what_ended_an_earlier_life_did_not_end_this_one():
    moves = facts("Failed", "Container exited with code 139.").history
    earlier = replace(moves[3], status="Restarting", message="OOMKilled, exit code 137", at=at(30))
    run = facts("Failed", "Container exited with code 139.")
    found = diagnose(replace(run, history=(*moves[:-1], earlier, moves[-1])))
    assert (found.code, found.exit_code) == (Code.SEGFAULT, 139)


def test_an_earlier_life_is_told_apart_however_near_it_ended():
    moves = facts("Failed", "exit code 1").history
    earlier = replace(moves[3], status="Restarting", message="OOMKilled, exit code 137", at=at(50))
    later = replace(moves[3], at=at(52))
    run = replace(
        facts(
            "Failed",
            "exit code 1",
            logs={"master-0": ("Traceback (most recent call last):", "KeyError: 'x'")},
        ),
        history=(*moves[:-1], earlier, later, moves[-1]),
        job_events=(
            Said("Pod dlc1-master-0 OOMKilled", at(50)),
            Said("Pod dlc1-master-0 exit code 1", at(60)),
        ),
        pod_events={"dlc1-master-0": (Said("OOMKilling process 7", at(50)), Said("exit code 1", at(60)))},
    )
    assert diagnose(run).code is Code.ERROR
    untimed = replace(run, job_events=tuple(replace(one, at=None) for one in run.job_events))
    assert diagnose(untimed).code is Code.ERROR
    recorded = replace(run, history=(*moves[:3], later, moves[-1]), restarts=(Restart("OOMKilled", at(51)),))
    assert diagnose(recorded).code is Code.ERROR
    not_again = replace(run, history=(*moves[:-1], earlier, moves[-1]), pod_events={})
    assert diagnose(not_again).code is Code.OOM


def test_the_loss_of_a_pod_explains_what_others_told_before_it_was_noticed():
    lost = "RuntimeError: [gloo/transport/tcp/pair.cc:598] Connection closed by peer [10.0.0.7]:39873"
    logs = {"master-0": ("Traceback (most recent call last):", lost)}
    first = pod("master-0", minute=60)
    for sub_status, code in (("Preempted", Code.PREEMPTED), ("Evicted", Code.EVICTED)):
        pods = [first, *(pod(f"worker-{n}", minute=60.1) for n in range(30))]
        pods.append(pod("worker-30", minute=65, sub_status=sub_status))
        run = facts(pods=pods, logs=logs, events={"master-0": ("exited with code 1",)})
        found = diagnose(run)
        assert (found.code, found.pod) == (code, "dlc1-worker-30")
        assert "told later than that of others, which followed from it" in found.what
        assert [one.name for one in pods_that_matter(run)] == ["master-0", "worker-30", "worker-0"]
    timed_out = {"master-0": ("exited with code 245",), "worker-0": ("exited with code 137",)}
    found = diagnose(facts(pods=[first, pod("worker-0", minute=60.1)], events=timed_out))
    assert found.code is Code.NCCL_TIMEOUT


def test_of_many_pods_that_fail_in_one_moment_the_one_counts_that_the_service_names():
    pods = [pod(f"worker-{n}", minute=60) for n in range(1000)]
    run = facts(
        pods=pods, message="Pod dlc1-worker-777 failed: OOMKilled", events={"worker-0": ("exit code 143",)}
    )
    found = diagnose(run)
    assert (found.code, found.pod) == (Code.OOM, "dlc1-worker-777")
    assert pods_that_matter(run)[0].name == "worker-777"


def test_of_a_run_whose_pods_are_gone_the_reason_still_tells():
    for message, code in (
        ("Pod dlc1-worker-0 failed: reason OOMKilled, exit code 137.", Code.OOM),
        ("Container exited with code 139.", Code.SEGFAULT),
        ("Container exited with code 1.", Code.ERROR),
        ("", Code.UNKNOWN),
    ):
        found = diagnose(facts(pods=(), message=message, code="JobFailed"))
        assert (found.code, found.pod) == (code, "")


def test_that_there_is_a_limit_or_a_check_is_not_that_it_ended_the_run():
    log = {"master-0": ("Traceback (most recent call last):", "KeyError: 'x'")}
    limit = Request(limit=timedelta(hours=10))
    for event in (
        "JobMaxRunningTimeMinutes is set to 600",
        "Max running time: 600 minutes",
        "Sanity check passed, workspace policy check passed",
    ):
        run = facts(message="Container exited with code 1", logs=log, job_events=[event], request=limit)
        assert diagnose(run).code is Code.ERROR, event
    passed = facts(message="Job failed: exit code 1. SanityCheck: passed", logs=log)
    assert diagnose(passed).code is Code.ERROR
    for told in ("Sanity check on node cn-hangzhou.10.0.0.1 failed", "Job failed in sanity check"):
        assert diagnose(facts(message=told, pods=(), way=("Creating",))).code is Code.SANITY_FAILED


def test_a_wait_is_over_where_the_service_says_so():
    way = ("Creating", "Queuing")
    for events in (
        ("resource type is not enough", "Job is dequeued, start to create pods"),
        ("bid accepted, spot price is lower than your bid",),
    ):
        assert diagnose(facts("Queuing", pods=(), way=way, job_events=events, now=5)).code is Code.WAITING


def test_what_is_not_understood_is_shown_and_a_status_that_is_not_known_is_said():
    text = "OCI runtime create failed: nvidia-container-cli: initialization error"
    assert text in [one.text for one in diagnose(unstarted(text)).evidence]
    stuck = diagnose(unstarted("eni ip not enough", status="EnvPreparing", now=90))
    assert (stuck.code, stuck.evidence[-1].text) == (Code.WAITING_LONG, "eni ip not enough")
    assert "Paused is no status that is known here" in diagnose(facts("Paused")).what


def test_trouble_long_before_the_end_was_got_over():
    events = (Said("NodeNotReady: Node is not ready", at(5)), Said("OOMKilling: killed process 7", at(6)))
    end = Said("Container main exited with code 1", at(60))
    log = {"master-0": ("Traceback (most recent call last):", "KeyError: 'x'")}
    run = facts(logs=log)
    assert diagnose(replace(run, pod_events={"dlc1-master-0": (*events, end)})).code is Code.ERROR
    late = tuple(replace(one, at=at(59)) for one in events)
    assert diagnose(replace(run, pod_events={"dlc1-master-0": (*late, end)})).code is Code.OOM
    again = replace(run, pods=[replace(pod(), created=at(30))])
    found = diagnose(
        replace(again, pod_events={"dlc1-master-0": (Said("exited with code 139", at(20)), end)})
    )
    assert (found.code, found.exit_code) == (Code.ERROR, 1)


def test_a_run_that_has_its_nodes_does_not_wait_for_a_place():
    short = "FailedScheduling 0/3 nodes are available: 3 Insufficient nvidia.com/gpu."
    waiting = pod(status="Pending", started=None)
    way = ("Creating", "Queuing", "EnvPreparing")
    found = diagnose(facts("EnvPreparing", pods=[waiting], way=way, job_events=[short], now=5))
    assert found.code is Code.STARTING
    found = diagnose(facts("Queuing", pods=(), way=way[:2], job_events=[short], now=5))
    assert found.code is Code.NO_STOCK


def test_where_something_is_said_is_not_what_is_said():
    text = "Pod of workspace 1001 was OOMKilled: memory limit 30Gi, exit code 137"
    assert diagnose(facts(message=text)).code is Code.OOM
    late = "Failed to pull image a:1: rpc error: code = DeadlineExceeded desc = i/o timeout"
    assert diagnose(unstarted(message=late, job_events=[late])).code is Code.IMAGE_UNREACHABLE
    queued = "Job is queued in quota research-gpu of workspace 1001"
    run = facts("Queuing", pods=(), way=("Creating", "Queuing"), job_events=[queued], now=5)
    assert diagnose(replace(run, request=Request(quota_id="research-gpu"))).code is Code.WAITING


RUNNING = [pod(status="Running"), pod("worker-0", "Running")]


def silent(**others):
    run = facts("Running", pods=RUNNING, logs={"master-0": ("NCCL INFO Bootstrap",)}, now=91, **others)
    return replace(run, logs={name: said("NCCL INFO Bootstrap", minute=10) for name in run.logs})


def test_silence_is_a_hang_only_where_it_was_seen_and_accelerators_do_not_work():
    found = diagnose(replace(silent(), utilisation=Utilisation(0.0, 30)))
    assert (found.code, found.certainty) == (Code.HANG, Certainty.LIKELY)
    assert diagnose(silent()).certainty is Certainty.UNKNOWN
    assert diagnose(replace(silent(), utilisation=Utilisation(93.0, 30))).code is Code.RUNNING
    assert diagnose(replace(silent(), now=at(39))).code is Code.RUNNING
    assert diagnose(replace(silent(), now=None)).code is Code.RUNNING
    refused = tuple(Looked(Source.POD_LOGS, Look.REFUSED, "403", one.pod_id) for one in RUNNING)
    unseen = diagnose(replace(silent(), logs={}, looked=refused))
    assert (unseen.code, len(unseen.not_seen)) == (Code.RUNNING, 2)


def test_of_a_run_that_goes_on_a_pod_that_failed_is_told_with_what_it_ended_of():
    pods = [
        pod(status="Running"),
        *(pod(f"worker-{n}", "Running") for n in range(9)),
        pod("worker-9", minute=50),
    ]
    killed = ("Container main exited with code 137 (OOMKilled)",)
    for now, code in ((61, Code.RUNNING), (200, Code.HANG)):
        run = facts(
            "Running", pods=pods, events={"worker-9": killed}, logs={"master-0": ("step 1",)}, now=now
        )
        found = diagnose(run)
        assert (found.code, found.evidence[-1].text) == (code, *killed)
        assert pods_that_matter(run)[0].name == "worker-9"


def test_a_pod_that_ended_had_started_though_nobody_tells_when():
    pods = [pod(started=None)]
    end = "Container main exited with code 1"
    for event in ("ossfs: mount succeeded", "Back-off pulling image"):
        run = facts(pods=pods, events={"master-0": (event, end)}, job_events=[event])
        assert diagnose(run).code is Code.ERROR
    never = facts(pods=pods, events={"master-0": ("Back-off pulling image", "Failed: exit code 128")})
    assert diagnose(never).code is Code.IMAGE_PULL


def test_a_run_is_stopped_by_what_is_said_or_shown_and_else_by_nobody_known():
    limit = Request(limit=timedelta(minutes=57))
    assert (
        diagnose(facts("Stopped", "Job is stopped by user.", "JobStoppedByUser")).code
        is Code.STOPPED_BY_PERSON
    )
    assert diagnose(facts("Stopped", request=limit)).code is Code.TIME_LIMIT
    assert diagnose(facts("Stopped", request=Request(limit=timedelta(hours=5)))).code is Code.STOPPED
    assert diagnose(facts("Stopped", "stopped by user", request=limit)).code is Code.STOPPED_BY_PERSON
    other = diagnose(facts("Stopped", "Job is stopped due to arrears."))
    assert (other.code, "PAI says Job is stopped due to arrears." in other.what) == (Code.STOPPED, True)
    shorter = diagnose(
        facts("Stopped", "maximum running time exceeded", request=Request(limit=timedelta(hours=5)))
    )
    assert (shorter.code, shorter.certainty) == (Code.WORKSPACE_POLICY, Certainty.LIKELY)
    assert diagnose(facts("Stopped", "工作空间策略限制最大运行时长")).code is Code.WORKSPACE_POLICY


def test_pods_of_a_role_may_wait_for_another():
    request = Request(dependencies=(Dependency("Worker", "Master", "Running", 1),))
    waiting = pod("worker-0", "Pending", started=None)
    pods = [pod("master-0", "Pending", started=None), waiting]
    assert diagnose(facts("Running", pods=pods, request=request)).code is Code.DEPENDENCY
    up = [pod("master-0", "Running"), waiting]
    assert diagnose(facts("Running", pods=up, request=request, now=20)).code is Code.RUNNING


def test_a_quota_that_is_full_tells_who_is_ahead():
    queue = Queue(3, ("train-a", "train-b"), usage="32 of 32 GPUs are in use")
    run = facts("Queuing", pods=(), way=("Creating", "Queuing"), request=Request(quota_id="quota1"), now=5)
    found = diagnose(replace(run, queue=queue))
    assert found.code is Code.QUOTA_FULL
    assert "number 3 in the queue, behind train-a, train-b" in [one.text for one in found.evidence]
    assert diagnose(replace(run, queue=Queue(1))).code is Code.WAITING


def test_a_bid_is_held_against_what_instances_cost():
    request = Request(bids=("bids for t: at most 0.3 of the price",), shares=(SpotBid("t", 0.3),))
    run = facts("Bidding", pods=(), way=("Creating", "Queuing", "Bidding"), request=request, now=5)
    offers = {
        Code.BID_TOO_LOW: Offer("t", 0.5, has_stock=True),
        Code.NO_STOCK: Offer("t", 0.2, has_stock=False),
        Code.WAITING: Offer("t", 0.2, has_stock=True),
    }
    for code, offer in offers.items():
        assert diagnose(replace(run, offers=(offer,))).code is code
    assert diagnose(replace(run, offers=(Offer("other", 0.9),))).code is Code.WAITING


def test_one_pod_of_a_running_run_that_does_not_come_up_is_told():
    stuck = pod("worker-0", "Pending", started=None)
    events = {"worker-0": ('Failed to pull image "a:1": manifest unknown', "Error: ImagePullBackOff")}
    found = diagnose(facts("Running", pods=[pod(status="Running"), stuck], events=events))
    assert (found.code, found.pod) == (Code.IMAGE_MISSING, "dlc1-worker-0")


TEXTS = st.sampled_from(
    [*NOISE, "Container exited with code 137.", "OOMKilled", "ErrImagePull", "", "\x1b[2J\u202e"]
)
LINES = st.lists(st.builds(Said, TEXTS | st.text(max_size=80), st.none() | st.just(at(3))), max_size=6).map(
    tuple
)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([*PHASES, "Paused"]),
    LINES,
    LINES,
    TEXTS | st.text(max_size=40),
    st.sampled_from(["Failed", "Pending", "Running", "Unknown", ""]),
)
def test_whatever_is_said_there_is_a_verdict_and_a_success_is_one(status, log, events, message, of_pod):
    run = facts(status, message, pods=[pod(status=of_pod), pod("worker-0", of_pod)])
    run = replace(run, logs={"dlc1-master-0": log}, pod_events={"dlc1-worker-0": events}, job_events=events)
    found = diagnose(run)
    assert found.what
    assert (found.code is Code.SUCCEEDED) == (status in {"Succeeded", "SucceededReserving"})
    assert found.code not in WELL or status not in {"Failed", "FailedReserving", "Stopped"}
    assert found.evidence or found.code in WELL


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just("2026-11-29T07:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    "StatusHistory",
    "RestartRecord",
    "Pods",
    "JobSpecs",
    "Settings",
    "DataSources",
    "JobMaxRunningTimeMinutes",
)
ROWS = st.dictionaries(
    st.sampled_from(
        ["Status", "StartTime", "PodId", "GmtStartTime", "SpotSpec", "StartupDependencies", "Reason"]
    ),
    JSON,
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYS), JSON | st.lists(ROWS, max_size=2)), st.sampled_from(list(PHASES))
)
def test_whatever_an_answer_holds_is_read_as_far_as_it_can_be(body, status):
    run = Run("dlc1", "train", status, "2026-11-29T07:00:00Z", body)
    assert diagnose(facts_of(run, region="cn-hangzhou")).what


def test_a_refusal_to_run_and_roles_and_restarts_are_told():
    refused = facts(message="Image is invalid", code="InvalidParameter", pods=(), way=("Creating",))
    assert diagnose(refused).code is Code.INVALID
    runs = facts("Running", pods=[pod(status="Running")], now=5)
    again = replace(runs, restarts=(Restart("exit code 1", at(3)),))
    assert "PAI has started it again once." in diagnose(again).what
    kept = diagnose(facts("FailedReserving", "exit code 139"))
    assert (kept.code, "keeps its resources" in kept.what) == (Code.SEGFAULT, True)
    partly = diagnose(facts("Succeeded", pods=[pod(status="Succeeded"), pod("worker-0")]))
    assert (partly.code, "But 1 of its 2 pods failed: worker-0." in partly.what) == (Code.SUCCEEDED, True)


def test_a_pod_without_an_end_that_anybody_tells_is_unknown():
    found = diagnose(facts(pods=[pod()], logs={"master-0": ("step 3 loss 0.1",)}))
    assert (found.code, found.certainty) == (Code.UNKNOWN, Certainty.UNKNOWN)
    assert diagnose(unstarted()).code is Code.UNKNOWN
