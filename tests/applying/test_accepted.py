"""What `validate` accepts, CreateJob accepts, and the next plan is empty: every leaf, at its edges."""

from __future__ import annotations

import json
from copy import deepcopy
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dlcapply.manifest.job import MAX_BYTES, body_size
from dlcapply.manifest.load import LoadRequest, load
from dlcapply.manifest.schema.shipped import JOB, shipped
from dlcapply.manifest.schema.subschemas import items_of, parts, properties_of
from dlcapply.model.jobs import Job
from dlcapply.model.plans import Action
from dlcapply.planning.fields import FIELDS
from tests.applying.conftest import Bench
from tests.applying.test_convergence import KEY, UNRULY, place, spec_around
from tests.builders import OWNER

pytestmark = pytest.mark.sweep

PATHS = sorted(set(FIELDS) - KEY)
TEXTS = ["", "日本語 😀\n\nb\n "]
FORMS = ["/mnt/Ä b", "8", "0.50", "1500Mi", "oss://b.oss-cn-hangzhou.aliyuncs.com/ü/", "[]", '{"a": [1.0]}']
ODD_TEXTS = [
    *TEXTS,
    *FORMS,
    " ",
    "null",
    "1e3",
    "007",
    '"',
    "\\",
    "\u0085\u2028",
    "x" * 3_000,
    "eth1",
    "1.5Ti",
]
FRACTIONS = [0, 0.8, 1e-7, 1e22, 60.0]
# What `validate` asks for beside a leaf, where the service does not.
BESIDE = {
    "UserVpc": {"UserVpc": {"VpcId": "vpc-1", "SecurityGroupId": "sg-1", "ExtendedCIDRs": ["10.0.0.0/8"]}},
    "TemplateVersion": {"TemplateId": "tpl-1"},
}
OTHERS = [True, False, None, [], {}, {"a": ""}, [""], ["a", "a"]]


def schemas_of(path: str) -> list[Any]:
    """What the schema says of a leaf, found by its path in the field table."""
    schemas = properties_of([shipped(JOB)])["spec"]
    for step in path.replace("[]", ".[]").split("."):
        match step:
            case "[]":
                schemas = items_of(schemas)
            case "*":
                schemas = [part.get("additionalProperties", {}) for part in parts(schemas)]
            case _:
                schemas = properties_of(schemas)[step]
    return [part for part in parts(schemas) if isinstance(part, dict)]


def edges(path: str, texts: list[str] = TEXTS) -> list[Any]:
    """Values at and beyond the edges of a leaf; which of them are allowed is for `validate` to say."""
    schemas = schemas_of(path)
    known = {name for part in schemas for name in (part.get("type"),) if isinstance(name, str)}
    words = [word for part in schemas for word in part.get("enum", ())]
    if words:
        return words
    if "integer" in known:
        least = max(part.get("minimum", 0) for part in schemas)
        most = min(part.get("maximum", 2**31) for part in schemas)
        return [least, most, float(most), least - 1, most + 1]
    if "number" in known:
        return FRACTIONS
    if "boolean" in known:
        return [True, False]
    if "string" in known:
        forms = FORMS if any("pattern" in part for part in schemas) else []
        return [*texts, *forms, *(example for part in schemas for example in part.get("examples", ()))]
    return [*OTHERS, *texts]


def manifest(name: str, *leaves: tuple[str, Any]) -> dict[str, Any]:
    """A manifest that holds each value at its path, beside what it needs there."""
    spec: dict[str, Any] = {}
    for path, _ in leaves:
        spec = {**spec_around(path), **BESIDE.get(path.partition(".")[0], {}), **spec}
        if path == "JobSpecs[].SpotSpec.SpotStrategy":
            spec["JobSpecs"][0]["SpotSpec"] = {"SpotDiscountLimit": 0.8}
    for path, value in leaves:
        if path == "DataSources[].Uri":
            spec["DataSources"][0].pop("DataSourceId", None)
        place(spec, path.replace("[]", ".[]").replace("*", "key").split("."), deepcopy(value))
    spec = {**spec_around(""), **spec}
    del spec["WorkspaceId"]
    return {"apiVersion": "dlcapply/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}


def valid_jobs(manifests: list[dict[str, Any]]) -> list[Job]:
    """The jobs of those that `validate` accepts."""
    jobs: list[Job] = []
    for start in range(0, len(manifests), 400):
        text = "".join(
            f"---\n{json.dumps(item, ensure_ascii=False)}\n" for item in manifests[start : start + 400]
        )
        asked = LoadRequest(
            paths=("-",), stdin=text.encode(), region="cn-hangzhou", workspace="1001", owner=OWNER
        )
        jobs += load(asked).jobs
    return jobs


def check(bench: Bench, jobs: list[Job]) -> None:
    """Each is created, and asks for nothing afterwards."""
    outcomes = bench.carry_out(bench.plan(*jobs), *jobs)
    assert {outcome.name: str(outcome.result) for outcome in outcomes if outcome.result != "created"} == {}
    changes = bench.plan(*jobs).changes
    assert [(item.name, item.fields) for item in changes if item.action is not Action.UNCHANGED] == []
    assert [item.name for item in changes if item.reason.code != "equal"] == []


@pytest.fixture
def service(make_emulator, tmp_path):
    return Bench(make_emulator(), tmp_path)


@pytest.fixture
def unruly(make_emulator, tmp_path):
    return Bench(make_emulator(**UNRULY), tmp_path)


def test_every_leaf_at_its_edges(service) -> None:
    tried = {
        f"leaf-{number}-{edge}": manifest(f"leaf-{number}-{edge}", (path, value))
        for number, path in enumerate(PATHS)
        for edge, value in enumerate(edges(path))
    }
    jobs = valid_jobs(list(tried.values()))
    assert len(jobs) > len(tried) / 2
    assert {job.name.split("-")[1] for job in jobs} == {str(number) for number in range(len(PATHS))}
    check(service, jobs)


@pytest.mark.parametrize("filling", ["x", "é", "語", "😀", '"', "\n"])
@pytest.mark.parametrize("roles", [1, 60])
def test_the_longest_body(service, filling: str, roles: int) -> None:
    """As long as `validate` lets it be, and a byte longer; roles, for what is added to each on the way."""
    role = spec_around("")["JobSpecs"][0]
    groups = [{**role, "Type": f"Worker-{number}"} for number in range(roles - 1)]
    content = manifest("x" * 256)
    content["spec"] |= {"JobType": "RayJob", "JobSpecs": [role, *groups], "UserCommand": ""}
    room = MAX_BYTES - body_size(content["spec"], {})
    unit = len(json.dumps(filling, ensure_ascii=False).encode()) - 2
    content["spec"]["UserCommand"] = filling * (room // unit) + "x" * (room % unit)
    assert body_size(content["spec"], {}) == MAX_BYTES
    check(service, valid_jobs([content]))
    content["spec"]["UserCommand"] += "x"
    assert valid_jobs([content]) == []


LEAF = st.sampled_from(PATHS).flatmap(
    lambda path: st.tuples(st.just(path), st.sampled_from(edges(path, ODD_TEXTS)) | st.text(max_size=20))
)


NUMBERS = count()  # a name for each job of each example: they all share one service


@settings(
    deadline=None,
    max_examples=6,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.lists(LEAF, min_size=1, max_size=4), min_size=20, max_size=30))
def test_leaves_together(unruly, drawn: list[Any]) -> None:
    check(unruly, valid_jobs([manifest(f"drawn-{next(NUMBERS)}", *leaves) for leaves in drawn]))
