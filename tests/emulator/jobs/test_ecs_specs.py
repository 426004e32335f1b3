"""Instance types and workspaces."""

import json

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import Clock, Emulator, Switches


def specs(call, **query):
    return call("GET", "/ecsspecs", **query)


def test_specs_come_ten_a_page(call):
    first, second = (specs(call, ResourceType="ECS", PageNumber=number) for number in (1, 2))
    names = [row["InstanceType"] for page in (first, second) for row in page["EcsSpecs"]]

    assert len(first["EcsSpecs"]) == 10
    assert len(names) == len(set(names)) == first["TotalCount"]


@pytest.mark.parametrize("kind", ["CPU", "GPU"])
def test_specs_by_accelerator(call, kind):
    rows = specs(call, AcceleratorType=kind, PageSize=100)["EcsSpecs"]

    assert {(row["AcceleratorType"], row["Gpu"] > 0) for row in rows} == {(kind, kind == "GPU")}


def test_lists_in_a_spec_hold_json_text(call):
    row = specs(call, InstanceTypes="ecs.gn7i-c8g1.2xlarge")["EcsSpecs"][0]

    assert json.loads(row["PaymentTypes"][0]) == ["Spot", "PostPaid"]
    assert row["DefaultGPUDriver"] in json.loads(row["SupportedGPUDrivers"][0])
    assert specs(call, ResourceType="Lingjun")["TotalCount"] == 2


def test_sorting_specs_is_refused(call, refusal):
    with pytest.raises(ClientException) as error:
        specs(call, SortBy="CPU")

    assert refusal(error) == (400, "InvalidParameter")


def test_sorting_is_a_switch(connect):
    with Emulator(clock=Clock.still(), switches=Switches(sort_ecs_specs=True)) as emulator:
        rows = specs(connect(emulator), SortBy="GPU", AcceleratorType="GPU", PageSize=100)["EcsSpecs"]

    assert [row["Gpu"] for row in rows] == sorted((row["Gpu"] for row in rows), reverse=True)


def test_what_is_out_of_stock_says_so(call):
    rows = {row["InstanceType"]: row for row in specs(call, ResourceType="Lingjun")["EcsSpecs"]}

    assert [(row["IsAvailable"], row["SpotStockStatus"]) for row in rows.values()] == [
        (True, "WithStock"),
        (False, "NoStock"),
    ]
