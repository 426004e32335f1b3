"""Whatever people, crashes and the network do, in any order: no run too many, nothing stopped but ours."""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from math import inf
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dlcapply.emulator import Clock, Emulator, Fault, FaultKind, Lifecycle, Switches
from dlcapply.emulator.confidential import concealed
from dlcapply.errors import DlcapplyError
from dlcapply.model import (
    PHASES,
    EnvSource,
    Identity,
    OnChange,
    Phase,
    RerunOn,
    Result,
    RunRules,
    Sees,
    State,
)
from dlcapply.planning.approvals import approvals_of
from dlcapply.planning.claiming import adopted, released, run_to_adopt, run_to_release
from dlcapply.planning.marks import CLONE_TAG, OP_TAG, OWNER_TAG, SPEC_TAG, TOKEN_TAG, body_to_create
from tests.applying.conftest import Bench
from tests.builders import ENVIRONMENT, OWNER, a_job

NAMES = st.sampled_from(["train", "short-a", "short-b", "queued"])
LIFECYCLES = {"short*": Lifecycle(running=20), "queued*": Lifecycle(queuing=inf)}
SECRET = "hush-hush"
ENVS = {"LR": "1e-4", "API_KEY": SECRET}
RULES = st.fixed_dictionaries(
    {},
    optional={
        "on_change": st.sampled_from(OnChange),
        "state": st.sampled_from(State),
        "rerun_on": st.sampled_from(RerunOn),
        "retries": st.integers(0, 2),
        "protect": st.booleans(),
    },
)
UNSURE = {Result.UNKNOWN, Result.FAILED, Result.STALE, Result.NOT_DONE, Result.REFUSED}


def writes_of(plan):
    """What carrying out the plan would send, job by job."""
    return [
        (change.name, change.action, change.op, change.target_id)
        for change in plan.changes
        if change.action.writes
    ]


def spelled(name, body):
    """The name and the CreateJob body as text, without what no review can know, nor the log of requests."""
    tags = {key: value for key, value in body["Settings"]["Tags"].items() if key != OP_TAG}
    envs = {key: value for key, value in body.get("Envs", {}).items() if key != "KEY"}
    known = body | {"Settings": {**body["Settings"], "Tags": tags}, "Envs": envs}
    return json.dumps([name, concealed(known)], sort_keys=True)


class Crash(BaseException):
    """The process is gone: nothing may handle it."""


class Dying:
    """A service that a process uses until it is killed, before or after its n-th call has an effect."""

    def __init__(self, service, calls, *, effect):
        self._service = service
        self._left = calls
        self._effect = effect

    def __getattr__(self, name):
        method = getattr(self._service, name)

        def call(*args):
            self._left -= 1
            if self._left < 0 and not self._effect:
                raise Crash
            answer = method(*args)
            if self._left < 0:
                raise Crash
            return answer

        return call


