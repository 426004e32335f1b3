"""Two who start the TensorBoard of one run at once: one of them runs in the end."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from dlcapply.api.connect import connect
from dlcapply.api.inspecting.tensorboards import CREATE, START, carried_out, step_to_start
from dlcapply.api.load import load_for_runs
from dlcapply.api.options import TargetOptions
from dlcapply.api.runs.named import named_run
from dlcapply.cloud.tensorboards import tensorboards_of
from dlcapply.emulator import Fault, FaultKind
from dlcapply.errors import DlcapplyError


@pytest.fixture
def place(project, clock):
    project.job("train")
    assert project.run("apply", "--yes").code == 0
    project.emulator.turn(60)
    manifests = load_for_runs(TargetOptions(), {})
    with connect(manifests, clock=clock) as service:
        yield manifests, service, named_run(manifests, service, "train")


def active(place):
    manifests, service, named = place
    found = tensorboards_of(service.connection, manifests.environment.workspace_id, named.run.job_id)
    return [one for one in found if one.is_active]


def test_of_two_that_are_made_at_once_one_stays(project, place):
    project.emulator.fault(Fault("CreateTensorboard", FaultKind.SLOW, times=2, seconds=0.2))
    at_once = Barrier(2)

    def start(_):
        step = step_to_start(*place, summary_path="/mnt/logs", minutes=60)
        at_once.wait()
        try:
            return step.action, carried_out(*place, step).notes
        except DlcapplyError as error:
            return step.action, (str(error),)

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(start, range(2)))
    assert [action for action, _ in told] == [CREATE, CREATE]
    assert len(active(place)) == 1
    assert sum("stays" in note or "came meanwhile" in note for _, notes in told for note in notes) == 1


def test_nothing_is_started_beside_one_that_came_while_somebody_was_asked(project, place):
    step = step_to_start(*place, summary_path="/mnt/logs", minutes=60)
    assert carried_out(*place, step).notes == ()
    with pytest.raises(DlcapplyError, match="came meanwhile: nothing is started"):
        carried_out(*place, step)
    assert project.writes.count("CreateTensorboard") == 1


def test_a_start_whose_answer_is_lost_is_read_back(project, place):
    carried_out(*place, step_to_start(*place, summary_path="/a", minutes=60))
    project.emulator.turn(3_600 * 2)  # it stopped by itself
    step = step_to_start(*place, summary_path="/a", minutes=60)
    assert step.action == START
    project.emulator.fault(Fault("StartTensorboard", FaultKind.LOST, effect=True))
    carried_out(*place, step)
    assert len(active(place)) == 1
