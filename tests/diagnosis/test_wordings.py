"""Causes as Kubernetes, its runtimes, NCCL, CUDA, MPI and Python word them, in wordings no emulator prints.

The texts are those of public issue trackers, shortened.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dlcapply.diagnosis.diagnose import diagnose
from dlcapply.diagnosis.facts import Request
from dlcapply.diagnosis.verdicts import Certainty, Code
from tests.diagnosis.builders import exited, facts, pod, unstarted

MPI = Request(job_type="MPIJob")
QUOTA = Request(job_type="PyTorchJob", quota_id="quota1")
SPOT = Request(job_type="PyTorchJob", bids=("bids for ecs.gn7i: at most 0.3 of the price",))


def in_region(image):
    return Request(images=(image,), region="cn-hangzhou")


def sections(name="wordings.txt"):
    """Of the file, the verdict, the exit code if it is about ends, and the lines, section by section."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    for title, *lines in (block.splitlines() for block in text.strip().split("\n\n")):
        code, _, exit_code = title.removeprefix("# ").partition(" ")
        yield Code(code), int(exit_code or 0), lines


@pytest.mark.parametrize(("code", "exit_code", "texts"), list(sections()))
def test_each_wording_has_its_verdict(code, exit_code, texts):
    for text in texts:
        for status in ("EnvPreparing", "Failed"):
            run = exited(exit_code, text) if exit_code else unstarted("Scheduled", text, status=status)
            found = diagnose(run)
            assert (found.code, found.evidence[-1].text) == (code, text)


@pytest.mark.parametrize(
    ("image", "error", "code"),
    [
        ("reg-registry-vpc.cn-beijing.cr.aliyuncs.com/a/b:1", "i/o timeout", Code.IMAGE_REGION),
        ("registry-vpc.cn-shanghai.aliyuncs.com/a/b:1", "manifest unknown", Code.IMAGE_REGION),
        ("registry.cn-beijing.aliyuncs.com/a/b:1", "i/o timeout", Code.IMAGE_REGION),
        ("registry.cn-beijing.aliyuncs.com/a/b:1", "manifest unknown", Code.IMAGE_MISSING),
        ("registry-vpc.cn-hangzhou.aliyuncs.com/a/b:1", "i/o timeout", Code.IMAGE_UNREACHABLE),
        ("docker.io/unauthorized/not-found-403:1", "i/o timeout", Code.IMAGE_UNREACHABLE),
    ],
)
def test_the_region_of_an_image_counts_and_its_name_does_not(image, error, code):
    text = f'Failed to pull image "{image}": rpc error: code = Unknown desc = {error}'
    assert diagnose(unstarted(text, request=in_region(image))).code is code


@pytest.mark.parametrize(
    "texts",
    [
        ("Failed to pull image: i/o timeout", "Error: ErrImagePull", "Successfully pulled image in 9m"),
        ("FailedMount MountVolume.SetUp failed for volume d-1", 'Pulling image "a:1"'),
        ("FailedScheduling 0/3 nodes are available: 3 Insufficient cpu.", "Successfully assigned dlc/a to b"),
        ('FailedMount MountVolume.SetUp failed for volume "x" : failed to sync configmap cache',),
    ],
)
def test_what_a_pod_got_over_is_no_trouble(texts):
    assert diagnose(unstarted(*texts, status="EnvPreparing", now=10)).is_well
    assert diagnose(facts("Running", pods=[pod(status="Running")], events={"master-0": texts}, now=5)).is_well


WAITS = {
    "resource type is not enough": (Code.NO_STOCK, Code.QUOTA_FULL),
    "OperationDenied.NoStock: The requested resource is sold out in the specified zone": (
        Code.NO_STOCK,
        Code.QUOTA_FULL,
    ),
    "当前资源规格库存不足": (Code.NO_STOCK, Code.QUOTA_FULL),
    "self_quota check Failed, ExceedResources: GPU": (Code.QUOTA_FULL, Code.QUOTA_FULL),
    "资源配额不足": (Code.QUOTA_FULL, Code.QUOTA_FULL),
    "the bid price is lower than the current spot price": (Code.BID_TOO_LOW, Code.BID_TOO_LOW),
    "Job is Queuing.": (Code.WAITING, Code.WAITING),
}


@pytest.mark.parametrize("text", WAITS)
def test_waits(text):
    found = tuple(
        diagnose(
            facts("Queuing", pods=(), way=("Creating", "Queuing"), job_events=[text], request=one, now=5)
        ).code
        for one in (Request(), QUOTA)
    )
    assert found == WAITS[text]


def test_a_long_wait_that_nothing_explains_is_said_to_be_one():
    found = diagnose(facts("Queuing", pods=(), way=("Creating", "Queuing"), now=90))
    assert (found.code, found.certainty) == (Code.WAITING_LONG, Certainty.UNKNOWN)


OOM_EVENT = "Container main terminated: reason OOMKilled"
SUMMARY = (
    "torch.distributed.elastic.multiprocessing.errors.ChildFailedError:",
    "train.py FAILED",
    "Root Cause (first observed failure):",
    "  rank      : 4 (local_rank: 4)",
)


def child(code, signal):
    return (
        *SUMMARY,
        f"  exitcode  : {code} (pid: 208585)",
        f"  traceback : Signal {-code} ({signal}) received by PID 208585",
    )


