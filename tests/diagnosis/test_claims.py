"""Words of a cause count where they are told as something that happened.

`endings.txt` has the ends of logs, as programs and launchers word them, with their verdicts and exit codes.
Lines of `innocent.txt` and `innocent_events.txt` have the words of causes, and are none.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dlcapply.diagnosis.diagnose import diagnose
from dlcapply.diagnosis.facts import Request
from dlcapply.diagnosis.verdicts import Certainty, Code
from tests.diagnosis.builders import exited, facts, pod
from tests.diagnosis.test_wordings import sections

LAST_STEP = "epoch 3 step 10 loss 0.2"
TRACEBACK = ("Traceback (most recent call last):", '  File "a.py", line 3, in f', "KeyError: 'head'")
# What is known of an end by its code alone.
BY_CODE = {1: Code.ERROR, 134: Code.ABORTED, 137: Code.KILLED, 139: Code.SEGFAULT, 245: Code.NCCL_TIMEOUT}


def lines_of(name):
    return (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()


def test_ends_are_told_by_the_process_that_failed_first():
    wrong = [
        (code, found.code, text)
        for code, exit_code, texts in sections("endings.txt")
        for text in texts
        for found in [diagnose(exited(exit_code, *text.split(" ⏎ "), request=of_type(code)))]
        if found.code is not code
    ]
    assert wrong == []


def of_type(code):
    return Request(job_type="MPIJob" if code is Code.MPI_SSH else "PyTorchJob", region="cn-hangzhou")


@pytest.mark.parametrize("exit_code", BY_CODE)
def test_the_last_word_of_a_program_may_have_the_words_of_a_cause_and_be_none(exit_code):
    wrong = [
        (found.code, found.certainty, line)
        for line in lines_of("innocent.txt")
        for found in [diagnose(exited(exit_code, LAST_STEP, line))]
        if found.code is not BY_CODE[exit_code]
        or (found.code is Code.NCCL_TIMEOUT and found.certainty is Certainty.CERTAIN)
    ]
    assert wrong == []


def test_before_an_exception_it_is_none_either():
    runs = {line: diagnose(exited(1, line, *TRACEBACK)) for line in lines_of("innocent.txt")}
    assert [line for line, found in runs.items() if found.evidence[-1].text != TRACEBACK[-1]] == []


def test_what_the_service_says_of_others_of_limits_and_of_what_might_be_is_no_end():
    wrong = []
    for line in lines_of("innocent_events.txt"):
        ended = {
            number: {"master-0": (line, f"Container main exited with code {number}")} for number in BY_CODE
        }
        codes = {n: diagnose(exited(n, LAST_STEP, events=events)).code for n, events in ended.items()}
        runs = diagnose(
            facts(
                "Running",
                pods=[pod(status="Running")],
                events={"master-0": (line,)},
                job_events=[line],
                now=5,
            )
        )
        wrong += [(line, codes)] if codes != BY_CODE or not runs.is_well else []
    assert wrong == []


WAITS = {
    "Quota check passed: quota is not exceeded": Code.WAITING,
    "resource quota team-a: not full, 3 of 8 GPUs are used": Code.WAITING,
    "The job will be queued if the resource is not enough": Code.WAITING,
    "Job priority raised over the quota default": Code.WAITING,
    "Insufficient quota, quotaName: q1, exceedDimensions: [gpu]": Code.QUOTA_FULL,
    "Job is waiting in the queue: user_limit exceeded": Code.QUOTA_FULL,
    "The requested resource is sold out": Code.NO_STOCK,
    "Jobs whose bid is below the market price wait": Code.WAITING,
}


def test_a_wait_is_for_what_is_told_to_be_lacking():
    way = ("Creating", "Queuing")
    found = {
        text: diagnose(facts("Queuing", pods=(), way=way, job_events=[text], now=5)).code for text in WAITS
    }
    assert found == WAITS
    assert diagnose(facts("Stopped", "Job was not stopped by user")).code is Code.STOPPED


LOST = ("Traceback (most recent call last):", "torch.distributed.DistBackendError: NCCL error in: a.cpp:1")
LATE = ("[rank3]:[E ProcessGroupNCCL.cpp:616] [Rank 3] Watchdog caught collective operation timeout: Work",)
GPU_OOM = ("Traceback (most recent call last):", "torch.OutOfMemoryError: CUDA out of memory.")
# Of each pod its name, when it ended, its exit code, and the end of its log; then the verdict and its pod.
RUNS = [
    ([("master-0", 60, 1, LATE), ("worker-0", 50, 1, GPU_OOM)], Code.GPU_OOM, "worker-0"),
    ([("master-0", 60, 1, LOST), ("worker-0", 60.1, 139, ())], Code.SEGFAULT, "worker-0"),
    ([("master-0", 60, 1, LOST), ("worker-0", 60.1, 1, TRACEBACK)], Code.ERROR, "worker-0"),
    ([("master-0", 60, 1, TRACEBACK), ("worker-0", 60, 1, TRACEBACK)], Code.ERROR, "master-0"),
    ([("master-0", 60, None, ()), ("worker-0", 60.2, 143, ())], Code.UNKNOWN, "master-0"),
    ([("master-0", 70, 1, LATE), ("worker-0", 60, 137, ())], Code.KILLED, "worker-0"),
]


@pytest.mark.parametrize(("rows", "code", "name"), RUNS)
def test_of_several_pods_the_cause_counts_and_not_its_echo(rows, code, name):
    run = facts(
        pods=[pod(name, minute=minute) for name, minute, _, _ in rows],
        message="Job failed",
        events={
            name: (f"Container main exited with code {number}",) for name, _, number, _ in rows if number
        },
        logs={name: log for name, _, _, log in rows},
    )
    found = diagnose(run)
    assert (found.code, found.pod) == (code, f"dlc1-{name}")


def test_mpirun_loses_the_daemons_of_ranks_that_failed():
    ranks = [f"[1,3]<stderr>:{text}" for text in GPU_OOM]
    lost = "ORTE has lost communication with a remote daemon."
    for number in (1, 255):
        assert diagnose(exited(number, *ranks, lost, request=of_type(Code.MPI_SSH))).code is Code.GPU_OOM
        assert diagnose(exited(number, lost, request=of_type(Code.MPI_SSH))).code is Code.MPI_SSH


@pytest.mark.parametrize(
    "message",
    [
        "PodOOMKilled: dlc1-worker-0 (exitCode: 137)",
        "dlc1-worker-0 ran out of memory (exitCode: 137)",
        "Pod dlc1-worker-0 OOMKilled, exit code 137.",
    ],
)
def test_the_number_of_a_pod_is_no_count_of_what_happened_to_it(message):
    assert diagnose(facts("Failed", message, "JobFailed", pods=[pod("worker-0")])).code is Code.OOM


def test_none_of_it_happened():
    message = "0 OOMKilled, -0 OOMKilled: exit code 137"
    assert diagnose(facts("Failed", message, "JobFailed", pods=[pod("worker-0")])).code is Code.KILLED
