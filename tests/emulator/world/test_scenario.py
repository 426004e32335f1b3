"""A scenario declares what a service has, what was there before, and what goes wrong."""

import json
import math
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.emulator import CATALOGUE, Clock, Emulator, ScenarioError
from dlcapply.emulator.world import catalogue, world
from dlcapply.emulator.world.faults import Fault
from dlcapply.emulator.world.scenario import Scenario, camel, read_scenario

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas/scenario.v1.schema.json").read_text("utf-8"))
WHOLE = {
    "apiVersion": "dlcapply/v1",
    "kind": "Scenario",
    "clock": {"speed": 0, "start": "2026-01-05T08:00:00Z"},
    "users": {"me": {"secret": "s", "userId": "7", "name": "Mia"}},
    "workspaces": [{"workspaceId": "268", "name": "vision", "isDefault": True, "requiredTags": ["team"]}],
    "catalogue": {
        "quotas": [{"quotaId": "q-1", "name": "mine", "cpu": 8, "memory": 64, "gpu": 1}],
        "datasets": [{"datasetId": "d-1", "name": "pictures", "uri": "oss://b/"}],
    },
    "lifecycle": {"running": "forever"},
    "lifecycles": {"short*": {"running": 5}},
    "switches": {"listLag": 2.5, "missingImages": ["*:none"], "stoppable": ["Running"]},
    "jobs": [{"DisplayName": "old", "Status": "Succeeded"}, {"DisplayName": "short-1"}],
    "faults": [{"operation": "StopJob", "kind": "error", "status": 500, "code": "InternalError"}],
}


def test_everything_that_is_declared_is_there(connect):
    with Emulator.from_scenario(WHOLE) as emulator:
        call = connect(emulator, "me", "s")
        emulator.turn(20)
        jobs = {job["DisplayName"]: job for job in call.list()["Jobs"]}

        assert {name: job["Status"] for name, job in jobs.items()} == {
            "old": "Succeeded",
            "short-1": "Succeeded",
        }
        assert jobs["old"]["Username"] == "Mia"
        assert jobs["old"]["WorkspaceName"] == "vision"
        assert emulator.lifecycle.running == math.inf
        assert emulator.switches.stoppable == frozenset({"Running"})
        assert call("GET", "/datasets/d-1")["Name"] == "pictures"
        assert emulator.catalogue.images == CATALOGUE.images
        with pytest.raises(Exception, match="InternalError"):
            call("POST", f"/jobs/{jobs['old']['JobId']}/stop")


def test_a_catalogue_may_be_all_there_is():
    made = Emulator.from_scenario({"catalogue": {"datasets": []}, "catalogueOnly": True})

    assert made.catalogue == catalogue.Catalogue()


def test_jobs_are_stored_once_into_one_state(tmp_path):
    for _ in range(2):
        with Emulator.from_scenario(WHOLE, state=tmp_path / "s.db") as emulator:
            assert len(emulator.jobs()) == 2


def test_what_is_given_beside_goes_first():
    assert Emulator.from_scenario(WHOLE, clock=Clock.real(speed=7)).clock.speed == 7


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"colour": 1}, "colour is not known"),
        ({"switches": {"list_lag": 1}}, "switches.list_lag is not known"),
        ({"switches": {"listLag": "long"}}, "switches.listLag must be of type float"),
        ({"switches": {"listLag": True}}, "switches.listLag must be of type float"),
        ({"switches": {"tagsFilter": "all"}}, "switches.tagsFilter must be one of settings, resources, both"),
        ({"lifecycles": {"a": {"cause": "bad"}}}, "lifecycles.a.cause must be one of noise, "),
        ({"lifecycle": {"logLinesPerSecond": "forever"}}, "lifecycle: log_lines_per_second must be finite"),
        ({"workspaces": {}}, "workspaces must be a list"),
        ({"workspaces": [1]}, r"workspaces\[0\] must be a map"),
        ({"workspaces": [{"name": "a"}]}, r"workspaces\[0\]: .*workspace_id"),
        ({"users": []}, "users must be a map"),
        ({"clock": {"start": "today"}}, "clock.start must be a time in ISO 8601"),
        ({"clock": {"start": "2026-01-05T08:00:00"}}, "clock.start must name its zone"),
        ({"faults": [{"operation": "ListJobs", "kind": "odd"}]}, r"faults\[0\].kind: 'odd'"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(document, message):
    with pytest.raises(ScenarioError, match=message):
        read_scenario(document)


KEYS = st.sampled_from([*SCHEMA["properties"], "running", "operation", "kind", "speed", "odd"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=5,
)


@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_any_document_is_read_or_refused(document):
    with suppress(ScenarioError):
        assert isinstance(read_scenario(document), Scenario)


@pytest.mark.parametrize(
    "kind",
    [Scenario, Clock, Fault, *vars(world).values(), *vars(catalogue).values()],
    ids=lambda kind: getattr(kind, "__name__", "value"),
)
def test_the_schema_has_the_keys_that_are_read(kind):
    if not (isinstance(kind, type) and is_dataclass(kind)) or kind is world.World:
        return
    head = {"apiVersion", "kind"} if kind is Scenario else set()
    described = SCHEMA if kind is Scenario else SCHEMA["$defs"][kind.__name__]
    needed = {camel(one.name) for one in fields(kind) if one.default is one.default_factory is MISSING}

    assert set(described["properties"]) == {camel(one.name) for one in fields(kind)} | head
    assert set(described.get("required", ())) == needed | head
    assert described["additionalProperties"] is False
