"""However long the lines of a log are, so much is read of them; what they end with is."""

from __future__ import annotations

from dlcapply.diagnosis.case import Case
from dlcapply.diagnosis.diagnose import diagnose
from dlcapply.diagnosis.verdicts import Code
from tests.diagnosis.builders import exited

MOST_READ = 130_000  # characters


def test_of_long_lines_their_ends_are_read_and_not_more_than_can_be_in_no_time():
    bar = "\x1b[A" + '"loading" ' * 400
    run = exited(1, *[bar] * 498, f"{bar} RuntimeError: CUDA out of memory. Tried to allocate", bar)
    assert diagnose(run).code is Code.GPU_OOM
    case = Case(run)
    assert sum(len(one.bare) for one in case.log(run.pods[0])) <= MOST_READ
    assert all(one.text.startswith(bar) for one in case.log(run.pods[0]))


def test_of_a_single_line_its_begin_and_its_end_are_read():
    words = "x " * 100_000
    assert diagnose(exited(1, f"torch.OutOfMemoryError: CUDA out of memory. {words}")).code is Code.GPU_OOM
    assert diagnose(exited(1, f"{words}\nRuntimeError: CUDA out of memory")).code is Code.GPU_OOM


def test_words_that_are_told_over_and_over_in_one_line_are_quoted_nevertheless():
    line = '"CUDA out of memory" ' * 200
    assert diagnose(exited(1, line)).code is Code.ERROR
