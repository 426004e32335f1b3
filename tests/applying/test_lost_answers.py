"""Wherever an answer is lost, twenty jobs end as exactly twenty runs."""

from collections import Counter

import pytest

from dlcapply.emulator import Fault, FaultKind
from dlcapply.errors import ServiceError
from tests.applying.conftest import Bench
from tests.builders import a_job

JOBS = tuple(a_job(f"job-{number:02}") for number in range(20))


def runs(bench):
    return Counter(job["DisplayName"] for job in bench.emulator.jobs())


def applied(bench):
    """Applied, and applied again where the first attempt could not tell how it ended, or could not begin."""
    for _ in range(2):
        try:
            bench.apply(*JOBS)
        except ServiceError:  # a plan whose listing was lost; the user plans again
            continue
    return runs(bench)


def count_of(make_emulator, folder, operation):
    bench = Bench(make_emulator(), folder)
    bench.apply(*JOBS)
    return sum(entry.operation == operation for entry in bench.emulator.requests)


EVERY = Counter(job.name for job in JOBS)


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("operation", ["CreateJob", "ListJobs"])
def test_an_answer_lost_at_any_request(make_emulator, tmp_path, operation, effect):
    positions = count_of(make_emulator, tmp_path / "count", operation)
    assert positions >= len(JOBS)
    for position in range(positions):
        bench = Bench(make_emulator(), tmp_path / str(position))
        bench.emulator.fault(Fault(operation, FaultKind.LOST, after=position, effect=effect))

        assert applied(bench) == EVERY, position
        assert not any(change.action.writes for change in bench.plan(*JOBS).changes)
