"""What an apply says at its end of the runs that go on."""

from dlcapply.api.applying.follow import Waiting, what_goes_on
from dlcapply.api.options import TargetOptions, WaitOptions
from dlcapply.api.waiting.wait import Waited
from dlcapply.api.waiting.wait import what_goes_on as what_a_wait_leaves
from dlcapply.operating.following import WaitedRun


def test_of_many_runs_that_go_on_the_first_are_named_and_the_rest_is_counted():
    waited = [WaitedRun(f"dlc{number}", f"train-{number}", None, reached=False) for number in range(45)]
    waiting = Waiting(TargetOptions(), None, {}, (), "finished", None, logs=True)
    (left,) = what_goes_on([], waited, waiting)
    assert left.text.startswith("not done yet, and going on: train-0 dlc0, train-1 dlc1, ")
    assert left.text.endswith("train-7 dlc7, and 37 more; wait again")
    assert left.command == "dlcapply apply --wait=finished --logs"


def test_a_wait_that_told_logs_is_offered_again_with_them():
    late = WaitedRun("dlc1", "train", None, reached=False)
    left = what_a_wait_leaves(Waited((late,)), ["train"], WaitOptions(logs=True), TargetOptions())
    assert left.command == "dlcapply wait train --logs"
