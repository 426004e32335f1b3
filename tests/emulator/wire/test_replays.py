"""Replayed and outdated requests are refused before anything happens."""

from datetime import UTC, datetime, timedelta

import pytest

from dlcapply.emulator import Switches
from dlcapply.emulator.answers import Refusal
from dlcapply.emulator.wire.received import Received
from dlcapply.emulator.wire.replays import ReplayGuard


def received(nonce="n", minutes=0, **headers):
    date = f"{datetime.now(UTC) - timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"
    headers = {"x-acs-date": date, "x-acs-signature-nonce": nonce, **headers}
    return Received("GET", "/api/v1/jobs", "", headers, b"")


def refused(guard, request, **switches):
    with pytest.raises(Refusal) as error:
        guard.check(request, Switches(**switches))
    return error.value.status, error.value.code


def test_a_nonce_is_good_for_one_request():
    guard = ReplayGuard()
    guard.check(received("a"), Switches())
    guard.check(received("b"), Switches())

    assert refused(guard, received("a")) == (400, "SignatureNonceUsed")
    assert refused(guard, received("")) == (400, "SignatureNonceUsed")
    guard.check(received("a"), Switches(refuse_used_nonces=False))


@pytest.mark.parametrize("minutes", [16, -16])
def test_a_date_that_is_far_off_is_refused(minutes):
    assert refused(ReplayGuard(), received(minutes=minutes)) == (400, "InvalidTimeStamp.Expired")
    ReplayGuard().check(received(minutes=minutes), Switches(max_date_skew=None))
    ReplayGuard().check(received(minutes=minutes), Switches(max_date_skew=1000))


def test_a_date_that_is_none_is_refused():
    request = received(**{"x-acs-date": "yesterday"})

    assert refused(ReplayGuard(), request) == (400, "InvalidTimeStamp.Format")
