"""Whose each run is, by its marks and beside the other runs of its name."""

from __future__ import annotations

from dataclasses import replace

from dlcapply.model.jobs import Identity
from dlcapply.model.runs import Ownership
from dlcapply.planning.ownership import classify, is_still_ours
from tests.builders import ENVIRONMENT, a_job, a_run, an_environment, without_marks


def test_whose_a_run_is():
    ours = a_run(a_job())
    clone = replace(ours, job_id="dlc009", created="2026-11-09T00:00:00Z")
    console = a_run(a_job(), number=3, tags={"CloneFromJobID": "dlc001"})
    foreign = a_run(a_job(), number=4, tags={"dlcapply-owner": "other/prod"})
    unmarked = replace(without_marks(a_run(a_job())), job_id="dlc005")
    owners = classify([clone, unmarked, ours, console, foreign], environment=ENVIRONMENT)
    assert owners == {
        "dlc001": Ownership.OURS,
        "dlc009": Ownership.CLONE,
        "dlc003": Ownership.CLONE,
        "dlc004": Ownership.FOREIGN,
        "dlc005": Ownership.UNMARKED,
    }
    assert is_still_ours(ours, names=("train",), environment=ENVIRONMENT)
    assert not is_still_ours(ours, names=("Train",), environment=ENVIRONMENT)
    assert not is_still_ours(foreign, names=("train",), environment=ENVIRONMENT)


def without_op(run):
    tags = {tag: value for tag, value in run.tags.items() if tag != "dlcapply-op"}
    return replace(run, body={**run.body, "Settings": {"Tags": tags}})


def test_runs_without_an_operation_are_no_copies_of_each_other():
    runs = [without_op(a_run(a_job(), number=number)) for number in (1, 2)]
    runs += [replace(without_marks(run), job_id=f"{run.job_id}-bare") for run in runs]
    assert list(classify(runs, environment=ENVIRONMENT).values()).count(Ownership.OURS) == 2
    assert list(classify(runs, environment=ENVIRONMENT).values()).count(Ownership.UNMARKED) == 2


def test_the_earliest_run_of_an_operation_is_no_copy_whoever_comes_first_in_a_listing():
    first = a_run(a_job(), number=1)
    copies = [replace(first, job_id=f"dlc00{n}", created=f"2026-11-0{n}T00:00:00Z") for n in (2, 3)]
    owners = classify([copies[1], first, copies[0]], environment=ENVIRONMENT)
    assert owners == {"dlc001": Ownership.OURS, "dlc002": Ownership.CLONE, "dlc003": Ownership.CLONE}


def test_by_name_alone_every_run_of_the_name_is_ours():
    environment = an_environment(identity=Identity.NAME)
    runs = [without_marks(a_run(a_job())), a_run(a_job(), number=2, tags={"CloneFromJobID": "dlc001"})]
    assert set(classify(runs, environment=environment).values()) == {Ownership.OURS}
    assert is_still_ours(runs[0], names=("train",), environment=environment)
    assert not is_still_ours(runs[0], names=("other",), environment=environment)
