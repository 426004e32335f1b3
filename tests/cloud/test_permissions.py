"""Whose PRIVATE jobs the caller sees: as the emulator tells each role, and as odd answers must be read."""

import copy
import json
from dataclasses import replace

import pytest

from dlcapply.cloud.permissions import whose_jobs
from dlcapply.cloud.wire.connection import connect
from dlcapply.cloud.wire.products import AI_WORKSPACE
from dlcapply.emulator import KEY_ID, Fault, FaultKind, Switches, User
from dlcapply.errors import ServiceError
from dlcapply.model.runs import Visibility

LIST, GET = "PaiDLC:ListJobs", "PaiDLC:GetJob"


@pytest.fixture
def to_workspaces(emulator, environment, clock, keys):
    there = replace(environment, endpoint=emulator.endpoint)
    return connect(there, clock=clock, product=AI_WORKSPACE, keys=keys)


def as_user(emulator, **facts):
    emulator.configure(users={KEY_ID: User("not-a-secret", "7", **facts)})


@pytest.mark.parametrize(
    ("administrator", "rules", "sees"),
    [
        (True, "private", Visibility.ALL),
        (True, "any", Visibility.ALL),
        (True, "added", Visibility.UNKNOWN),  # whether roles add up is not documented
        (False, "private", Visibility.OWN),
    ],
)
def test_each_role_in_each_wording(emulator, to_workspaces, administrator, rules, sees):
    emulator.configure(switches=Switches(administrator_rules=rules))
    as_user(emulator, administrator=administrator)
    assert whose_jobs(to_workspaces, "1001") is sees
    assert [entry.operation for entry in emulator.requests] == ["ListPermissions"]


def test_a_refusal_names_the_action_to_allow(emulator, to_workspaces):
    emulator.fault(Fault("ListPermissions", FaultKind.ERROR, times=None, status=403, code="NoPermission"))
    with pytest.raises(ServiceError) as error:
        whose_jobs(to_workspaces, "1001")
    assert "the RAM action paiworkspace:ListPermissions," in error.value.hint
    assert (error.value.status, bool(error.value.request_id)) == (403, True)


def rule(about="PRIVATE", access="ANY"):
    return {"Accessibility": about, "EntityAccessType": access}


def permission(code, *rules):
    return {"PermissionCode": code, "PermissionRules": list(rules)}


def answered(connected, box, http, answer):
    return whose_jobs(connected(box(http(200, json.dumps(answer))).endpoint), "1001")


def of(list_rules, get_rules, **more):
    return {"Permissions": [permission(LIST, *list_rules), permission(GET, *get_rules)], **more}


ALL, OWN, PUBLIC = rule(), rule(access="CREATOR"), rule("PUBLIC", "CREATOR")
ANSWERS = {
    "both say all": (of([ALL], [PUBLIC, ALL]), Visibility.ALL),
    "of any accessibility": (of([rule("ANY")], [rule("ANY")], TotalCount=2), Visibility.ALL),
    "both say own": (of([PUBLIC, OWN], [OWN]), Visibility.OWN),
    "of any accessibility, but its own": (
        of([rule("ANY", "CREATOR")], [rule("ANY", "CREATOR")]),
        Visibility.OWN,
    ),
    "lists its own alone": (of([OWN], [ALL]), Visibility.OWN),
    "reads its own alone": (of([ALL], [OWN]), Visibility.OWN),
    "one says own, and nothing of the other": ({"Permissions": [permission(LIST, OWN)]}, Visibility.OWN),
    "one says all, and nothing of the other": ({"Permissions": [permission(LIST, ALL)]}, Visibility.UNKNOWN),
    "in two permissions of one code": (
        {"Permissions": [permission(LIST, ALL), permission(LIST, OWN), permission(GET, ALL)]},
        Visibility.UNKNOWN,
    ),
    "two words in one": (of([ALL, OWN], [ALL, OWN]), Visibility.UNKNOWN),
    "public alone": (of([PUBLIC], [PUBLIC]), Visibility.UNKNOWN),
    "no rules": (of([], []), Visibility.UNKNOWN),
    "no permissions": ({"Permissions": [], "TotalCount": 0}, Visibility.UNKNOWN),
    "of others alone": ({"Permissions": [permission("PaiDLC:GetTensorboard", ALL)]}, Visibility.UNKNOWN),
    "a word that nobody knows": (of([rule(access="OTHERS")], [ALL]), Visibility.UNKNOWN),
    "an accessibility that nobody knows": (of([rule("SHARED")], [ALL]), Visibility.UNKNOWN),
    "more counted than shown": (of([ALL], [ALL], TotalCount=3), Visibility.UNKNOWN),
    "less than nothing counted": (of([ALL], [ALL], TotalCount=-1), Visibility.UNKNOWN),
    "a count that is not a number": (of([ALL], [ALL], TotalCount="2"), Visibility.UNKNOWN),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_an_answer_means(connected, box, http, name):
    answer, sees = ANSWERS[name]
    assert answered(connected, box, http, answer) is sees


ABSENT = object()
ODD = (ABSENT, None, True, 7, "", "any", [], ["ANY"], [[]], {}, {"ANY": 1})


@pytest.mark.parametrize("key", ["PermissionCode", "PermissionRules", "Accessibility", "EntityAccessType"])
def test_odd_values_of_any_key_are_never_everybodys(connected, box, http, key):
    for odd in ODD:
        answer = copy.deepcopy(of([ALL], [ALL]))
        place = answer["Permissions"][0]
        place = place if key in place else place["PermissionRules"][0]
        del place[key]
        place |= {} if odd is ABSENT else {key: odd}
        assert answered(connected, box, http, answer) is Visibility.UNKNOWN, odd


@pytest.mark.parametrize("permissions", [None, 7, "x", {}, "absent"])
def test_an_answer_without_a_list_is_an_error(connected, box, http, permissions):
    answer = {} if permissions == "absent" else {"Permissions": permissions}
    with pytest.raises(ServiceError, match="ListPermissions: PAI's answer has no Permissions"):
        answered(connected, box, http, answer)


@pytest.mark.parametrize("odd", [None, 7, "x", [], [[]]])
def test_strange_permissions_beside_the_ones_asked_for_are_passed_over(connected, box, http, odd):
    answer = of([ALL], [ALL])
    answer["Permissions"].append(odd)
    assert answered(connected, box, http, answer) is Visibility.ALL
