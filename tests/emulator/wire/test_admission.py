"""Replayed, outdated and too many requests are refused before anything happens."""

from datetime import UTC, datetime, timedelta

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import Clock, Emulator, Switches
from dlcapply.emulator.answers import Refusal
from dlcapply.emulator.wire.admission import Admission
from dlcapply.emulator.wire.received import Received


def received(nonce="n", minutes=0, **headers):
    date = f"{datetime.now(UTC) - timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"
    headers = {"x-acs-date": date, "x-acs-signature-nonce": nonce, **headers}
    return Received("GET", "/api/v1/jobs", "", headers, b"")


def refused(admission, request, **switches):
    with pytest.raises(Refusal) as error:
        admission.check_signer(request, Switches(**switches))
    return error.value.status, error.value.code


def test_a_nonce_is_good_for_one_request():
    admission = Admission()
    admission.check_signer(received("a"), Switches())
    admission.check_signer(received("b"), Switches())

    assert refused(admission, received("a")) == (400, "SignatureNonceUsed")
    assert refused(admission, received("")) == (400, "SignatureNonceUsed")
    admission.check_signer(received("a"), Switches(refuse_used_nonces=False))


@pytest.mark.parametrize("minutes", [16, -16])
def test_a_date_that_is_far_off_is_refused(minutes):
    assert refused(Admission(), received(minutes=minutes)) == (400, "InvalidTimeStamp.Expired")
    Admission().check_signer(received(minutes=minutes), Switches(max_date_skew=None))
    Admission().check_signer(received(minutes=minutes), Switches(max_date_skew=1000))


def test_a_date_that_is_none_is_refused():
    request = received(**{"x-acs-date": "yesterday"})

    assert refused(Admission(), request) == (400, "InvalidTimeStamp.Format")


def test_more_requests_than_allowed_are_throttled_until_time_has_passed(connect, refusal):
    with Emulator(clock=Clock.still(), switches=Switches(requests_per_second=2)) as emulator:
        call = connect(emulator)
        call.list()
        call.list()
        with pytest.raises(ClientException) as error:
            call.list()
        assert refusal(error) == (429, "Throttling.User")

        emulator.turn(0.5)
        call.list()


def test_the_status_of_throttling_is_a_switch_and_users_are_counted_apart(connect, refusal):
    switches = Switches(requests_per_second=1, throttling_status=400)
    with Emulator(clock=Clock.still(), switches=switches) as emulator:
        call, colleague = connect(emulator), connect(emulator, "dlcapply-emulator-colleague")
        call.list()
        colleague.list()
        with pytest.raises(ClientException) as error:
            call.create(DisplayName="never")
        assert refusal(error) == (400, "Throttling.User")
        assert emulator.jobs() == ()


def test_an_operation_of_the_other_product_is_not_found(call, refusal):
    with pytest.raises(ClientException) as error:
        call("GET", "/ecsspecs", version="2021-02-04")

    assert refusal(error) == (404, "InvalidAction.NotFound")
