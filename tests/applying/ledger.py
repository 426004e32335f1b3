"""The stateful test's own book of runs: for which manifest each was started, and what forbade its start.

Nothing in it asks the code under test. A run is entered when the service has it, for the manifest that was
being carried out; how it fares is what the service holds.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

ENDED = frozenset({"Succeeded", "SucceededReserving", "Failed", "FailedReserving", "Stopped"})
DONE = frozenset({"Succeeded", "SucceededReserving"})
STARTS = frozenset({"create", "rerun", "replace"})
# What changes no result, of all that these manifests set.
_NOTES = frozenset({"Description", "JobMaxRunningTimeMinutes", "Settings"})
_OP_TAG = "dlcapply-op"


def asked(job):
    """What the manifest wants to run, and for which token."""
    spec = {key: value for key, value in job.spec.items() if key not in _NOTES}
    return json.dumps([spec, job.rules.token], sort_keys=True)


def sent(job):
    """All that CreateJob is sent for the job, but for what differs from run to run."""
    spec = {key: value for key, value in job.spec.items() if key != "Settings"}
    tags = {**job.labels, **job.spec.get("Settings", {}).get("Tags", {})}
    sources = [(source.name, source.variable) for source in job.env_from]
    return json.dumps([job.name, spec, tags, sources, job.rules.token, job.rules.protect], sort_keys=True)


def target_of(write):
    """The JobId that a write is about; empty for a create."""
    found = re.match(r"/api/v1/jobs/([^/?]+)", write.path)
    return found[1] if found else ""


@dataclass(frozen=True)
class Entry:
    """A run, and the job of a manifest that it was started for, by the repository `origin`."""

    job_id: str
    created: str
    origin: str
    job: object
    op: str

    @property
    def age(self):
        return self.created, self.job_id

    @property
    def name(self):
        return self.job.name

    @property
    def minutes(self):
        return self.job.spec["JobMaxRunningTimeMinutes"]


class Ledger:
    def __init__(self, emulator):
        self._emulator = emulator
        self.entries = {}
        self.deleted = set()

    def facts(self):
        """What the service holds of each run, by JobId."""
        return {job["JobId"]: job for job in self._emulator.jobs() if job["JobId"] not in self.deleted}

    def window(self, repository, jobs):
        """What there is before these jobs are applied."""
        facts = self.facts()
        known = (entry for entry in self.entries.values() if entry.job_id in facts)
        return Window(
            origins=frozenset({repository.origin, *repository.former_origins}),
            claimed=frozenset(repository.claims),
            adopted=frozenset(repository.adopted - repository.released),
            jobs={job.name: job for job in jobs},
            names=frozenset(name for job in (*jobs, *repository.jobs.values()) for name in job.names),
            facts=facts,
            entries=tuple(sorted(known, key=lambda entry: entry.age)),
        )

    def enter(self, window, origin):
        """The runs that are there since: nobody but the apply can have started them."""
        new = [facts for job_id, facts in self.facts().items() if job_id not in window.facts]
        made = [
            Entry(
                facts["JobId"],
                facts["GmtCreateTime"],
                origin,
                window.jobs[facts["DisplayName"]],
                facts["Settings"]["Tags"][_OP_TAG],
            )
            for facts in new
        ]
        self.entries |= {entry.job_id: entry for entry in made}
        return made


@dataclass(frozen=True)
class Window:
    """What one apply may know: the runs before it, and the jobs that it is to bring about.

    `names` are those that they have or had, and those of any newer manifest. `claimed` are the runs of which
    its repository says itself whose they are, and `adopted` those of them that it calls its own.
    """

    origins: frozenset
    claimed: frozenset
    adopted: frozenset
    jobs: dict
    names: frozenset
    facts: dict
    entries: tuple

    def status(self, entry):
        return self.facts[entry.job_id]["Status"]

    def ours(self):
        return [one for one in self.entries if one.origin in self.origins and one.job_id not in self.claimed]

    def of(self, job):
        """The job's own runs, also under its former names, oldest first."""
        return [entry for entry in self.ours() if entry.name in job.names]

    def same(self, job):
        return [entry for entry in self.of(job) if asked(entry.job) == asked(job)]

    def last_status(self, job):
        same = self.same(job)
        return self.status(same[-1]) if same else ""

    def nobodys(self, job):
        """Runs of the same under a name that no manifest has or had."""
        gone = (entry for entry in self.ours() if entry.name not in self.names)
        return [entry for entry in gone if asked(entry.job) == asked(job)]

    def lost(self, job, known):
        """Of the deleted runs that are `known`, those of the same under a name that can only be the job's."""
        if self.same(job) or self.has_adopted(job):
            return []
        chosen = (one for one in known if asked(one.job) == asked(job))
        return [one for one in chosen if one.name in job.names or one.name not in self.names]

    def has_adopted(self, job):
        return any(
            self.facts[job_id]["DisplayName"] in job.names for job_id in self.adopted & set(self.facts)
        )

    def another_repositorys(self, job):
        """Those that are under way, or newer than any of ours: the job may have moved."""
        newest = max((entry.age for entry in self.of(job)), default=("", ""))
        theirs = (
            one for one in self.entries if one.origin not in self.origins and one.job_id not in self.claimed
        )
        return [
            entry
            for entry in theirs
            if entry.name in job.names and (self.status(entry) not in ENDED or entry.age > newest)
        ]

    def retries_used(self, job):
        """The runs beyond the first with each time limit."""
        same = self.same(job)
        return len(same) - len({entry.minutes for entry in same})

    def is_agreed_start(self, start, change, job):
        """Whether who agreed to the change of this job, as it was then, agreed to the start."""
        if job is None or sent(job) != sent(start.job):
            return False
        is_this = change.op == start.op and job.rules.retries == start.job.rules.retries
        if is_this and change.action in {*STARTS, "waiting"}:
            return True
        same = self.same(start.job)
        has_failed = bool(same) and self.status(same[-1]) == "Failed"
        is_granted = change.action not in {"blocked", "stop"} and self.retries_used(job) < job.rules.retries
        return has_failed and is_granted

    def objections(self, start):
        """Why the run should not have been started."""
        job, same = start.job, self.same(start.job)
        if any(self.status(entry) in DONE for entry in same):
            yield "what has succeeded ran again"
        if not same and self.nobodys(job):
            yield "what ran under a name that is gone ran again"
        if not self.has_adopted(job):
            yield from self._objections_of_history(job, same)

    def _objections_of_history(self, job, same):
        """What an adopted run may speak for."""
        if self.another_repositorys(job):
            yield "another repository's run has the name"
        alike = [entry for entry in same if entry.minutes == job.spec["JobMaxRunningTimeMinutes"]]
        if not alike:
            return
        has_failed = self.status(same[-1]) == "Failed" and "Failed" in map(self.status, alike)
        if has_failed and self.retries_used(job) >= job.rules.retries:
            yield "a retry too many"
        if self.status(same[-1]) == "Stopped" and alike[-1] is self.of(job)[-1]:
            yield "what a person stopped ran again"


def is_right_order(plan, jobs, writes, ops):
    """Whether what is not declared any more is stopped last, and only once the run of each start is there."""
    pruned = {change.target_id for change in plan.changes if change.name not in jobs}
    missing = [change for change in plan.changes if change.action in STARTS and change.op not in ops]
    creates = [place for place, write in enumerate(writes) if write.operation == "CreateJob"]
    prunes = [place for place, write in enumerate(writes) if target_of(write) in pruned]
    return not prunes or (not missing and max(creates, default=-1) < min(prunes))
