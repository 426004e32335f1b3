from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from dlcapply.cloud.catalog import sizes, workspace_exists
from dlcapply.errors import ServiceError


def test_accelerators_of_known_types(connection):
    types = {"ecs.gn7i-c8g1.2xlarge", "ecs.g6.large", "ecs.nobody.knows"}
    assert sizes(connection, types).accelerators == {"ecs.gn7i-c8g1.2xlarge": 1, "ecs.g6.large": 0}


def test_cpus_of_known_types(connection):
    types = {"ecs.gn7i-c8g1.2xlarge", "ecs.g6.large", "ecs.nobody.knows"}
    assert sizes(connection, types).cpus == {"ecs.gn7i-c8g1.2xlarge": 8, "ecs.g6.large": 2}


@pytest.mark.parametrize("cpu", [None, 0, "many", -1, [], True])
def test_a_type_whose_cpus_are_not_told_is_not_one_without(box, http, connected, cpu):
    row = {"InstanceType": "a", "Gpu": 1, "Cpu": cpu}
    server = box(http(200, json.dumps({"EcsSpecs": [row], "TotalCount": 1})))
    assert sizes(connected(server.endpoint), {"a"}) == ({"a": 1}, {})


def test_nothing_is_asked_for_nothing(connection, emulator):
    assert sizes(connection, ()) == ({}, {})
    assert emulator.requests == ()


def test_the_sorting_that_the_service_rejects_is_not_asked_for(connection, emulator):
    sizes(connection, {"ecs.g6.large"})
    assert "SortBy" not in emulator.requests[0].path


def test_many_types_are_asked_for_in_parts(connection, emulator):
    sizes(connection, {f"ecs.t{number}.large" for number in range(120)})
    asked = [parse_qs(urlsplit(entry.path).query)["InstanceTypes"][0] for entry in emulator.requests]
    assert [len(types.split(",")) for types in asked] == [50, 50, 20]


def answered(box, http, connected, *rows, total=None):
    body = {"EcsSpecs": list(rows), "TotalCount": len(rows) if total is None else total}
    return sizes(connected(box(http(200, json.dumps(body))).endpoint), {"a", "b"}).accelerators


def test_numbers_are_read_in_any_spelling(box, http, connected):
    rows = ({"InstanceType": "a", "Gpu": "8"}, {"InstanceType": "b", "Gpu": None})
    assert answered(box, http, connected, *rows) == {"a": 8, "b": 0}


@pytest.mark.parametrize(("gpu", "known"), [("0.5", {"a": 1}), (0, {}), (None, {})])
def test_a_type_with_gpus_never_counts_as_none(box, http, connected, gpu, known):
    row = {"InstanceType": "a", "AcceleratorType": "GPU", "Gpu": gpu}
    assert answered(box, http, connected, row) == known


def test_what_is_no_number_and_no_wanted_type_is_left_out(box, http, connected):
    rows = ({"InstanceType": "a", "Gpu": "many"}, {"InstanceType": "c", "Gpu": 4}, "odd", {"Gpu": []})
    assert answered(box, http, connected, *rows) == {}


def test_pages_are_read_until_the_total(box, http, connected):
    server = box(http(200, json.dumps({"EcsSpecs": [{"InstanceType": "a", "Gpu": 2}], "TotalCount": 3})))
    assert sizes(connected(server.endpoint), {"a"}).accelerators == {"a": 2}
    queries = [parse_qs(urlsplit(request.split()[1]).query) for request in server.requests]
    assert [query["PageNumber"] for query in queries] == [["1"], ["2"], ["3"]]


def test_an_empty_page_ends_the_reading(box, http, connected):
    assert answered(box, http, connected, total=5) == {}


def test_an_answer_without_specs_is_an_error(box, http, connected):
    with pytest.raises(ServiceError, match="has no EcsSpecs"):
        sizes(connected(box(http(200, "{}")).endpoint), {"a"})


ODD = [True, "", " ", "x", -1, "-8", 1e308, "NaN", "Infinity", "9" * 400, [], [8], {}, {"": 1}]


@pytest.mark.parametrize("gpu", ODD)
def test_a_number_that_can_not_be_read_is_never_none(box, http, connected, gpu):
    assert answered(box, http, connected, {"InstanceType": "a", "AcceleratorType": "CPU", "Gpu": gpu}) == {}


@pytest.mark.parametrize("kind", ["PPU", "gpu", 7, [], {}, False])
def test_only_a_cpu_type_has_none(box, http, connected, kind):
    assert answered(box, http, connected, {"InstanceType": "a", "AcceleratorType": kind, "Gpu": 0}) == {}


def test_of_two_rows_the_greater_number_counts_and_a_doubt_counts_most(box, http, connected):
    rows = ({"InstanceType": "a", "Gpu": 2}, {"InstanceType": "a", "Gpu": 8}, {"InstanceType": "a", "Gpu": 1})
    assert answered(box, http, connected, *rows) == {"a": 8}
    assert answered(box, http, connected, *rows, {"InstanceType": "a", "Gpu": []}) == {}


def test_pages_without_end_are_left(box, http, connected):
    body = {"EcsSpecs": [{"InstanceType": "a", "Gpu": 1}], "TotalCount": 999_999}
    server = box(http(200, json.dumps(body)))
    with pytest.raises(ServiceError, match="ListEcsSpecs: PAI's answer has no end"):
        sizes(connected(server.endpoint), {"a"})
    assert len(server.requests) == 50


@pytest.mark.parametrize("total", [None, True, [], "many", 10**9, 1e300, -1])
def test_a_total_that_can_not_be_read_ends_the_reading(box, http, connected, total):
    assert answered(box, http, connected, {"InstanceType": "a", "Gpu": 1}, total=total or []) == {"a": 1}


@pytest.mark.parametrize(
    ("rows", "seen"),
    [
        ([{"WorkspaceId": "1001"}], True),
        ([{"WorkspaceId": 1001}], True),
        ([{"WorkspaceId": "268"}, {"WorkspaceId": []}, {}, None, "1001"], False),
    ],
)
def test_a_workspace_is_seen_in_either_spelling(box, http, connected, rows, seen):
    server = box(http(200, json.dumps({"Workspaces": rows})))
    assert workspace_exists(connected(server.endpoint), "1001") is seen


@pytest.mark.parametrize("rows", [None, {}, "x", 7])
def test_workspaces_that_are_no_list_are_an_error(box, http, connected, rows):
    server = box(http(200, json.dumps({"Workspaces": rows, "RequestId": "R"})))
    with pytest.raises(ServiceError, match="has no Workspaces") as failure:
        workspace_exists(connected(server.endpoint), "1001")
    assert failure.value.request_id == "R"