class Promises(RuleBasedStateMachine):
    """A project of a few jobs, two machines that apply it, and a person at the console."""

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.emulator = self.stack.enter_context(
            Emulator(
                clock=Clock.still(datetime(2026, 11, 23, tzinfo=UTC)),
                lifecycle=Lifecycle(running=inf),
                lifecycles=LIFECYCLES,
                switches=Switches(check_references=False),
            )
        )
        self.claims, self.adopted, self.released = {}, set(), set()
        self.benches = [self.bench(name) for name in ("laptop", "ci")]
        self.jobs, self.by_digest = {}, {}
        self.approved, self.reviewed = [], set()

    def bench(self, name):
        bench = Bench(self.emulator, self.folder / name, ENVIRONMENT)
        bench.service.claims = self.claims
        return bench

    def teardown(self):
        assert self.emulator.errors == ()
        assert self.emulator.unknown_routes == ()
        self.stack.close()

    # What people write in the repository

    @rule(name=NAMES, command=st.sampled_from("ab"), token=st.sampled_from("12"), more=RULES)
    def declare(self, name, command, token, more):
        rules = RunRules(token=token, **more)
        source = (EnvSource("KEY", "SOURCE"),)
        self.jobs[name] = a_job(
            name, rules=rules, env_from=source, UserCommand=command, Description=command, Envs=ENVS
        )
        self.leave_no_name_with_two_jobs()

    def leave_no_name_with_two_jobs(self):
        """What validate would say of the former names is mended."""
        taken = set(self.jobs)
        for name, job in self.jobs.items():
            self.jobs[name] = replace(job, formerly=tuple(old for old in job.formerly if old not in taken))
            taken.update(job.formerly)

    @rule(name=NAMES)
    def remove(self, name):
        self.jobs.pop(name, None)

    @precondition(lambda self: self.jobs)
    @rule(number=st.integers(0, 3), name=NAMES, says_so=st.booleans())
    def rename(self, number, name, says_so):
        job = self.jobs.pop(sorted(self.jobs)[number % len(self.jobs)])
        formerly = tuple(dict.fromkeys(job.names)) if says_so else ()
        self.jobs[name] = replace(job, key=replace(job.key, name=name), formerly=formerly)
        self.leave_no_name_with_two_jobs()
        self.apply(number % 2, prune=number < 2, consents=set())

    # Planning and applying

    def planned(self, bench, **options):
        """A plan of now, which writes nothing and shows no secret; equal digests stand for equal writes."""
        before = len(self.emulator.writes)
        plan = bench.plan(*self.jobs.values(), **options)
        assert len(self.emulator.writes) == before, "a plan wrote"
        assert SECRET not in repr(plan)
        assert self.by_digest.setdefault(plan.digest, writes_of(plan)) == writes_of(plan)
        return plan

    def carried_out(self, bench, plan, jobs, means=None, *, source=SECRET):
        """The results of the plan, of which every write was named by it."""
        before = len(self.emulator.writes)
        means = replace(means or bench.means(), env={"SOURCE": source})
        try:
            outcomes = bench.carry_out(plan, *jobs, means=means, parallelism=1)
        finally:
            made = self.told(bench)
            for entry in self.emulator.writes[before:]:
                assert entry.operation in {"CreateJob", "StopJob", "UpdateJob"}
                target = re.match(r"/api/v1/jobs/([^/?]+)", entry.path)
                assert target is None or target[1] in {change.target_id for change in plan.changes} | made
                assert target is None or target[1] not in self.released
        assert SECRET not in repr(outcomes)
        return [outcome.result for outcome in outcomes]

    def told(self, bench):
        """What the machine's journal says that it created; no secret is among it."""
        entries = list(bench.journal.entries())
        assert SECRET not in repr(entries)
        return {entry["job_id"] for entry in entries if entry.get("result") == "created"}

    def apply_with(self, bench, means=None, **options):
        """The results of an apply that went through; None where it could not even plan."""
        jobs = tuple(self.jobs.values())
        try:
            plan = self.planned(bench, **options)
        except DlcapplyError:
            return None
        return self.carried_out(bench, plan, jobs, means)

    @rule(which=st.integers(0, 1))
    def plan(self, which):
        self.planned(self.benches[which])

    @rule(which=st.integers(0, 1), prune=st.booleans(), consents=st.sets(NAMES))
    def apply(self, which, prune, consents):
        options = {"prune": prune, "allow_replace": frozenset(consents)}
        ended, paid = self.ended(), self.paid_under_names_that_are_gone()
        results = self.apply_with(self.benches[which], **options)
        assert results is not None
        assert not self.paid_twice(paid), "a renamed job was paid for again"
        if not UNSURE & set(results):
            self.writes_nothing_more(1 - which, ended, **options)

    def paid_under_names_that_are_gone(self):
        """The JobIds until now; by job, what ran for us under names that are nobody's, and not its own."""
        ours = [job for job in self.made() if job["JobId"] in self.ours() and job["JobId"] not in self.claims]
        known = {name for job in self.jobs.values() for name in job.names}
        gone = {asked(run) for run in ours if run["DisplayName"] not in known}
        return {job["JobId"] for job in self.made()}, {
            job.name: gone - {asked(run) for run in ours if run["DisplayName"] in job.names}
            for job in self.jobs.values()
        }

    def paid_twice(self, paid):
        before, gone = paid
        new = [job for job in self.made() if job["JobId"] not in before]
        return [job for job in new if asked(job) in gone.get(job["DisplayName"], ())]

    def writes_nothing_more(self, which, ended, **options):
        """A second apply writes nothing, unless a run has ended of itself since the first was planned."""
        before, has_moved = len(self.emulator.writes), self.ended() != ended
        again = self.apply_with(self.benches[which], **options)
        assert not UNSURE & set(again)
        assert len(self.emulator.writes) == before or has_moved, "a second apply wrote"

    def ended(self):
        """The runs that have ended without an apply that stopped them."""
        stopped = {entry.path for entry in self.emulator.writes if entry.operation == "StopJob"}
        runs = (job["JobId"] for job in self.emulator.jobs() if not is_active(job))
        return {job_id for job_id in runs if f"/api/v1/jobs/{job_id}/stop" not in stopped}

    @rule(which=st.integers(0, 1), prune=st.booleans(), consents=st.sets(NAMES))
    def review(self, which, prune, consents):
        """What a plan says now is approved, of whatever branch the manifests are."""
        plan = self.planned(self.benches[which], prune=prune, allow_replace=frozenset(consents))
        self.approved.append(replace(plan, census=replace(plan.census, sees=Sees.ALL)))
        self.reviewed |= {
            spelled(name, body_to_create(job, identity=Identity.MARKS, op="", env={}))
            for name, job in self.jobs.items()
        }

    @precondition(lambda self: self.approved)
    @rule(which=st.integers(0, 1), prune=st.booleans(), picks=st.lists(st.integers(0, 5), min_size=1))
    def apply_what_was_approved(self, which, prune, picks):
        """Some of the approvals, in any order: nothing else is written, and nothing twice."""
        plans = [self.approved[pick % len(self.approved)] for pick in picks]
        bench = self.benches[which]
        approvals = approvals_of(plans, now=bench.clock.now())
        options = {"prune": prune, "approvals": approvals}
        before = len(self.emulator.writes)
        results = self.apply_with(bench, **options)
        assert results is not None
        for entry in self.emulator.writes[before:]:
            if entry.operation == "CreateJob":
                assert spelled(entry.body["DisplayName"], entry.body) in self.reviewed
            else:
                target = re.match(r"/api/v1/jobs/([^/?]+)", entry.path)[1]
                agreed = {change.target_id for plan in plans for change in plan.changes}
                assert target in agreed | self.told(bench)

    @rule(which=st.integers(0, 1), value=st.sampled_from(["", " "]))
    def apply_without_a_value(self, which, value):
        """No run starts without what its manifest takes from the environment, and none is stopped for it."""
        bench, jobs = self.benches[which], tuple(self.jobs.values())
        plan = self.planned(bench, allow_replace=frozenset(self.jobs))
        known = len(self.emulator.jobs())
        results = self.carried_out(bench, plan, jobs, source=value)
        assert len(self.emulator.jobs()) == known, "a run started without its variable"
        for change, result in zip(plan.changes, results, strict=True):
            assert not change.action.starts_a_run or result is Result.FAILED

    @rule(
        which=st.integers(0, 1),
        operation=st.sampled_from(["CreateJob", "ListJobs", "UpdateJob", "StopJob", "GetJob"]),
        kind=st.sampled_from(
            [FaultKind.LOST, FaultKind.ERROR, FaultKind.HTML, FaultKind.EMPTY, FaultKind.THROTTLED]
        ),
        after=st.integers(0, 4),
        effect=st.booleans(),
    )
    def apply_over_a_bad_line(self, which, operation, kind, after, effect):
        effect = effect and kind is not FaultKind.THROTTLED
        self.emulator.fault(Fault(operation, kind, after=after, effect=effect))
        self.apply_with(self.benches[which])
        self.emulator.clear_faults()

    @rule(which=st.integers(0, 1), calls=st.integers(0, 8), effect=st.booleans())
    def apply_and_be_killed(self, which, calls, effect):
        """What a crash leaves is healed by the next apply of that machine, and no run is made twice."""
        bench = self.benches[which]
        means = bench.means()
        dying = replace(means, service=Dying(means.service, calls, effect=effect))
        try:
            self.apply_with(bench, dying)
        except Crash:
            self.benches[which] = self.bench(("laptop", "ci")[which])
            ended = self.ended()
            results = self.apply_with(self.benches[which])
            assert not UNSURE & set(results)
            self.writes_nothing_more(1 - which, ended)

    @rule(which=st.integers(0, 1), lag=st.sampled_from([5.0, 40.0, 600.0]))
    def apply_twice_while_listings_lag(self, which, lag):
        """On one machine a run is known before any listing shows it; what is older is listed."""
        self.emulator.turn(lag + 1)
        self.the_service_changes_its_ways(unruly=False, list_lag=lag)
        self.apply_with(self.benches[which])
        self.apply_with(self.benches[which])
        self.emulator.turn(lag + 1)
        self.the_service_changes_its_ways(unruly=False)

    @rule(prune=st.booleans())
    def two_applies_of_one_plan(self, prune):
        jobs = tuple(self.jobs.values())
        plans = [self.planned(bench, prune=prune) for bench in self.benches]
        for bench, plan in zip(self.benches, plans, strict=True):
            self.carried_out(bench, plan, jobs)

    @rule(
        which=st.integers(0, 1),
        name=NAMES,
        command=st.sampled_from("abc"),
        seconds=st.sampled_from([0, 100]),
    )
    def a_plan_gets_old(self, which, name, command, seconds):
        """One plans, another applies a newer commit, which may even end, and the old plan is carried out."""
        old, jobs = self.benches[which], tuple(self.jobs.values())
        plan = self.planned(old)
        self.declare(name, command, "1", {})
        self.apply_with(self.benches[1 - which])
        self.emulator.turn(seconds)
        newest = self.newest()
        self.carried_out(old, plan, jobs)
        followers = {name: job_id for name, job_id in self.newest().items() if newest.get(name) != job_id}
        assert not {
            change.name
            for change in plan.changes
            if change.target_id not in {newest.get(name, "") for name in change.names}
        } & (followers.keys()), "an old plan went on from a run that it did not know"

    @rule(which=st.integers(0, 1), name=NAMES)
    def somebody_is_quicker(self, which, name):
        """The name is taken after the plan was made: nothing is started beside it."""
        bench, jobs = self.benches[which], tuple(self.jobs.values())
        plan = self.planned(bench)
        self.somebody_creates_the_same_name(name)
        before = [job["JobId"] for job in self.made() if job["DisplayName"] == name]
        self.carried_out(bench, plan, jobs)
        assert [job["JobId"] for job in self.made() if job["DisplayName"] == name] == before

    # What people do at the console, and what time does

    @rule(name=NAMES)
    def somebody_creates_the_same_name(self, name):
        self.emulator.seed({"DisplayName": name, "UserCommand": "mine"})

    def pick(self, number):
        jobs = self.emulator.jobs()
        return jobs[number % len(jobs)]["JobId"]

    @precondition(lambda self: self.emulator.jobs())
    @rule(number=st.integers(0, 20))
    def somebody_clones(self, number):
        self.emulator.clone(self.pick(number))

    @precondition(lambda self: self.emulator.jobs())
    @rule(number=st.integers(0, 20), status=st.sampled_from(["Stopped", "Failed", "Succeeded", "Running"]))
    def somebody_ends_a_job(self, number, status):
        self.emulator.change(self.pick(number), Status=status)

    @precondition(lambda self: self.emulator.jobs())
    @rule(number=st.integers(0, 20))
    def somebody_edits_a_job(self, number):
        self.emulator.change(self.pick(number), Description="by hand", Priority=7)

    @rule(seconds=st.sampled_from([1, 30, 100, 10 * 86_400]))
    def time_passes(self, seconds):
        self.emulator.turn(seconds)

    @rule(name=NAMES)
    def somebody_adopts(self, name):
        """A run that is not ours is claimed, where that is allowed."""
        if name in self.jobs:
            with suppress(DlcapplyError):
                runs = self.benches[0].service.runs_named(name)
                run = run_to_adopt(name, runs, environment=ENVIRONMENT)
                self.claims[run.job_id] = adopted(run, job=self.jobs[name])
                self.released.discard(run.job_id)
                self.adopted.add(run.job_id)

    @rule(name=NAMES)
    def somebody_releases(self, name):
        with suppress(DlcapplyError):
            run = run_to_release(name, self.benches[0].service.runs_named(name), environment=ENVIRONMENT)
            self.claims[run.job_id] = released(run)
            self.released.add(run.job_id)

    @rule(unruly=st.booleans())
    def the_service_changes_its_ways(self, unruly, list_lag=0.0):
        switches = Switches(
            check_references=False,
            list_lag=list_lag,
            fill_defaults=unruly,
            reverse_lists=unruly,
            master_promotion=unruly,
            unknown_keys={"New": 1} if unruly else {},
        )
        self.emulator.configure(switches=switches)

    # What must hold after each of these

    @invariant()
    def no_job_has_two_active_runs_of_ours(self):
        ours = {job["JobId"]: job for job in self.emulator.jobs() if job["JobId"] in self.ours()}
        active = Counter(job["DisplayName"] for job in ours.values() if is_active(job))
        assert all(count <= 1 for count in active.values()) or self.was_revived()

    @invariant()
    def one_operation_is_one_run(self):
        operations = Counter(
            job["Settings"]["Tags"][OP_TAG] for job in self.made() if job["JobId"] not in self.claims
        )
        assert all(count == 1 for count in operations.values())

    @invariant()
    def only_ours_are_written(self):
        made = {job["JobId"] for job in self.made()} | self.adopted
        for entry in self.emulator.writes:
            target = re.match(r"/api/v1/jobs/([^/?]+)", entry.path)
            assert target is None or target[1] in made

    def ours(self):
        """The JobIds of what counts as ours by now."""
        return ({job["JobId"] for job in self.made()} | self.adopted) - self.released

    def newest(self):
        """The newest run that an apply created, by name."""
        return {job["DisplayName"]: job["JobId"] for job in self.made()}

    def made(self):
        """The runs that an apply created: with our mark, and no clone's."""
        for job in self.emulator.jobs():
            tags = (job.get("Settings") or {}).get("Tags") or {}
            if tags.get(OWNER_TAG) == OWNER and CLONE_TAG not in tags:
                yield job

    def was_revived(self):
        """Whether somebody set an ended run to Running behind everyone's back: no apply did that."""
        return any(
            one["Status"] in {"Succeeded", "Failed", "Stopped"} and later["Status"] == "Running"
            for job in self.made()
            for one, later in zip(job["StatusHistory"], job["StatusHistory"][1:], strict=False)
        )


def asked(job):
    """For which spec and token the run was started."""
    return job["Settings"]["Tags"][SPEC_TAG], job["Settings"]["Tags"][TOKEN_TAG]


def is_active(job):
    return PHASES.get(job["Status"]) is Phase.ACTIVE


TestPromises = Promises.TestCase
TestPromises.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
