"""Whatever people, crashes and the network do, in any order: no run too many, nothing stopped but ours."""

from __future__ import annotations

import os
import tempfile
from collections import Counter, defaultdict
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from math import inf
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dlcapply.emulator import Clock, Emulator, Fault, FaultKind, Lifecycle, Switches
from dlcapply.errors import DlcapplyError
from dlcapply.model.drift import DriftCode
from dlcapply.model.jobs import EnvSource, Freeze, OnChange, RerunOn, RunRules, State
from dlcapply.model.outcomes import Result
from dlcapply.model.plans import Plan
from dlcapply.model.runs import Visibility
from dlcapply.planning.adopting import adopted, released, run_to_adopt, run_to_release
from dlcapply.planning.approvals import approvals_of
from dlcapply.planning.drift import Writes
from dlcapply.planning.marks import set_fields
from tests.applying.ledger import ENDED, STARTS, Ledger, is_right_order, sent, target_of
from tests.applying.repositories import HERE, MOVED, THERE, Repository
from tests.builders import a_job

pytestmark = pytest.mark.sweep

# By hand, with many more: DLCAPPLY_EXAMPLES=2000 DLCAPPLY_STEPS=25, and --hypothesis-seed
EXAMPLES = int(os.environ.get("DLCAPPLY_EXAMPLES", "24"))
STEPS = int(os.environ.get("DLCAPPLY_STEPS", "15"))

NAMES = st.sampled_from(["train", "short-a", "short-b", "queued"])
# A machine: two apply the first repository; of the second, whose project has the same name, mostly one does.
WHERE = st.integers(0, 2)
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
COMMANDS, TOKENS, MINUTES = st.sampled_from("ab"), st.sampled_from("12"), st.sampled_from([60, 120])
NOTES = st.dictionaries(st.sampled_from(["team", "cost"]), st.sampled_from("12"))
EDIT = {
    "name": NAMES,
    "command": COMMANDS,
    "token": TOKENS,
    "minutes": MINUTES,
    "notes": NOTES,
    "more": RULES,
}
NUMBER = st.integers(0, 20)
REFUSED = {"InvalidParameter": 400, "Forbidden": 403}
REFUSALS = st.sampled_from(sorted(REFUSED))
# Runs of others, and of manifests that are gone, are there however nobody touches anything.
OF_OTHERS = {DriftCode.STRANGER, DriftCode.ENDED_STRANGER, DriftCode.SECOND_RUN, DriftCode.UNDECLARED}
UNSURE = {Result.UNKNOWN, Result.FAILED, Result.STALE, Result.NOT_DONE, Result.REFUSED}


def writes_of(plan, jobs):
    """What carrying out the plan would send, job by job."""
    by_name = {job.name: job for job in jobs}
    return [
        (*essence(change), body_of(change, by_name.get(change.name)))
        for change in plan.changes
        if change.action.writes
    ]


def body_of(change, job):
    """The body that the write has."""
    match str(change.action):
        case "stop":
            return ""
        case "update":
            return [job.spec.get(key) for key in ("Description", "Priority", "Accessibility")]
        case _:
            return sent(job)


def essence(change):
    return change.name, str(change.action), change.op, change.target_id


