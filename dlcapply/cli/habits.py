"""Words that people type from habit with other tools, and what is meant by them here.

A word for ending something never leads to `release`: a released run goes on, and costs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dlcapply.errors import UsageError
from dlcapply.manifest.did_you_mean import closest, did_you_mean
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_LONGEST_SHOWN = 80
# One letter from what ends a run, and it keeps a run that costs out of everybody's sight.
_NEVER_GUESSED = {"release"}
_STATUS = "dlcapply status shows the run of each job"
_ONE_STATUS = "dlcapply status NAME shows the job's run"
_WHY = "dlcapply why NAME tells why the job's run waits, failed, was stopped or hangs"
_HISTORY = "dlcapply history NAME shows all runs of a job, and what changed from each to the next"
_APPLY = "declare the job in a manifest; dlcapply plan shows what would be done, and dlcapply apply does it"
_END = (
    "dlcapply stop NAME ends the job's run; run: {state: stopped} in its manifest and dlcapply apply keep it "
    "ended"
)
_REMOVE = (
    "dlcapply stop NAME ends a run, and dlcapply cleanup --delete removes ended ones; for good, put "
    "run: {state: stopped} into its manifest, or remove the manifest and add --prune; then dlcapply apply"
)
_CLEAN = (
    "dlcapply cleanup lists ended runs, and deletes with --delete; dlcapply apply --prune stops runs that no "
    "manifest declares"
)
_AGAIN = (
    "dlcapply rerun NAME writes another run.token into its manifest: dlcapply apply then starts a new, "
    "paid run"
)
_PAUSE = (
    "a run can't be paused: dlcapply stop NAME --signal SIGUSR1 lets it write a checkpoint and ends it; "
    "what it has not saved is lost"
)
_WATCH = "dlcapply wait NAME follows a job's run to its end, and dlcapply apply --wait those that it starts"
_LEAVE = "dlcapply release NAME leaves a job's run to others: it goes on"
_RULES = "dlcapply explain lists the rules, and dlcapply explain RULE tells what one is about"
_VALIDATE = "dlcapply validate checks manifests offline"
_RENDER = "dlcapply render prints manifests as they are after composition"
_PLAN = "dlcapply plan shows what would be done, and why"
_DIFF = "dlcapply diff REF shows what changes in each job since a commit"
_COPY = "copy the manifest under another metadata.name, then dlcapply apply"
_EDIT = "edit the job's manifest, then dlcapply apply"
_LOGS = "dlcapply logs NAME prints what the pods of a run print, and with --follow goes on to its end"
_EVENTS = "dlcapply events NAME shows what happened to a run and its pods"
_TERMINAL = "dlcapply open NAME --terminal prints an address that opens a shell in a pod"
_OPEN = "dlcapply open NAME prints the addresses of a run: console, dashboards, TensorBoard, terminal"
_TENSORBOARD = "dlcapply open NAME --tensorboard start|stop starts and stops the TensorBoard of a run"
_NOTIFY = "webhooks stand under notify in dlcapply.yaml: dlcapply apply and wait tell them how runs ended"
_QUEUE = "dlcapply queue shows who waits for each quota, and dlcapply status the run of each job"
_USAGE = "dlcapply metrics NAME shows how far a run uses what it has"
_QUOTAS = "dlcapply queue shows the quotas of the workspace: what is free, and who waits"
_SANITY = "dlcapply sanity NAME shows what checks of the hardware found"
_SIGNAL = "dlcapply stop NAME --signal SIGUSR1 --grace 10m sends a signal, and ends what goes on after that"
_BEGIN = "write a dlcapply.yaml, which dlcapply schema project describes, and manifests beside it"
_KEYS = "credentials are those of the SDK's own chain: set them up as for other Alibaba Cloud tools"
_REVIEW = "dlcapply github shows plans in pull requests, and fetches the approved ones"
_BACK = "git revert the manifest, then dlcapply apply"

# PAI's own operations, as `aliyun` has them: all that docs/coming-from-aliyun-cli.md has something else for.
_OPERATIONS: dict[str, str] = {
    "list-jobs": _STATUS,
    "get-job": _ONE_STATUS,
    **dict.fromkeys(("create-job", "start-job"), _APPLY),
    "stop-job": _END,
    "delete-job": _REMOVE,
    **dict.fromkeys(("update-job", "tag-resources", "untag-resources"), _EDIT),
    "get-pod-logs": _LOGS,
    **dict.fromkeys(("get-pod-events", "get-job-events"), _EVENTS),
    **dict.fromkeys(("get-job-metrics", "get-metrics"), _USAGE),
    **dict.fromkeys(("list-job-sanity-check-results", "get-job-sanity-check-result"), _SANITY),
    **dict.fromkeys(("create-signal", "get-signal", "list-signals"), _SIGNAL),
    "get-web-terminal": _TERMINAL,
    **dict.fromkeys(("get-dashboard", "get-ray-dashboard"), _OPEN),
    **dict.fromkeys(("create-tensorboard", "start-tensorboard", "stop-tensorboard"), _TENSORBOARD),
    **dict.fromkeys(("list-tensorboards", "get-tensorboard"), _OPEN),
    **dict.fromkeys(("list-quotas", "get-quota", "list-quota-workloads"), _QUOTAS),
    "list-permissions": _PLAN,
}
# The other words are those of kubectl, terraform, docker, git, Slurm and the clouds' own job commands.
MEANT: dict[str, str] = {
    **_OPERATIONS,
    **dict.fromkeys(("ls", "ps", "list", "jobs", "state", "refresh"), _STATUS),
    **dict.fromkeys(("sacct", "runs"), _HISTORY),
    **dict.fromkeys(("get", "job", "info"), _ONE_STATUS),
    **dict.fromkeys(("describe", "inspect", "diagnose", "debug", "troubleshoot", "reason"), _WHY),
    **dict.fromkeys(
        ("submit", "create", "run", "start", "up", "deploy", "sbatch", "srun", "launch", "train", "sync"),
        _APPLY,
    ),
    **dict.fromkeys(("cancel", "kill", "scancel", "terminate", "abort", "halt", "down"), _END),
    **dict.fromkeys(("delete", "destroy", "rm", "remove", "del", "teardown"), _REMOVE),
    **dict.fromkeys(("prune", "purge", "clean", "gc"), _CLEAN),
    **dict.fromkeys(("restart", "retry", "resume", "taint", "requeue", "again"), _AGAIN),
    **dict.fromkeys(("lint", "check", "test", "verify"), _VALIDATE),
    **dict.fromkeys(("template", "build", "kustomize", "fmt", "format", "convert", "compose"), _RENDER),
    **dict.fromkeys(("preview", "dry-run", "dryrun"), _PLAN),
    **dict.fromkeys(("compare", "changes", "changed"), _DIFF),
    "drift": "dlcapply plan --drift shows what changed on the service, and by no manifest",
    **dict.fromkeys(("pause", "suspend"), _PAUSE),
    **dict.fromkeys(("unadopt", "disown", "unmanage"), _LEAVE),
    **dict.fromkeys(("rules", "docs"), _RULES),
    **dict.fromkeys(("cp", "copy", "clone"), _COPY),
    **dict.fromkeys(("edit", "update", "patch", "set", "scale", "annotate", "label", "replace"), _EDIT),
    "watch": _WATCH,
    **dict.fromkeys(("log", "tail", "follow", "attach", "stream-logs", "output", "stdout", "cat"), _LOGS),
    **dict.fromkeys(("event", "ev"), _EVENTS),
    **dict.fromkeys(("exec", "ssh", "shell", "terminal"), _TERMINAL),
    **dict.fromkeys(("console", "browse", "dashboard", "tensorboard", "ray", "url"), _OPEN),
    **dict.fromkeys(("squeue", "pending", "waiting"), _QUEUE),
    **dict.fromkeys(("quota", "quotas", "sinfo"), _QUOTAS),
    **dict.fromkeys(("top", "stats", "usage", "utilization", "gpu", "nvidia-smi"), _USAGE),
    **dict.fromkeys(("health", "sanity-check"), _SANITY),
    "signal": _SIGNAL,
    **dict.fromkeys(("notify", "webhook", "webhooks"), _NOTIFY),
    "idle": "dlcapply status and why tell of idle runs, where run.utilization says how much they have to use",
    **dict.fromkeys(("init", "new", "setup"), _BEGIN),
    **dict.fromkeys(("login", "auth", "configure", "config"), _KEYS),
    **dict.fromkeys(("rollback", "undo", "revert"), _BACK),
    **dict.fromkeys(("comment", "approve", "approved", "pr", "gh", "gitlab"), _REVIEW),
    "import": "dlcapply adopt NAME counts a run that was created elsewhere as the job's own",
    "version": "dlcapply --version",
    "help": "dlcapply --help, or dlcapply COMMAND --help",
}


def check_follow(words: Sequence[str]) -> None:
    """Raises UsageError for the -f of kubectl and tail, where it stands before nothing that is a file."""
    at = words.index("-f")
    behind = words[at + 1 : at + 2]
    if not behind or behind[0].startswith("-") or not os.path.exists(behind[0]):  # noqa: PTH110
        raise UsageError("-f names manifests", hint="--follow goes on until the run has ended")


def option_meant(option: str, command: str, known: Collection[str]) -> str:
    """A hint for an option of other tools; `known` are the command's own, and the names of its arguments.

    Empty where nothing of the command is meant by it.
    """
    match option:
        case "-f" | "--filename" if "PATHS" in known:
            return f"files and folders are words of their own: {command} jobs/"
        case "-w" if "--watch" in known:
            return f"{command} --watch shows it in place, again and again"
        case "-w" if "--wait" in known:
            return f"{command} --wait waits for the runs"
        case "--all" if "--select" in known:
            return f"{command} --select '*' means all"
    return ""


def no_command(word: str, known: Collection[str]) -> UsageError:
    """The error for a word that is not one of the commands, with the one that is meant."""
    near = closest(word, {*known, *MEANT} - _NEVER_GUESSED)
    hint = MEANT.get(word.lower()) or MEANT.get(near) or did_you_mean(word, set(known) - _NEVER_GUESSED)
    hint = hint or "dlcapply --help lists the commands"
    return UsageError(f"there is no command {without_secrets(word[:_LONGEST_SHOWN])}", hint=hint)