WATCHDOG = "[rank3]:[E ProcessGroupNCCL.cpp:616] [Rank 3] Watchdog caught collective operation timeout"
GPU_OOM = (
    "Traceback (most recent call last):",
    '  File "train.py", line 3, in step',
    "    loss = model(batch)",
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.95 GiB.",
)
ENDS = [
    (137, ("Killed",), Code.KILLED),
    (137, ("epoch 3 step 10", "Traceback (most recent call last):", "ValueError: x"), Code.KILLED),
    (137, ("kernel: oom-kill:constraint=CONSTRAINT_MEMCG", "Killed"), Code.OOM),
    (137, GPU_OOM, Code.KILLED),
    (1, GPU_OOM, Code.GPU_OOM),
    (1, child(-9, "SIGKILL"), Code.KILLED),
    (1, child(-11, "SIGSEGV"), Code.SEGFAULT),
    (1, child(-15, "SIGTERM"), Code.SIGTERM),
    (1, (WATCHDOG, *child(-6, "SIGABRT")), Code.NCCL_TIMEOUT),
    (134, (WATCHDOG, "Aborted (core dumped)"), Code.NCCL_TIMEOUT),
    (134, ("terminate called after throwing an instance of 'std::runtime_error'",), Code.ABORTED),
    (135, ("Bus error (core dumped)",), Code.SHARED_MEMORY),
    (139, ("Fatal Python error: Segmentation fault",), Code.SEGFAULT),
    (139, (), Code.SEGFAULT),
    (143, (), Code.SIGTERM),
    (130, ("KeyboardInterrupt",), Code.SIGTERM),
    (138, (), Code.SIGTERM),
    (241, (), Code.SIGTERM),
    (247, (), Code.KILLED),
    (245, (), Code.NCCL_TIMEOUT),
    (245, ("Segmentation fault (core dumped)",), Code.SEGFAULT),
    (127, ("bash: line 1: torchrunn: command not found",), Code.NOT_FOUND),
    (126, ("bash: ./run.sh: Permission denied",), Code.NOT_EXECUTABLE),
    (255, ("ssh: connect to host worker-1 port 22: Connection refused",), Code.MPI_SSH),
    (255, (), Code.ERROR),
    (1, ("numpy.core._exceptions._ArrayMemoryError: Unable to allocate 9 GiB", "MemoryError"), Code.OOM),
    (3, (), Code.ERROR),
]


@pytest.mark.parametrize(("exit_code", "log", "code"), ENDS)
def test_ends(exit_code, log, code):
    found = diagnose(exited(exit_code, *log))
    assert (found.code, found.exit_code) == (code, exit_code)


def test_the_service_names_the_cause_before_any_log_does():
    found = diagnose(exited(137, "Killed", events={"master-0": (OOM_EVENT,)}))
    assert (found.code, found.certainty) == (Code.OOM, Certainty.CERTAIN)
    alone = diagnose(exited(137))
    assert (alone.code, alone.certainty) == (Code.KILLED, Certainty.LIKELY)
    assert "out of memory, or something killed it" in alone.what


MPI_WORDS = (
    "ORTE was unable to reliably start one or more daemons.",
    "PRTE has lost communication with a remote daemon.",
    "Permission denied (publickey,password).",
    "Host key verification failed.",
)


def test_mpi_gets_to_other_pods_by_ssh():
    for words in MPI_WORDS:
        assert diagnose(exited(1, words, request=MPI)).code is Code.MPI_SSH
    assert diagnose(exited(255, request=MPI)).code is Code.MPI_SSH


TAKEN = {
    "Preempted by pod 5f2b on node n1": Code.PREEMPTED,
    "抢占式实例已被回收": Code.RECLAIMED,
    "The spot instance will be released": Code.RECLAIMED,
    "Evicted: The node was low on resource: ephemeral-storage. Container main was using 90Gi": Code.DISK_FULL,
    "Evicted: The node had condition: [MemoryPressure].": Code.EVICTED,
    "Pod was terminated in response to imminent node shutdown.": Code.EVICTED,
    "Taint manager: deleting due to NoExecute taint": Code.EVICTED,
    "Pod is evicted, because of preempt": Code.PREEMPTED,
    "Preempted to accommodate a workload (UID: 1) due to prioritization in the ClusterQueue": Code.PREEMPTED,
    "JobPreempted": Code.PREEMPTED,
    "Victim of preemption by job-b": Code.PREEMPTED,
    "被更高优先级任务抢占": Code.PREEMPTED,
    "PreemptibleInstanceInterrupted: instance i-1 interrupted": Code.RECLAIMED,
    "竞价实例被回收": Code.RECLAIMED,
    'Container main exceeded its local ephemeral storage limit "20Gi".': Code.DISK_FULL,
    "节点异常, Pod 被驱逐": Code.EVICTED,
    "Pod ephemeral local storage usage exceeds the total limit of containers 20Gi.": Code.DISK_FULL,
    'Usage of EmptyDir volume "shm" exceeds the limit "1Gi".': Code.DISK_FULL,
}


@pytest.mark.parametrize("text", TAKEN)
def test_pods_that_are_taken_away(text):
    assert diagnose(exited(143, "Terminated", events={"master-0": (text,)})).code is TAKEN[text]


def test_an_eviction_of_a_spot_pod_is_a_reclaim_that_nobody_names():
    found = diagnose(exited(143, pods=[pod(sub_status="Evicted")], request=SPOT))
    assert (found.code, found.certainty) == (Code.RECLAIMED, Certainty.LIKELY)
