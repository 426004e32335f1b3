"""For every leaf of CreateJob: set, the next plan is empty; changed or removed, the plan says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dlcapply.model.jobs import Job
from dlcapply.model.plans import Action
from dlcapply.planning.diff import differences
from dlcapply.planning.fields import FIELDS
from dlcapply.secrecy import is_secret_field
from tests.applying.conftest import Bench
from tests.builders import a_job, a_spec

pytestmark = pytest.mark.sweep

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas/job.v1.schema.json").read_text(encoding="utf-8"))
SAMPLES: dict[str, tuple[Any, Any]] = {
    "string": ("first", "second"),
    "integer": (3, 4),
    "number": (0.25, 0.5),
    "boolean": (True, False),
}
# The loader takes the job's key out of the spec; what PAI may blank when it is read is not compared.
KEY = {"DisplayName", "WorkspaceId"}
OUT_OF_SIGHT = set(filter(is_secret_field, FIELDS))
# No mark tells that a note was taken away, and PAI's answer does not tell whose a tag is.
REMOVED_UNSEEN = {"Settings.Tags.*", "Settings.BusinessUserId", "Settings.Caller", "Settings.PipelineId"}


def schema_of(path: str) -> dict[str, Any]:
    """The schema of a leaf, found by its path in the field table."""
    schema = SCHEMA["$defs"]["Spec"] if "Spec" in SCHEMA["$defs"] else SCHEMA["properties"]["spec"]
    for step in path.replace("[]", ".[]").split("."):
        schema = resolved(schema)
        match step:
            case "[]":
                schema = schema["items"]
            case "*":
                schema = schema.get("additionalProperties", {})
            case _:
                schema = schema["properties"][step]
    return resolved(schema)


def resolved(schema: Any) -> dict[str, Any]:
    while isinstance(schema, dict) and "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema if isinstance(schema, dict) else {}


VALUES: dict[str, tuple[Any, Any]] = {
    "Accessibility": ("PUBLIC", "PRIVATE"),
    "DataSources[].Options": ('{"a":"1"}', '{"a":"2"}'),
    "DataSources[].RoleChain": ('["a"]', '["b"]'),
    "JobSpecs[].LocalMountSpecs[].MountPath": ("/first", "/second"),
    "JobSpecs[].OversoldType": ("AcceptQuotaOverSold", "ForceQuotaOverSold"),
    "JobSpecs[].SpotSpec.SpotStrategy": ("SpotWithPriceLimit", "Other"),
    "JobSpecs[].Type": ("Master", "Worker"),
}


def two_values(path: str) -> tuple[Any, Any]:
    if path in VALUES:
        return VALUES[path]
    schema = schema_of(path)
    schema = resolved(schema.get("else", schema))
    choices = schema.get("enum", ())
    if len(choices) > 1:
        return choices[0], choices[1]
    return SAMPLES[schema.get("type", "string")]


def job_with(name: str, path: str, value: Any) -> Job:
    """A job whose spec holds the value at the path, beside what it needs there."""
    spec = spec_around(path)
    if path == "DataSources[].Uri":
        del spec["DataSources"][0]["DataSourceId"]
    steps = path.replace("[]", ".[]").replace("*", "key").split(".")
    place(spec, steps, value)
    return a_job(name, **spec)


def without(name: str, path: str) -> Job:
    """The same job without the leaf."""
    return a_job(name, **spec_around(path))


def spec_around(path: str) -> dict[str, Any]:
    """What a spec needs before PAI takes a value at the path."""
    spec = a_spec(DataSources=[{"DataSourceId": "d-1", "MountPath": "/mnt/a"}])
    if path.startswith("CodeSource."):
        spec["CodeSource"] = {"CodeSourceId": "code-1"}
    if path == "ResourceId" or ".ResourceConfig." in path:
        resources = {"Memory": "8Gi"} if path.endswith("CPU") else {"CPU": "8"}
        role = {"Type": "Worker", "PodCount": 2, "Image": "registry/x:1", "ResourceConfig": resources}
        spec |= {"ResourceId": "quota1", "JobSpecs": [role]}
    return spec


def place(container: Any, steps: list[str], value: Any) -> None:
    step, *rest = steps
    key: Any = step
    if step == "[]":
        container += [] if container else [{}]
        key = 0
    if not rest:
        container[key] = value
        return
    empty: Any = [] if rest[0] == "[]" else {}
    if step == "[]":
        if not container[0]:
            container[0] = empty
    else:
        container.setdefault(key, empty)
    place(container[key], rest, value)


def start(bench: Bench, *jobs: Job) -> None:
    outcomes = bench.carry_out(bench.plan(*jobs), *jobs)
    assert {outcome.name: outcome.result for outcome in outcomes} == {job.name: "created" for job in jobs}


def action(bench: Bench, job: Job) -> tuple[Action, str]:
    (change,) = bench.plan(job, complete=False).changes
    return change.action, change.reason.code


def equal(bench: Bench, jobs: dict[str, Job]) -> set[str]:
    """The leaves whose job is called equal to its run."""
    changes = {change.name: change for change in bench.plan(*jobs.values(), complete=False).changes}
    told = {path: changes[job.name] for path, job in jobs.items()}
    return {
        path
        for path, change in told.items()
        if (change.action, change.reason.code) == (Action.UNCHANGED, "equal")
    }


UNRULY = {
    "fill_defaults": True,
    "reverse_lists": True,
    "master_promotion": True,
    "blank_secrets": True,
    "unknown_keys": {"Shiny": {"New": [1]}},
}


@pytest.fixture(params=["as sent", "unruly"])
def service(request, make_emulator, tmp_path):
    """A service that answers with what was sent, and one that does all that no document rules out."""
    return Bench(make_emulator(**(UNRULY if request.param == "unruly" else {})), tmp_path)


LEAVES = sorted(set(FIELDS) - KEY)


def for_each(make: Callable[[str, str], Job]) -> dict[str, Job]:
    """A job for each leaf, made of its name and the leaf."""
    return {path: make(f"leaf-{number}", path) for number, path in enumerate(LEAVES)}


def test_a_leaf_that_was_set_is_no_difference_and_one_that_changes_is(service):
    first = for_each(lambda name, path: job_with(name, path, two_values(path)[0]))
    second = for_each(lambda name, path: job_with(name, path, two_values(path)[1]))
    start(service, *first.values())
    assert equal(service, first) == set(LEAVES)
    assert equal(service, second) == OUT_OF_SIGHT
    assert equal(service, for_each(without)) == OUT_OF_SIGHT | REMOVED_UNSEEN
    assert equal(service, first) == set(LEAVES)


def test_a_leaf_that_is_added_to_a_run_without_it_is_a_difference(service):
    bare = for_each(without)
    start(service, *bare.values())
    assert equal(service, bare) == set(LEAVES)
    assert (
        equal(service, for_each(lambda name, path: job_with(name, path, two_values(path)[0]))) == OUT_OF_SIGHT
    )


CONTAINER = {"Name": "log", "Image": "registry/log:1", "Env": [{"Name": name, "Value": "1"} for name in "AB"]}
SENT = {
    "Type": "Worker",
    "PodCount": 2,
    "Image": "registry/x:1",
    "ResourceConfig": {"CPU": "4", "GPU": "1", "Memory": "64Gi", "SharedMemory": "0.5Gi"},
    "LocalMountSpecs": [{"LocalPath": path, "MountPath": path} for path in ("/a", "/b")],
    "ServiceSpec": {"ExtraPorts": [8001, 8000]},
    "ExtraPodSpec": {
        "SideCarContainers": [
            {**CONTAINER, "Resources": {"Limits": {"cpu": "0.5", "memory": "1Gi"}}},
            {**CONTAINER, "Name": "metrics"},
        ],
        "MainContainerSecurityContext": {"Capabilities": {"Add": ["SYS_PTRACE", "IPC_LOCK"]}},
    },
}
ANSWERED = {
    "Type": "Worker",
    "PodCount": 2,
    "Image": "registry/x:1",
    "ResourceConfig": {"CPU": "4000m", "GPU": "1.0", "Memory": "65536Mi", "SharedMemory": "536870912"},
    "LocalMountSpecs": SENT["LocalMountSpecs"][::-1],
    "ServiceSpec": {"ExtraPorts": [8000, 8001], "ServiceMode": "PerPod"},
    "ExtraPodSpec": {
        "SideCarContainers": [
            {**CONTAINER, "Name": "metrics", "Resources": {}},
            {
                **CONTAINER,
                "Env": CONTAINER["Env"][::-1],
                "Resources": {"Limits": {"memory": "1073741824", "cpu": "500m"}, "Requests": {"cpu": "0"}},
            },
        ],
        "MainContainerSecurityContext": {"Capabilities": {"Add": ["IPC_LOCK", "SYS_PTRACE"]}},
    },
}
PAIRS = [{"Key": key, "Value": "1", "Visible": "public"} for key in ("STAGE", "REGION")]
LIBRARIES = ["pyarrow", "numpy==1.26.4"]


def test_a_role_that_comes_back_in_other_words_and_another_order_asks_for_nothing(service):
    job = a_job(ResourceId="quota1", JobSpecs=[SENT], CustomEnvs=PAIRS, ThirdpartyLibs=LIBRARIES)
    start(service, job)
    (run,) = service.emulator.jobs()
    service.emulator.change(run["JobId"], JobSpecs=[ANSWERED], CustomEnvs=PAIRS[::-1])
    assert action(service, job) == (Action.UNCHANGED, "equal")
    other = a_job(
        ResourceId="quota1", JobSpecs=[ANSWERED], CustomEnvs=PAIRS[::-1], ThirdpartyLibs=LIBRARIES[::-1]
    )
    assert [
        change.behaviour for change in differences(desired=other, live=service.service.get(run["JobId"]))
    ] == ["needs a new run"]  # what only the answer had
    more = {**SENT, "ResourceConfig": {**SENT["ResourceConfig"], "CPU": "4001m"}}
    assert action(
        service, a_job(ResourceId="quota1", JobSpecs=[more], CustomEnvs=PAIRS, ThirdpartyLibs=LIBRARIES)
    ) != (
        Action.UNCHANGED,
        "equal",
    )
