"""Which logs are read at once: each run finds a seat, and nobody loses one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dlcapply.operating.log_seats import Seats

RUNS = ("a", "b", "c")
ASKED = st.lists(st.tuples(st.sampled_from(RUNS), st.sampled_from("12345")), max_size=30)


@given(ASKED, st.integers(len(RUNS), 8))
def test_every_run_gets_a_seat_whoever_asked_before(asked, most):
    seats, seated = Seats(most), set()
    for job_id, pod_id in asked:
        if seats.take(job_id, pod_id, RUNS):
            seated.add((job_id, pod_id))
        assert all(seats.take(*one, RUNS) for one in seated), "what is read stays so"
        assert len(seated) <= most
    assert all(seats.take(job_id, "1", RUNS) for job_id in RUNS if not seats.pods_of(job_id))


def test_a_seat_that_is_left_is_another_ones():
    seats = Seats(1)
    assert seats.take("a", "1", ["a"])
    assert not seats.take("a", "2", ["a"])
    seats.leave("a", "1")
    assert seats.take("b", "1", ["a", "b"])
    seats.leave_all("b")
    assert seats.take("a", "2", ["a"])