@dataclass(frozen=True)
class Review:
    """A plan that people agreed to, and the jobs it was made of."""

    plan: Plan
    jobs: dict
    origin: str

    def agreed(self):
        """The changes with their jobs; of a prune, None."""
        return [(change, self.jobs.get(change.name)) for change in self.plan.changes]


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
    """Two repositories of one project name, machines that apply them, and a person at the console."""

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.emulator = self.stack.enter_context(
            Emulator(
                clock=Clock.still(datetime(2026, 11, 23, tzinfo=UTC)),
                lifecycle=Lifecycle(running=inf),
                lifecycles=LIFECYCLES,
                switches=Switches(check_references=False),
            )
        )
        self.ledger = Ledger(self.emulator)
        self.repositories = [
            Repository(self.emulator, folder / str(number), origin)
            for number, origin in enumerate((HERE, THERE))
        ]
        self.by_digest, self.consents = {}, defaultdict(set)
        self.reviews, self.tokens, self.is_by_review = [], count(3), False
        self.touched = set()

    def teardown(self):
        assert self.emulator.errors == ()
        assert self.emulator.unknown_routes == ()
        self.stack.close()

    def at(self, where):
        """The repository of a machine, and its bench; the other machine of it is `where ^ 1`."""
        repository = self.repositories[where // 2]
        return repository, repository.benches[where % 2]

    # What people write in the repositories

    @initialize(edits=st.lists(st.fixed_dictionaries(EDIT), max_size=3))
    def begin(self, edits):
        for edit in edits:
            self.declare(0, **edit)
        self.apply_with(0)

    @rule(where=WHERE, **EDIT)
    def declare(self, where, name, command, token, minutes, notes, more):
        repository, _ = self.at(where)
        name = repository.named(name)
        job = a_job(
            name,
            rules=RunRules(token=token, **more),
            env_from=(EnvSource("KEY", "SOURCE"),),
            labels=notes,
            UserCommand=command,
            Description=command,
            JobMaxRunningTimeMinutes=minutes,
            Envs=ENVS,
        )
        repository.write(name, job)

    @rule(where=WHERE, name=NAMES)
    def remove(self, where, name):
        repository, _ = self.at(where)
        repository.jobs.pop(repository.named(name), None)

    @rule(where=WHERE, number=NUMBER, name=NAMES, says_so=st.booleans())
    def rename(self, where, number, name, says_so):
        """With its former name, a job goes on: nothing starts that would not have started before."""
        repository, _ = self.at(where)
        if not repository.jobs:
            return
        old, name = repository.pick(number), repository.named(name)
        before = self.actions(where)[old]
        is_new = name not in {facts["DisplayName"] for facts in self.ledger.facts().values()}
        repository.rename(old, name, says_so=says_so)
        if is_new and old in repository.jobs[name].names and name != old:
            now = self.actions(where)[name]
            assert now[0] not in STARTS or before[0] in {*STARTS, "blocked"}, "a rename starts a run"

    @rule(where=WHERE, number=NUMBER, version=NUMBER)
    def revert(self, where, number, version):
        repository, _ = self.at(where)
        if repository.jobs:
            repository.revert(repository.pick(number), version)

    @rule(where=WHERE, number=NUMBER, tags=NOTES, labels=NOTES)
    def edit_notes(self, where, number, tags, labels):
        """Tags and labels are a reason for nothing."""
        repository, _ = self.at(where)
        if not repository.jobs:
            return
        name, before = repository.pick(number), self.actions(where)
        job = repository.jobs[name]
        spec = {**job.spec, "Settings": {"Tags": tags}}
        repository.write(name, replace(job, labels=labels, spec=spec))
        assert self.actions(where) == before, "a note asks for a write"

    @rule(where=WHERE, number=NUMBER, minutes=MINUTES)
    def edit_the_time_limit(self, where, number, minutes):
        """It starts a run only after a failure, or a stop that it may have been the reason for."""
        repository, _ = self.at(where)
        if not repository.jobs:
            return
        name, before = repository.pick(number), self.actions(where, consents=())
        job = repository.jobs[name]
        repository.write(name, replace(job, spec={**job.spec, "JobMaxRunningTimeMinutes": minutes}))
        now = self.actions(where, consents=())
        window = self.ledger.window(repository, repository.declared)
        (job,) = (one for one in repository.declared if one.name == name)
        started = now[name][0] in STARTS and before[name][0] not in STARTS
        assert not started or window.has_adopted(job) or window.last_status(job) in {"Failed", "Stopped"}
        assert before | {name: now[name]} == now

    @rule(origin=st.sampled_from([HERE, MOVED]), former=st.sets(st.sampled_from([HERE, MOVED, THERE])))
    def move(self, origin, former):
        """The first repository gets another address, or says which ones it had."""
        self.repositories[0].move(origin, tuple(sorted(former)))

    # Planning and applying

    def planned(self, where, **options):
        """A plan of now, which writes nothing and shows no secret; equal digests stand for equal writes."""
        repository, bench = self.at(where)
        before = len(self.emulator.writes)
        plan = bench.plan(*repository.declared, **options)
        assert len(self.emulator.writes) == before, "a plan wrote"
        assert SECRET not in repr(plan)
        writes = writes_of(plan, repository.declared)
        assert self.by_digest.setdefault(plan.digest, writes) == writes, "one digest for two plans"
        self.consents[plan.digest] |= options.get("allow_replace", frozenset())
        return plan

    def actions(self, where, consents=None):
        """What a plan would do, job by job; with every consent, unless told otherwise."""
        given = frozenset(self.at(where)[0].jobs if consents is None else consents)
        plan = self.planned(where, prune=True, allow_replace=given)
        return {change.name: (str(change.action), change.target_id) for change in plan.changes}

    def carried_out(self, where, plan, jobs, context=None, *, source=SECRET):
        """The results of the plan, of which every write was named by it, and nothing forbade one."""
        repository, bench = self.at(where)
        window, written = self.ledger.window(repository, jobs), len(self.emulator.writes)
        told = self.told(bench)
        context = replace(context or bench.context(), env={"SOURCE": source})
        try:
            outcomes = bench.carry_out(plan, *jobs, context=context, parallelism=1)
        finally:
            self.made = self.ledger.enter(window, repository.origin)
            self.check_writes(self.emulator.writes[written:], plan, repository, window)
            self.check_starts(window, repository, told)
        assert SECRET not in repr(outcomes)
        assert SECRET not in repr(list(bench.journal.entries()))
        return [outcome.result for outcome in outcomes]

    def check_writes(self, writes, plan, repository, window):
        made = {entry.job_id for entry in self.made}
        ours = {entry.job_id for entry in self.ledger.entries.values() if entry.origin in window.origins}
        for write in writes:
            assert write.operation in {"CreateJob", "StopJob", "UpdateJob"}
            target = target_of(write)
            assert not target or target in {change.target_id for change in plan.changes} | made
            assert not target or target in (ours | repository.adopted) - repository.released, "not ours"
            if write.operation == "StopJob" and target not in made:
                self.check_stop(target, plan, window)
        assert is_right_order(plan, window.jobs, writes, {entry.op for entry in self.ledger.entries.values()})

    def check_stop(self, target, plan, window):
        """Somebody asked for it: in the manifest, by a consent or a review, or by a prune of what is gone."""
        (name,) = {change.name for change in plan.changes if change.target_id == target}
        job, entry = window.jobs.get(name), self.ledger.entries.get(target)
        if job is None:
            assert plan.scope.prune
            assert entry is None or not entry.job.rules.protect, "a protected run was pruned"
        else:
            assert not job.rules.protect, "a protected run was stopped"
            is_agreed = name in self.consents[plan.digest] or self.is_by_review
            assert job.rules.state is State.STOPPED or is_agreed, "nobody agreed to the stop"

    def check_starts(self, window, repository, told):
        """An operation is one run; where that was deleted, whoever noted it asks before there is another."""
        lost = [self.ledger.entries[job_id] for job_id in told & self.ledger.deleted]
        for entry in self.made:
            assert not window.lost(entry.job, lost), "what was deleted ran again"
            objection = next(window.objections(entry), "")
            assert not objection, f"{entry.name}: {objection}"
            same = {
                one.job_id
                for one in self.ledger.entries.values()
                if one.op == entry.op and one is not entry and one.job_id not in repository.claims
            }
            assert same <= self.ledger.deleted - told, "one operation is two runs"

    def told(self, bench):
        """What the machine's journal says that it created."""
        return {entry["job_id"] for entry in bench.journal.entries() if entry.get("result") == "created"}

    def apply_with(self, where, context=None, **options):
        """The results of an apply that went through; None where it could not even plan."""
        jobs = self.at(where)[0].declared
        try:
            plan = self.planned(where, **options)
        except DlcapplyError:
            return None
        results = self.carried_out(where, plan, jobs, context)
        told = [result for result in results if result in {Result.CREATED, Result.REPLACED}]
        assert len(told) <= len(self.made), "what is called a new run is an old one"
        return results

    @rule(where=WHERE, prune=st.booleans(), consents=st.sets(NAMES))
    def apply(self, where, prune, consents):
        named = self.at(where)[0].named
        options = {"prune": prune, "allow_replace": frozenset(map(named, consents))}
        ended = self.ended()
        results = self.apply_with(where, **options)
        assert results is not None
        if not UNSURE & set(results):
            self.writes_nothing_more(where, ended, **options)

    def writes_nothing_more(self, where, ended, **options):
        """A second apply writes nothing, unless a run has ended of itself since the first was planned.

        It is of another machine, unless runs were deleted that only the first one knows of.
        """
        before, has_moved = len(self.emulator.writes), self.ended() != ended
        again = self.apply_with(where if self.ledger.deleted else where ^ 1, **options)
        assert not UNSURE & set(again)
        assert len(self.emulator.writes) == before or has_moved, "a second apply wrote"
        self.nothing_drifts_of_itself(where)

    def nothing_drifts_of_itself(self, where):
        """What is called drift is of a run that somebody touched, whatever was edited and applied since."""
        repository, bench = self.at(where)
        for row in bench.drift(*repository.declared, writes=self.noted()):
            is_touched = row.job_id in self.touched | repository.adopted | self.ledger.deleted
            is_of_others = row.code in OF_OTHERS or self.was_revived()
            assert is_touched or is_of_others, f"{row.code}: {row.what}"

    def noted(self):
        """What the machines know together."""
        journals = [bench.journal for repository in self.repositories for bench in repository.benches]
        return Writes(
            lambda job_id: any(journal.has_stopped(job_id) for journal in journals),
            lambda job_id: last_set(entry for journal in journals for entry in journal.entries(job_id)),
            lambda op: tuple(job_id for journal in journals for job_id in journal.created(op)),
        )

    def ended(self):
        """The runs that have ended without an apply that stopped them."""
        stopped = {target_of(write) for write in self.emulator.writes if write.operation == "StopJob"}
        return {job_id for job_id, facts in self.ledger.facts().items() if has_ended(facts)} - stopped

    @rule(where=WHERE, prune=st.booleans(), consents=st.sets(NAMES))
    def review(self, where, prune, consents):
        """What a plan says now is approved, of whatever branch the manifests are."""
        repository, _ = self.at(where)
        given = frozenset(map(repository.named, consents))
        plan = self.planned(where, prune=prune, allow_replace=given)
        seen = replace(plan, census=replace(plan.census, sees=Visibility.ALL))
        jobs = {job.name: job for job in repository.declared}
        self.reviews.append(Review(seen, jobs, repository.origin))

    @precondition(lambda self: self.reviews)
    @rule(where=WHERE, prune=st.booleans(), picks=st.lists(NUMBER, min_size=1, max_size=4))
    def apply_what_was_approved(self, where, prune, picks):
        repository, _ = self.at(where)
        if known := [review for review in self.reviews if review.origin == repository.origin]:
            self.apply_with_approvals(where, [known[pick % len(known)] for pick in picks], prune=prune)

    @rule(
        where=WHERE,
        edits=st.lists(st.tuples(st.fixed_dictionaries(EDIT), st.booleans()), min_size=1, max_size=3),
        later=st.booleans(),
        prune=st.booleans(),
    )
    def pull_requests_are_merged(self, where, edits, later, prune):
        """Each is a branch of its own, reviewed or not; the reviews are applied in another order."""
        repository, _ = self.at(where)
        main, reviews = dict(repository.jobs), len(self.reviews)
        for edit, is_reviewed in edits:
            self.declare(where, **edit)
            if is_reviewed:
                self.review(where, prune=prune, consents=())
            repository.jobs = dict(main)
        for edit, _ in edits:
            self.declare(where, **edit)
            if later:
                self.apply_with_approvals(where, self.reviews[reviews:], prune=prune)
        self.apply_with_approvals(where, self.reviews[reviews:][::-1], prune=prune)

    @rule(where=WHERE, name=NAMES, retries=st.integers(0, 2), agreed=st.none() | st.integers(0, 2))
    def runs_fail(self, where, name, retries, agreed):
        """There are as many retries as the manifest says, and, where reviews are asked for, as these say."""
        repository, _ = self.at(where)
        self.declare_anew(where, name, retries=retries if agreed is None else agreed)
        self.review(where, prune=False, consents=[name])
        name = repository.named(name)
        job = repository.jobs[name]
        for attempt in range(4):
            if attempt == 1:  # after the review, and after what was reviewed has started
                repository.write(name, replace(job, rules=replace(job.rules, retries=retries)))
            if agreed is None:
                self.apply_with(where)
            else:
                self.apply_with_approvals(where, self.reviews[-1:], prune=False)
            for entry in self.made:
                self.emulator.change(entry.job_id, Status="Failed")

    def apply_with_approvals(self, where, picked, *, prune):
        """What the approvals hold, in whatever order, is carried out, and nothing else."""
        repository, bench = self.at(where)
        approvals, others = (
            approvals_of([review.plan for review in order], now=bench.clock.now())
            for order in (picked, picked[::-1])
        )
        jobs, written = repository.declared, len(self.emulator.writes)
        plan = self.planned(where, prune=prune, approvals=approvals)
        assert all(approvals.hold(change) == others.hold(change) for change in plan.changes)
        window = self.ledger.window(repository, jobs)
        self.is_by_review = True
        results = self.carried_out(where, plan, jobs)
        self.is_by_review = False
        agreed = [pair for review in picked for pair in review.agreed()]
        for entry in self.made:
            assert any(window.is_agreed_start(entry, change, job) for change, job in agreed), "not approved"
        for write in self.emulator.writes[written:]:
            assert write.operation == "CreateJob" or is_agreed_write(write, agreed, window.jobs)
        for change, result in zip(plan.changes, results, strict=True):
            is_held = result is Result.NOT_APPROVED
            assert not (is_held and is_agreed(change, agreed, window.jobs)), "approved, and held back"

    @rule(where=WHERE, prune=st.booleans())
    def apply_in_a_freeze(self, where, prune):
        """Nothing starts, whatever anybody consented to, and so no run is stopped for a new one."""
        repository, bench = self.at(where)
        free, now = bench.environment, bench.clock.now()
        freeze = Freeze(now, now + timedelta(hours=1), "audit")
        bench.environment = replace(free, freezes=(freeze,))
        plan = self.planned(where, prune=prune, allow_replace=frozenset(repository.jobs))
        results = self.carried_out(where, plan, repository.declared)
        bench.environment = free
        assert not self.made, "a run started in a freeze"
        assert Result.REPLACED not in results

    @rule(where=WHERE, value=st.sampled_from(["", " "]), prune=st.booleans())
    def apply_without_a_value(self, where, value, prune):
        """No run starts without what its manifest takes from the environment, and none is stopped for it."""
        repository, _ = self.at(where)
        plan = self.planned(where, allow_replace=frozenset(repository.jobs), prune=prune)
        results = self.carried_out(where, plan, repository.declared, source=value)
        assert not self.made, "a run started without its variable"
        for change, result in zip(plan.changes, results, strict=True):
            assert not change.action.starts_a_run or result is Result.FAILED

    @rule(
        where=WHERE,
        operation=st.sampled_from(["CreateJob", "ListJobs", "UpdateJob", "StopJob", "GetJob"]),
        kind=st.sampled_from(
            [FaultKind.LOST, FaultKind.ERROR, FaultKind.HTML, FaultKind.EMPTY, FaultKind.THROTTLED]
        ),
        after=st.integers(0, 4),
        effect=st.booleans(),
        prune=st.booleans(),
    )
    def apply_over_a_bad_line(self, where, operation, kind, after, effect, prune):
        effect = effect and kind is not FaultKind.THROTTLED
        self.emulator.fault(Fault(operation, kind, after=after, effect=effect))
        self.apply_with(where, prune=prune)
        self.emulator.clear_faults()

    @rule(where=WHERE, after=st.integers(0, 2), times=st.sampled_from([1, None]), code=REFUSALS)
    def apply_and_be_refused(self, where, after, times, code):
        fault = Fault("CreateJob", FaultKind.ERROR, after=after, times=times, status=REFUSED[code], code=code)
        self.emulator.fault(fault)
        self.apply_with(where, prune=True, allow_replace=frozenset(self.at(where)[0].jobs))
        self.emulator.clear_faults()

    @rule(
        where=WHERE,
        name=NAMES,
        others=st.lists(NAMES, min_size=1, max_size=2, unique=True),
        refused=st.none() | st.integers(0, 1),
        code=REFUSALS,
    )
    def a_commit_swaps_jobs(self, where, name, others, refused, code):
        """Where PAI refuses a create, what no manifest declares any more goes on."""
        repository, _ = self.at(where)
        self.declare_anew(where, name)
        self.apply_with(where)
        for other in others:
            self.declare_anew(where, other)
        repository.jobs.pop(repository.named(name))
        if refused is None:
            self.apply_with(where, prune=True, allow_replace=frozenset(repository.jobs))
        else:
            self.apply_and_be_refused(where, refused, 1, code)

    def declare_anew(self, where, name, **more):
        """With a token of its own, so that nothing but a run under way stands against a new one."""
        token = str(next(self.tokens))
        more = {"on_change": OnChange.REPLACE} | more
        self.declare(where, name, "a", token, 60, {}, more)

    @rule(where=WHERE, calls=st.integers(0, 8), effect=st.booleans(), prune=st.booleans())
    def apply_and_be_killed(self, where, calls, effect, prune):
        """What a crash leaves is healed by the next apply of that machine, and no run is made twice."""
        repository, bench = self.at(where)
        context = bench.context()
        dying = replace(context, service=Dying(context.service, calls, effect=effect))
        try:
            self.apply_with(where, dying, prune=prune)
        except Crash:
            repository.restart(where % 2)
            ended = self.ended()
            results = self.apply_with(where, prune=prune)
            assert not UNSURE & set(results)
            self.writes_nothing_more(where, ended, prune=prune)

    @rule(where=WHERE, lag=st.sampled_from([5.0, 40.0, 600.0]))
    def apply_twice_while_listings_lag(self, where, lag):
        """On one machine a run is known before any listing shows it; what is older is listed."""
        self.emulator.turn(lag + 1)
        self.the_service_changes_its_ways(unruly=False, list_lag=lag)
        self.apply_with(where)
        self.apply_with(where)
        self.emulator.turn(lag + 1)
        self.the_service_changes_its_ways(unruly=False)

    @rule(which=st.integers(0, 1), prune=st.booleans())
    def two_applies_of_one_plan(self, which, prune):
        jobs = self.repositories[which].declared
        places = (2 * which, 2 * which + 1)
        plans = [self.planned(where, prune=prune) for where in places]
        for where, plan in zip(places, plans, strict=True):
            self.carried_out(where, plan, jobs)

    @rule(
        where=WHERE,
        name=NAMES,
        command=st.sampled_from("abc"),
        minutes=MINUTES,
        seconds=st.sampled_from([0, 100]),
    )
    def a_plan_gets_old(self, where, name, command, minutes, seconds):
        """One plans, another applies a newer commit, which may even end, and the old plan is carried out."""
        repository, _ = self.at(where)
        plan, jobs = self.planned(where), repository.declared
        self.declare(where, name, command, "1", minutes, {}, {})
        self.apply_with(where ^ 1)
        self.emulator.turn(seconds)
        window = self.ledger.window(repository, jobs)
        self.carried_out(where, plan, jobs)
        planned = {change.name: change.target_id for change in plan.changes}
        for entry in self.made:
            before = [one.job_id for one in window.of(entry.job)]
            is_known = planned[entry.name] == (before[-1] if before else "")
            assert is_known or window.has_adopted(entry.job), "an old plan went on from a run it did not know"

    @rule(where=WHERE, name=NAMES)
    def somebody_is_quicker(self, where, name):
        """The name is taken after the plan was made: nothing is started beside it."""
        repository, _ = self.at(where)
        plan = self.planned(where)
        self.somebody_creates_the_same_name(name)
        self.carried_out(where, plan, repository.declared)
        assert name not in {entry.name for entry in self.made}

    # What people do at the console, and what time does

    @rule(name=NAMES)
    def somebody_creates_the_same_name(self, name):
        self.emulator.seed({"DisplayName": name, "UserCommand": "mine"})

    def any_run(self, number):
        """The run that somebody sees to."""
        runs = [*self.ledger.facts()]
        chosen = runs[number % len(runs)]
        self.touched.add(chosen)
        return chosen

    @precondition(lambda self: self.ledger.facts())
    @rule(number=NUMBER)
    def somebody_clones(self, number):
        self.emulator.clone(self.any_run(number))

    @precondition(lambda self: self.ledger.facts())
    @rule(
        number=NUMBER,
        status=st.sampled_from(["Stopped", "Failed", "Succeeded", "Running", "FailedReserving"]),
    )
    def somebody_ends_a_job(self, number, status):
        self.emulator.change(self.any_run(number), Status=status)

    @precondition(lambda self: self.ledger.facts())
    @rule(number=NUMBER)
    def somebody_edits_a_job(self, number):
        self.emulator.change(self.any_run(number), Description="by hand", Priority=7)

    @precondition(lambda self: any(map(has_ended, self.ledger.facts().values())))
    @rule(number=NUMBER)
    def somebody_deletes_a_job(self, number):
        ended = [job_id for job_id, facts in self.ledger.facts().items() if has_ended(facts)]
        job_id = ended[number % len(ended)]
        self.repositories[0].benches[0].delete(job_id)
        self.ledger.deleted.add(job_id)

    @rule(seconds=st.sampled_from([1, 30, 100, 10 * 86_400]))
    def time_passes(self, seconds):
        self.emulator.turn(seconds)

    @rule(where=WHERE, name=NAMES, giver=st.sampled_from(["", HERE, THERE]))
    def somebody_adopts(self, where, name, giver):
        """A run that is not ours is claimed, where that is allowed."""
        repository, bench = self.at(where)
        name = repository.named(name)
        if name in repository.jobs:
            with suppress(DlcapplyError):
                runs = bench.service.runs_named(name)
                run = run_to_adopt(name, runs, environment=bench.environment, giver=giver)
                repository.claims[run.job_id] = adopted(run, job=repository.jobs[name])
                repository.released.discard(run.job_id)
                repository.adopted.add(run.job_id)

    @rule(where=WHERE, name=NAMES)
    def somebody_releases(self, where, name):
        repository, bench = self.at(where)
        name = repository.named(name)
        with suppress(DlcapplyError):
            run = run_to_release(name, bench.service.runs_named(name), environment=bench.environment)
            repository.claims[run.job_id] = released(run)
            repository.released.add(run.job_id)

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
        released = set().union(*(one.released for one in self.repositories))
        taken = set().union(*(one.adopted for one in self.repositories))
        active = Counter(
            facts["DisplayName"]
            for job_id, facts in self.ledger.facts().items()
            if job_id in (taken | self.ledger.entries.keys()) - released and is_active(facts)
        )
        assert all(count <= 1 for count in active.values()) or self.was_revived()

    def was_revived(self):
        """Whether somebody set an ended run to Running behind everyone's back: no apply did that."""
        facts = self.ledger.facts()
        return any(
            one["Status"] in ENDED and later["Status"] not in ENDED
            for job_id in self.ledger.entries.keys() & facts.keys()
            for one, later in zip(
                facts[job_id]["StatusHistory"], facts[job_id]["StatusHistory"][1:], strict=False
            )
        )


def is_agreed_write(write, agreed, jobs):
    """Whether one of the changes stops that run, or updates it to these values."""
    target, stops = target_of(write), write.operation == "StopJob"
    return any(
        change.target_id == target
        and (
            change.action in {"stop", "replace"}
            if stops
            else change.action == "update" and body_of(change, job) == body_of(change, jobs[change.name])
        )
        for change, job in agreed
    )


def is_agreed(change, agreed, jobs):
    """Whether one of the changes is the very same, of the very same job."""
    return any(
        essence(one) == essence(change)
        and (one.fields, one.claims, one.spend) == (change.fields, change.claims, change.spend)
        and job == jobs.get(change.name)
        for one, job in agreed
    )


def last_set(entries):
    """What an update has set last, whoever made it."""
    found = {}
    for entry in sorted(entries, key=lambda entry: entry["time"]):
        found |= set_fields(entry.get("set", ""))
    return found


def has_ended(facts):
    return facts["Status"] in ENDED


def is_active(facts):
    return facts["Status"] not in ENDED | {"Stopping"}


TestPromises = Promises.TestCase
TestPromises.settings = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None)
