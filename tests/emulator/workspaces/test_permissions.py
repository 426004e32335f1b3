"""ListPermissions says what the lists then show: by users, their roles, and how the service words a role."""

import pytest
from alibabacloud_aiworkspace20210204 import models
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import Clock, Emulator, Fault, FaultKind, Switches, User

USERS = {
    "boss": User("s", "7", administrator=True),
    "member": User("s", "8"),
    "guest": User("s", "9", workspaces=("1002",)),
}
PUBLIC = ("PUBLIC", "ANY")
OWN = ("PRIVATE", "CREATOR")
EVERYBODYS = ("PRIVATE", "ANY")


@pytest.fixture
def emulator():
    with Emulator(clock=Clock.still(), users=USERS) as emulator:
        yield emulator
        assert (emulator.unknown_routes, emulator.errors) == ((), ())


def rules(caller, workspace_id="1001"):
    """(Accessibility, EntityAccessType) of each rule, by code."""
    answer = caller.workspaces.list_permissions(workspace_id, models.ListPermissionsRequest()).body
    assert answer.total_count == len(answer.permissions)
    return {
        one.permission_code: [(rule.accessibility, rule.entity_access_type) for rule in one.permission_rules]
        for one in answer.permissions
    }


def test_a_member_sees_own_private_jobs_and_an_administrator_everybodys(emulator, connect):
    member, boss = (rules(connect(emulator, user, "s")) for user in ("member", "boss"))

    assert member["PaiDLC:ListJobs"] == member["PaiDLC:GetJob"] == [PUBLIC, OWN]
    assert boss["PaiDLC:ListJobs"] == boss["PaiDLC:GetJob"] == [PUBLIC, EVERYBODYS]
    assert (member["PaiDLC:StopJob"], boss["PaiDLC:StopJob"]) == ([("ANY", "CREATOR")], [("ANY", "ANY")])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("private", [PUBLIC, EVERYBODYS]),
        ("any", [("ANY", "ANY")]),
        ("added", [PUBLIC, OWN, EVERYBODYS]),
    ],
)
def test_an_administrators_rules_may_be_worded_in_three_ways(emulator, connect, word, expected):
    emulator.configure(switches=Switches(administrator_rules=word))

    assert rules(connect(emulator, "boss", "s"))["PaiDLC:ListJobs"] == expected
    assert rules(connect(emulator, "member", "s"))["PaiDLC:ListJobs"] == [PUBLIC, OWN]


def test_only_members_are_answered_and_only_for_workspaces_that_exist(emulator, connect, refusal):
    guest = connect(emulator, "guest", "s")
    assert rules(guest, "1002")
    for workspace_id, answer in {"1001": (403, "NoPermission"), "9": (403, "NoPermission")}.items():
        with pytest.raises(ClientException) as error:
            rules(guest, workspace_id)
        assert refusal(error) == answer
    with pytest.raises(ClientException) as error:
        rules(connect(emulator, "member", "s"), "9")
    assert refusal(error) == (404, "NotFound")


def test_it_goes_wrong_by_rule_as_other_operations_do(emulator, connect, refusal):
    emulator.fault(Fault("ListPermissions", FaultKind.ERROR, status=403, code="NoPermission"))
    member = connect(emulator, "member", "s")
    with pytest.raises(ClientException) as error:
        rules(member)

    assert refusal(error) == (403, "NoPermission")
    assert rules(member)
