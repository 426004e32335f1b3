"""An emulator whose clock is turned by whoever sleeps, and a bench on which plans are made and applied."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from dlcapply.applying.applier import apply_plan
from dlcapply.applying.context import ApplyContext
from dlcapply.applying.journal import Journal
from dlcapply.cloud.gathering import Records, gather
from dlcapply.cloud.jobs import JobService
from dlcapply.cloud.wire.connection import connect
from dlcapply.cloud.wire.session import StaticKeys
from dlcapply.emulator import KEY_ID, SECRET, Clock, Emulator, Lifecycle, Switches
from dlcapply.planning.drift import drift_of
from dlcapply.planning.inputs import PlanInputs
from dlcapply.planning.planner import make_plan
from tests.builders import ENVIRONMENT
from tests.clocks import TurningClock


class Bench:
    """Plans and applies jobs as the commands do, without the words around it."""

    def __init__(self, emulator, folder, environment=ENVIRONMENT):
        self.emulator = emulator
        self.clock = TurningClock(emulator)
        self.environment = replace(environment, endpoint=emulator.endpoint)
        self._connection = connect(
            self.environment, clock=self.clock, keys=StaticKeys(KEY_ID, SECRET), read_timeout_ms=20_000
        )
        self.service = JobService(self._connection, workspace_id=environment.workspace_id)
        self.journal = Journal(folder / "journal.ndjson", clock=self.clock, where=environment.name)

    def gathered(self, *jobs, records=None, names=frozenset()):
        if records is None:
            lately = self.journal.created_since(self.clock.now() - timedelta(hours=1))
            records = Records(lately, self.journal.created, names, self.journal.paid_for)
        return gather(self.service, jobs=jobs, environment=self.environment, orphans=True, records=records)

    def drift(self, *jobs, writes):
        live = self.gathered(*jobs)
        inputs = PlanInputs(now=self.clock.now(), complete=True, gone=live.gone)
        return drift_of(jobs, live.histories, self.environment, inputs, writes)

    def plan(self, *jobs, records=None, names=frozenset(), **options):
        live = self.gathered(*jobs, records=records, names=names)
        return make_plan(
            desired=jobs,
            live=live.histories,
            environment=self.environment,
            census=live.census,
            inputs=PlanInputs(
                **({"now": self.clock.now(), "complete": True, "names": names, "gone": live.gone} | options)
            ),
        )

    def context(self, **changes):
        return replace(
            ApplyContext(
                service=self.service,
                environment=self.environment,
                journal=self.journal,
                clock=self.clock,
                stop_patience=60,
            ),
            **changes,
        )

    def carry_out(self, plan, *jobs, context=None, **options):
        return apply_plan(
            plan, jobs={job.name: job for job in jobs}, context=context or self.context(), **options
        )

    def apply(self, *jobs, **options):
        """(name, result) of each change, after planning anew."""
        outcomes = self.carry_out(self.plan(*jobs, **options), *jobs)
        return {outcome.name: str(outcome.result) for outcome in outcomes}

    def delete(self, job_id):
        """A person deletes the run."""
        self._connection.write("DeleteJob", "DELETE", f"/api/v1/jobs/{job_id}")

    @property
    def writes(self):
        return [entry.operation for entry in self.emulator.writes]

    def statuses(self, name):
        return [job["Status"] for job in self.emulator.jobs() if job["DisplayName"] == name]


LIFECYCLES = {
    "short*": Lifecycle(),
    "queued*": Lifecycle(queuing=inf),
    "slow-to-stop*": Lifecycle(running=inf, stopping=1000),
    "deaf*": Lifecycle(queuing=inf, priority_delay=1e6),
}


@pytest.fixture
def make_emulator():
    """Emulators that stand still until turned; a run goes on for ever unless its name says otherwise."""
    with ExitStack() as stack:

        def make(**switches):
            """References are not checked: jobs of tests name whatever is in the schema."""
            start = datetime(2026, 11, 23, tzinfo=UTC)
            made = Emulator(
                clock=Clock.still(start),
                lifecycle=Lifecycle(running=inf),
                lifecycles=LIFECYCLES,
                switches=Switches(check_references=False, **switches),
            )
            running = stack.enter_context(made)
            stack.callback(lambda: _check_routes(running))
            return running

        yield make


def _check_routes(emulator):
    assert emulator.unknown_routes == ()


@pytest.fixture
def bench(make_emulator, tmp_path):
    return Bench(make_emulator(), tmp_path)


@pytest.fixture
def lagging_bench(make_emulator, tmp_path):
    """New jobs are listed 40 s late."""
    return Bench(make_emulator(list_lag=40.0), tmp_path)
