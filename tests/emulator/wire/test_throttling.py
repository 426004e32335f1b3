"""More requests than a user may send are refused before anything happens."""

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import Clock, Emulator, Switches


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
