"""Requests go wrong by rule, with or without their effect."""

import time

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException, ThrottlingException
from darabonba.exceptions import UnretryableException

from dlcapply.emulator import Fault, FaultKind


@pytest.mark.parametrize("effect", [True, False])
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.LOST, UnretryableException),
        (FaultKind.HTML, UnretryableException),
        (FaultKind.EMPTY, UnretryableException),
        (FaultKind.ERROR, ServerException),
        (FaultKind.THROTTLED, ClientException),
    ],
)
def test_an_answer_is_spoilt_once_with_or_without_effect(emulator, call, a_body, kind, error, effect):
    emulator.fault(Fault("CreateJob", kind, effect=effect))

    with pytest.raises(error):
        call.create(**a_body())
    assert len(emulator.jobs()) == effect
    call.create(**a_body())
    assert len(emulator.jobs()) == effect + 1


def test_throttling_names_its_code_and_when_to_come_back(emulator, call):
    emulator.fault(
        Fault("ListJobs", FaultKind.THROTTLED), Fault("GetJob", FaultKind.THROTTLED, retry_after_ms=1500)
    )

    with pytest.raises(ClientException) as plain:
        call.list()
    with pytest.raises(ThrottlingException) as timed:
        call.get("dlc1")
    assert (plain.value.status_code, plain.value.code) == (429, "Throttling.User")
    assert timed.value.retry_after == 1500


def test_a_server_error_is_json(emulator, call, refusal):
    emulator.fault(Fault("ListJobs", FaultKind.ERROR))

    with pytest.raises(ServerException) as error:
        call.list()
    assert refusal(error) == (503, "ServiceUnavailable")


def test_after_and_times_count_requests(emulator, call):
    emulator.fault(Fault("ListJobs", FaultKind.ERROR, after=1, times=2))
    answers = []
    for _ in range(5):
        try:
            call.list()
            answers.append("ok")
        except ServerException:
            answers.append("error")

    assert answers == ["ok", "error", "error", "ok", "ok"]


def test_a_rule_without_end_lasts_until_it_is_cleared(emulator, call):
    emulator.fault(Fault("ListJobs", FaultKind.ERROR, times=None))
    for _ in range(3):
        with pytest.raises(ServerException):
            call.list()
    emulator.clear_faults()

    assert call.list()["TotalCount"] == 0


def test_rules_fit_by_name_or_id(emulator, call, a_body):
    job_id, other = call.create(**a_body(DisplayName="bad-job")), call.create(**a_body())
    rules = (("CreateJob", "bad"), ("GetJob", "bad"), ("UpdateJob", job_id), ("ListJobs", "bad"))
    emulator.fault(*(Fault(operation, FaultKind.ERROR, match=match) for operation, match in rules))

    call.create(**a_body())
    call.get(other)
    call("PUT", f"/jobs/{other}", {})
    call.list(DisplayName="good")
    for request in (
        lambda: call.create(**a_body(DisplayName="very-bad")),
        lambda: call.get(job_id),
        lambda: call("PUT", f"/jobs/{job_id}", {}),
        lambda: call.list(DisplayName="bad"),
    ):
        with pytest.raises(ServerException):
            request()


def test_a_slow_answer_comes_after_the_effect(emulator, connect, a_body):
    emulator.fault(Fault("CreateJob", FaultKind.SLOW, seconds=30))
    hasty = connect(emulator, read_timeout=200)

    with pytest.raises(UnretryableException):
        hasty.create(**a_body())
    assert len(emulator.jobs()) == 1


def test_a_slow_answer_arrives(emulator, call):
    emulator.fault(Fault("ListJobs", FaultKind.SLOW, seconds=0.05))
    began = time.monotonic()

    assert call.list()["TotalCount"] == 0
    assert time.monotonic() - began >= 0.05


def test_a_listing_may_stop_short_or_count_wrong(emulator, call):
    emulator.seed({"DisplayName": "a"})
    emulator.fault(Fault("ListJobs", FaultKind.SHORT_LISTING), Fault("ListJobs", FaultKind.MOVED_TOTAL))

    short, moved, right = (call.list() for _ in range(3))
    assert (short["Jobs"], short["TotalCount"]) == ([], 1)
    assert (len(moved["Jobs"]), moved["TotalCount"]) == (1, 2)
    assert (len(right["Jobs"]), right["TotalCount"]) == (1, 1)


def test_a_refusal_is_not_edited_as_a_listing(emulator, call, refusal):
    emulator.fault(Fault("ListJobs", FaultKind.MOVED_TOTAL))
    with pytest.raises(ClientException) as error:
        call.list(PageSize=101)

    assert refusal(error) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    "fault", [Fault("CreateJobs", FaultKind.LOST), Fault("GetJob", FaultKind.SHORT_LISTING)]
)
def test_a_rule_that_could_never_act_is_refused(emulator, fault):
    with pytest.raises(ValueError, match=fault.operation):
        emulator.fault(fault)


def test_lost_answers_are_logged_without_a_status(emulator, call, a_body):
    emulator.fault(Fault("CreateJob", FaultKind.LOST, effect=True))
    with pytest.raises(UnretryableException):
        call.create(**a_body())

    assert [(entry.operation, entry.status) for entry in emulator.requests] == [("CreateJob", 0)]
