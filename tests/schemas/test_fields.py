from __future__ import annotations

import pytest

from dlcapply.model.plans import Behaviour
from dlcapply.model.runs import Run
from dlcapply.pai import IN_PLACE, KEYED_LISTS
from dlcapply.planning.fields import FIELDS, ORDERED, SETS, Effect, Read, behaviour
from dlcapply.planning.quantities import canonical_quantity
from dlcapply.secrecy import is_secret_field

STATUSES = [
    "Creating",
    "Queuing",
    "Bidding",
    "EnvPreparing",
    "SanityChecking",
    "Running",
    "Restarting",
    "Brewing",
]


def a_run(status: str = "Running", **body: object) -> Run:
    return Run("dlc1", "train", status, "2026-11-01T00:00:00Z", body)


def what_pai_does(path: str, run: Run, live: object, desired: object) -> Behaviour:
    return behaviour(path, run=run, live=live, desired=desired)


@pytest.mark.parametrize("status", STATUSES)
def test_priority_moves_on_a_quota_until_the_run_starts(status):
    waits = status in {"Creating", "Queuing", "EnvPreparing"}
    expected = Behaviour.IN_PLACE if waits else Behaviour.IGNORED
    assert what_pai_does("Priority", a_run(status, ResourceId="quota1"), 1, 5) is expected


@pytest.mark.parametrize("body", [{}, {"ResourceId": ""}])
def test_priority_is_ignored_on_public_resources(body):
    assert what_pai_does("Priority", a_run("Queuing", **body), 1, 5) is Behaviour.IGNORED


@pytest.mark.parametrize(
    ("live", "desired", "expected"),
    [
        ("PRIVATE", "PUBLIC", Behaviour.IN_PLACE),
        (None, "PUBLIC", Behaviour.IN_PLACE),
        ("PUBLIC", "PRIVATE", Behaviour.IGNORED),
    ],
)
def test_accessibility_only_widens(live, desired, expected):
    assert what_pai_does("Accessibility", a_run(), live, desired) is expected


@pytest.mark.parametrize("status", STATUSES)
def test_a_description_changes_in_any_status(status):
    assert what_pai_does("Description", a_run(status), "old", "new") is Behaviour.IN_PLACE


@pytest.mark.parametrize(
    "path", ["UserCommand", "JobSpecs[].PodCount", "JobSpecs", "Envs.LR", "Settings.QuotaInstanceTypes"]
)
def test_all_else_needs_a_new_run(path):
    assert what_pai_does(path, a_run("Queuing", ResourceId="quota1"), "a", "b") is Behaviour.NEEDS_RUN


def with_effect(effect):
    return {path for path, field in FIELDS.items() if field.effect is effect}


def test_what_changes_nothing_that_a_run_does():
    assert with_effect(Effect.NOTHING) == {
        "Accessibility",
        "Description",
        "Priority",
        "DisplayName",
        "WorkspaceId",
        "Settings.Tags.*",
        "Settings.BusinessUserId",
        "Settings.Caller",
        "Settings.PipelineId",
        "CredentialConfig.CredentialConfigItems[].Roles[].AssumeUserInfo.SecurityToken",
        "JobSpecs[].ImageConfig.Auth",
        "JobSpecs[].ImageConfig.Password",
    }


def test_what_changes_only_the_circumstances_of_a_run():
    assert with_effect(Effect.CIRCUMSTANCES) == {
        "JobMaxRunningTimeMinutes",
        "JobSpecs[].ElasticSpotSpecs[].SpotDiscountLimit",
        "JobSpecs[].ElasticSpotSpecs[].SpotPriceLimit",
        "JobSpecs[].SpotSpec.SpotDiscountLimit",
        "JobSpecs[].SpotSpec.SpotPriceLimit",
        "Settings.EnableErrorMonitoringInAIMaster",
        "Settings.EnableSanityCheck",
        "Settings.ErrorMonitoringArgs",
        "Settings.JobReservedMinutes",
        "Settings.JobReservedPolicy",
        "Settings.SanityCheckArgs",
        "Settings.TerminationGracePeriodSeconds",
    }


def test_secrets_are_neither_compared_nor_part_of_the_marks():
    secrets = [field for field in FIELDS.values() if is_secret_field(field.path)]
    assert {field.path.rpartition(".")[2] for field in secrets} == {"Password", "Auth", "SecurityToken"}
    assert all(field.read is Read.NEVER and field.effect is Effect.NOTHING for field in secrets)


def test_whatever_changes_in_place_is_left_out_of_the_marks():
    """UpdateJob can't change tags: a mark with such a field would differ forever after."""
    assert all(FIELDS[path].effect is Effect.NOTHING for path in IN_PLACE)


def test_of_every_field_changed_in_place_it_is_known_when_pai_does_it():
    assert sorted(path for path, field in FIELDS.items() if field.in_place) == sorted(IN_PLACE)


def test_quantities_are_those_of_resources():
    assert {path for path, field in FIELDS.items() if field.canonical is canonical_quantity} == {
        *(f"JobSpecs[].ResourceConfig.{name}" for name in ("CPU", "GPU", "Memory", "SharedMemory")),
        *(f"Settings.DataJuicerConfig.ResourceLimit.{name}" for name in ("CPU", "GPU", "Memory")),
        *(
            f"JobSpecs[].ExtraPodSpec.{kind}[].Resources.{what}.*"
            for kind in ("InitContainers", "SideCarContainers")
            for what in ("Limits", "Requests")
        ),
    }


def test_of_every_list_it_is_known_whether_its_order_says_anything():
    """A list of structs has a key or an order; a list of plain values is a set or has an order."""
    steps = [path.split("[]")[:-1] for path in FIELDS if "[]" in path]
    lists = {"[]".join(parts[: length + 1]) for parts in steps for length in range(len(parts))}
    assert sorted(lists) == sorted([*KEYED_LISTS, *SETS, *ORDERED])


def test_every_exception_says_why():
    plain = {path for path, field in FIELDS.items() if not field.why}
    assert all(
        FIELDS[path].read is Read.LIST
        and FIELDS[path].effect is Effect.RESULT
        and FIELDS[path].in_place is None
        for path in plain
    )
