"""For each verdict, the sentence that says it and what can be done: the one table of both."""

from __future__ import annotations

from typing import NamedTuple

from dlcapply.diagnosis.verdicts import Code, Step


class Advice(NamedTuple):
    """`what` is completed with who it is about, and followed by the detail that was found."""

    what: str
    steps: tuple[Step, ...] = ()


# In place of the PodId of the pod that decided; a step without such a pod loses the option.
POD = "{pod}"
_LOGS = Step("read the end of its log", ("logs", "--pod", POD, "--tail", "100"))
_ALL_LOGS = Step("read the logs of all pods around that time", ("logs", "--tail", "100"))
_EVENTS = Step("read what Kubernetes says of the pod", ("events", "--pod", POD))
_JOB_EVENTS = Step("read the events of the run", ("events",))
_AGAIN = Step("then ask for another run, in review", ("rerun",))
_RERUN = Step("ask for another run, in review", ("rerun",))
_FOLLOW = Step("follow it", ("wait",))
_QUEUE = Step("see who uses the quota, and who waits for it", ("queue",))
_SMALLER = Step("or ask for less, or for another instance type or quota, in the manifest")

ADVICE: dict[Code, Advice] = {
    Code.SUCCEEDED: Advice("Nothing is wrong: it succeeded."),
    Code.RUNNING: Advice(
        "Nothing is wrong, as far as can be seen: it runs.",
        (Step("follow what it prints", ("logs", "--follow")), _FOLLOW),
    ),
    Code.STARTING: Advice("Nothing is wrong: it is being started.", (_FOLLOW,)),
    Code.WAITING: Advice("Nothing is wrong: it waits for its resources, and not for long yet.", (_FOLLOW,)),
    Code.QUOTA_FULL: Advice(
        "It waits: its quota has too little left for it.",
        (_QUEUE, _FOLLOW, Step("or raise spec.Priority, which PAI takes while it waits"), _SMALLER),
    ),
    Code.NO_STOCK: Advice(
        "It waits: PAI has no instances of the type that it asks for.",
        (_FOLLOW, Step("or ask for another spec.JobSpecs[].EcsSpec, zone or region in the manifest")),
    ),
    Code.BID_TOO_LOW: Advice(
        "It waits for a spot instance, which its bid does not get.",
        (
            Step("raise the limit in spec.JobSpecs[].SpotSpec, or leave it out for on-demand instances"),
            _FOLLOW,
        ),
    ),
    Code.NO_NODE: Advice(
        "It waits: the scheduler finds no node that fits {who}.",
        (
            _EVENTS,
            Step(
                "compare what the manifest asks of nodes (GPUType, AssignNodeSpec, Driver) with what there is"
            ),
        ),
    ),
    Code.DEPENDENCY: Advice(
        "It waits: {who} starts only when pods of another role have come far enough (StartupDependencies).",
        (Step("look at the role that is waited for", ("logs", "--tail", "100")), _FOLLOW),
    ),
    Code.WAITING_LONG: Advice(
        "It has been {status} for {waited}, and nothing that was seen tells why.",
        (_JOB_EVENTS, _FOLLOW, Step("or stop it, before it starts at a bad time", ("stop",))),
    ),
    Code.IMAGE_MISSING: Advice(
        "The image of {who} does not exist.",
        (Step("correct spec.JobSpecs[].Image: the name, the tag, and that it was pushed"), _EVENTS),
    ),
    Code.IMAGE_DENIED: Advice(
        "The image of {who} may not be pulled.",
        (
            Step("give spec.JobSpecs[].ImageConfig a login for it, or make the repository readable for PAI"),
            Step("check the name, too: registries deny what does not exist"),
        ),
    ),
    Code.IMAGE_REGION: Advice(
        "The image of {who} is in another region.",
        (Step("use the registry of the run's own region in spec.JobSpecs[].Image, or copy the image there"),),
    ),
    Code.IMAGE_UNREACHABLE: Advice(
        "The registry of {who}'s image can't be reached, or refuses for now.",
        (
            Step("check the host in spec.JobSpecs[].Image, and the way there from the VPC (spec.UserVpc)"),
            _EVENTS,
            _AGAIN,
        ),
    ),
    Code.IMAGE_PULL: Advice(
        "The image of {who} can't be pulled, and nothing that was seen tells why.",
        (_EVENTS, Step("check that spec.JobSpecs[].Image exists, and that the workspace may read it")),
    ),
    Code.DATASET_MOUNT: Advice(
        "The storage of {who} can't be mounted.",
        (
            Step("check spec.DataSources: that each exists, in this region, and that its role may read it"),
            _EVENTS,
        ),
    ),
    Code.SANITY_FAILED: Advice(
        "The sanity check of its nodes failed, and its program did not run.",
        (Step("see which node, and which check", ("sanity",)), _AGAIN),
    ),
    Code.INVALID: Advice(
        "PAI refuses what it asks for.", (Step("correct the manifest by what PAI says"), _JOB_EVENTS)
    ),
    Code.STOPPED_BY_PERSON: Advice(
        "It was stopped by request.",
        (Step("to run it again, ask for another run, in review", ("rerun",)),),
    ),
    Code.STOPPED: Advice("It was stopped; by whom or why is not known here.", (_JOB_EVENTS, _ALL_LOGS)),
    Code.TIME_LIMIT: Advice(
        "It was stopped by its own time limit.",
        (
            Step("raise spec.JobMaxRunningTimeMinutes: after a stop by the limit that asks for a new run"),
            Step("and let the program save its work, and go on from there"),
        ),
    ),
    Code.WORKSPACE_POLICY: Advice(
        "It was ended by a rule of the workspace.",
        (Step("ask the workspace's administrator for the rule, and keep below it in the manifest"),),
    ),
    Code.PREEMPTED: Advice(
        "{Who} was preempted: idle resources go back to whom they belong to.",
        (_RERUN, Step("or leave Settings.OversoldType out, so that it waits for resources of its own")),
    ),
    Code.RECLAIMED: Advice(
        "{Who} was reclaimed: a spot instance goes to who pays more.",
        (_RERUN, Step("or raise the bid, or use on-demand instances; save the work often enough")),
    ),
    Code.EVICTED: Advice(
        "{Who} lost its node: the node was in trouble, or had to be emptied.", (_EVENTS, _AGAIN)
    ),
    Code.OOM: Advice(
        "{Who} ran out of memory.",
        (
            Step(
                "give it more (an instance type with more, or ResourceConfig.Memory), or use less: fewer data"
                " loaders, smaller batches"
            ),
            Step("see how its memory grew", ("metrics",)),
            _LOGS,
        ),
    ),
    Code.KILLED: Advice(
        "{Who} was killed: it was out of memory, or something killed it; nothing that was seen tells which.",
        (_EVENTS, Step("see whether its memory grew to its limit", ("metrics",)), _LOGS),
    ),
    Code.GPU_OOM: Advice(
        "{Who} ran out of accelerator memory.",
        (Step("use less (smaller batches, checkpointed activations, sharding), or GPUs with more"), _LOGS),
    ),
    Code.SEGFAULT: Advice(
        "{Who} ended with a segmentation fault: a mistake in native code, or libraries that don't match.",
        (
            _LOGS,
            Step(
                "compare CUDA, driver and library versions with those that worked; set PYTHONFAULTHANDLER=1"
            ),
        ),
    ),
    Code.SHARED_MEMORY: Advice(
        "{Who} had too little shared memory.",
        (Step("raise ResourceConfig.SharedMemory, or use fewer data loaders"), _LOGS),
    ),
    Code.ABORTED: Advice("{Who} crashed.", (_LOGS,)),
    Code.NCCL_TIMEOUT: Advice(
        "{Who} waited too long for the others in a collective operation: one of them was slow, hung or gone.",
        (Step("find the rank that came last, in the logs of all pods", ("logs", "--tail", "200")), _AGAIN),
    ),
    Code.NCCL_ERROR: Advice(
        "{Who} lost its connection to the others (NCCL).",
        (_ALL_LOGS, Step("check the nodes before another run", ("sanity",)), _AGAIN),
    ),
    Code.RENDEZVOUS: Advice(
        "{Who} waited too long for the other pods to join.",
        (Step("see which pods did not come up", ("events",)), _ALL_LOGS),
    ),
    Code.MPI_SSH: Advice(
        "{Who} could not start, or lost, its daemon on another pod: MPI gets there by ssh.",
        (
            Step("check that sshd runs in the image, and starts before mpirun does"),
            _ALL_LOGS,
        ),
    ),
    Code.SIGTERM: Advice(
        "{Who} was asked to end by a signal, and nothing that was seen tells by whom.",
        (_JOB_EVENTS, _EVENTS, _LOGS),
    ),
    Code.NOT_FOUND: Advice(
        "{Who} found no such command.",
        (Step("check spec.UserCommand and the image: the path, and what is installed there"), _LOGS),
    ),
    Code.NOT_EXECUTABLE: Advice(
        "{Who} may not execute its command.",
        (Step("make the file executable, or start it with its interpreter (bash run.sh)"), _LOGS),
    ),
    Code.DISK_FULL: Advice(
        "{Who} found no space left to write to.",
        (Step("write to a mounted data source, or ask for a larger spec.JobSpecs[].SystemDisk"), _LOGS),
    ),
    Code.GPU_FAULT: Advice(
        "{Who} met a fault of the accelerator.",
        (
            Step("check the nodes with Settings.EnableSanityCheck before another run", ("sanity",)),
            _AGAIN,
        ),
    ),
    Code.ERROR: Advice(
        "{Who} ended with an error of its own.",
        (_LOGS, Step("correct the program, then run it again", ("rerun",))),
    ),
    Code.ONE_POD: Advice(
        "{Who} alone ended with an error of its own.",
        (
            _LOGS,
            Step("look at what is its own: its part of the data, its node"),
            Step("then ask for another run, in review", ("rerun",)),
        ),
    ),
    Code.HANG: Advice(
        "It may hang: for {lasted} no pod that was asked has printed a line.",
        (
            Step("see where it stands, in a terminal in the pod", ("open", "--terminal")),
            Step("see whether its accelerators work", ("metrics",)),
            Step("stop it: it costs as long as it hangs", ("stop",)),
        ),
    ),
    Code.UNKNOWN: Advice("Nothing that was seen tells why.", (_JOB_EVENTS, _ALL_LOGS, _EVENTS)),
    Code.NO_RUN: Advice("It has no run."),
}
