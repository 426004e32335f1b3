"""Freezes and time zones of the project file."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime

import pytest

from dlcapply.errors import InvalidManifestsError
from dlcapply.manifest.timezones import zone_of
from dlcapply.model.findings import Level
from dlcapply.model.jobs import Freeze
from tests.manifest.trees import Tree, manifest

PROD = """
environments:
  prod:
    region: cn-shanghai
    workspaceId: "268"
"""


def window(start: str, end: str, reason: str = "audit") -> str:
    return f'{{from: "{start}", until: "{end}", reason: {reason}}}'


A = window("2026-12-24T18:00:00+08:00", "2027-01-04T08:00:00+08:00", "year end")
B = window("2027-01-03T00:00:00Z", "2027-01-09T00:00:00.5Z")


def loaded(tree: Tree, *more: str):
    tree.project(*more)
    tree.write("jobs/a.yaml", manifest("a"))
    return tree.load()


def refusal(tree: Tree, *more: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidManifestsError) as caught:
        loaded(tree, *more)
    return [(finding.rule, finding.path) for finding in caught.value.findings]


def test_freezes_of_the_project_and_of_the_environment_hold_in_utc(tree: Tree) -> None:
    found = loaded(tree, f"freeze: [{A}]\n", PROD, f"    freeze: [{B}]\n")
    assert found.findings == ()
    assert found.environment
    assert found.environment.freezes == (
        Freeze(datetime(2026, 12, 24, 10, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC), "year end"),
        Freeze(datetime(2027, 1, 3, tzinfo=UTC), datetime(2027, 1, 9, 0, 0, 0, 500_000, tzinfo=UTC), "audit"),
    )


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (window("2027-01-04T00:00:00Z", "2026-12-24T00:00:00Z"), ("freeze-window", "freeze[0].until")),
        (window("2027-01-04T08:00:00+08:00", "2027-01-04T00:00:00Z"), ("freeze-window", "freeze[0].until")),
        (window("2027-01-04T00:00:00", "2027-01-05T00:00:00Z"), ("format", "freeze[0].from")),
        (window("2027-01-04", "2027-01-05T00:00:00Z"), ("format", "freeze[0].from")),
        (window("2027-02-30T00:00:00Z", "2027-03-05T00:00:00Z"), ("format", "freeze[0].from")),
        (window("2027-01-04T00:00:00Z", "2027-01-05T00:00:00Z", '" "'), ("pattern", "freeze[0].reason")),
        ('{from: "2027-01-04T00:00:00Z", reason: x}', ("missing-key", "freeze[0]")),
        ('{from: "2027-01-04T00:00:00Z", until: "2027-01-05T00:00:00Z"}', ("missing-key", "freeze[0]")),
    ],
)
def test_a_window_that_holds_nothing_or_says_too_little_is_an_error(
    tree: Tree, written: str, found: tuple[str, str]
) -> None:
    assert refusal(tree, f"freeze: [{written}]\n", PROD) == [found]


def test_an_environment_that_is_not_chosen_is_checked_too(tree: Tree) -> None:
    bad = window("2027-01-04T00:00:00Z", "2026-12-24T00:00:00Z")
    other = f"  other: {{region: cn-shanghai, workspaceId: '1', freeze: [{bad}], timezone: Shanghai}}\n"
    assert refusal(tree, "defaultEnvironment: prod\n", PROD, other) == [
        ("freeze-window", "environments.other.freeze[0].until"),
        ("timezone", "environments.other.timezone"),
    ]


def test_windows_that_overlap_in_one_list_are_a_warning(tree: Tree) -> None:
    found = loaded(tree, f"freeze: [{B}, {A}]\n", PROD)
    assert [(one.rule, one.level, one.path) for one in found.findings] == [
        ("freeze-overlap", Level.WARNING, "freeze[0]")
    ]
    off, error = (f"rules: {{freeze-overlap: {level}}}\nfreeze: [{B}, {A}]\n" for level in ("off", "error"))
    assert loaded(tree, off, PROD).findings == ()
    assert [one.level for one in loaded(tree, error, PROD).findings] == [Level.ERROR]


def test_the_edges_of_the_calendar_are_times(tree: Tree) -> None:
    always = window("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
    found = loaded(tree, f"freeze: [{always}]\n", PROD)
    assert found.environment
    assert found.environment.freezes[0].start.year == 1


def test_the_environments_time_zone_goes_before_the_projects(tree: Tree) -> None:
    both = ("timezone: Asia/Shanghai\n", PROD, "    timezone: Europe/Berlin\n")
    for more, zone in (((PROD,), "UTC"), (both[:2], "Asia/Shanghai"), (both, "Europe/Berlin")):
        environment = loaded(tree, *more).environment
        assert environment
        assert environment.timezone == zone


@pytest.mark.parametrize(
    "name",
    [
        *("Shanghai", "Asia", "Asia/", "/Asia/Shanghai", "../etc/passwd", "Asia/../Asia/Shanghai"),
        *(
            "localtime",
            "posixrules",
            "zone.tab",
            "tzdata.zi",
            "a" * 99,
            "Asia/Shanghai\\n",
            "Asia\\\\Shanghai",
        ),
    ],
)
def test_what_names_no_time_zone_is_an_error(tree: Tree, name: str) -> None:
    assert refusal(tree, f'timezone: "{name}"\n', PROD) == [("timezone", "timezone")]


def test_a_machine_without_a_database_of_time_zones_knows_utc_alone() -> None:
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        assert zone_of("UTC") is UTC
        with pytest.raises(ValueError, match="Asia/Shanghai"):
            zone_of("Asia/Shanghai")
    finally:
        zoneinfo.reset_tzpath(before)
