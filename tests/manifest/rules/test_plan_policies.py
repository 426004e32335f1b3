"""Policies on the plan: what they say, and what is wrong with one that would say nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.manifest.rules.plan_policies import PlanPolicies
from dlcapply.model.findings import Level, Place
from dlcapply.rendering.plan_documents import plan_document
from tests.builders import a_job, a_plan
from tests.manifest.trees import LOCAL, Tree, manifest

ON_PLAN = "planPolicies: ['policies/*.plan.schema.json']\n"


@pytest.fixture
def project(tree: Tree) -> Tree:
    tree.project(ON_PLAN, LOCAL)
    tree.write("jobs/a.yaml", manifest("a"))
    return tree


def on(path: str, schema: Any) -> dict[str, Any]:
    """The schema for what is at the path, where `[]` stands for each item of a list."""
    for key in reversed(path.split(".")):
        below = {"items": schema} if key.endswith("[]") else schema
        schema = {"properties": {key.removesuffix("[]"): below}}
    return schema


IN = ".properties."
NO_CREATE = on("changes[].action", {"not": {"const": "create"}})


def write(tree: Tree, schema: Any, name: str = "p") -> None:
    tree.write(f"policies/{name}.plan.schema.json", json.dumps(schema))


def judged(tree: Tree, document: dict[str, Any], **schemas: Any):
    for name, schema in schemas.items():
        write(tree, schema, name)
    loaded = tree.load()
    assert loaded.findings == ()
    return loaded.plan_policies.findings(document)


def document(*jobs, **options) -> dict[str, Any]:
    return plan_document(a_plan(*(jobs or (a_job(place=Place("jobs/train.yaml", 3, 5)),)), **options))


def test_a_policy_names_its_file_and_the_job_at_its_place(project: Tree) -> None:
    (found,) = judged(project, document(), p=NO_CREATE | {"title": "nothing is created"})
    assert (found.rule, found.level, found.path) == ("policy:p.plan", Level.ERROR, "changes[0].action")
    assert found.message == "train: action is not allowed like this"
    assert found.hint == "the policy is policies/p.plan.schema.json; nothing is created"
    assert str(found.place) == "jobs/train.yaml:3:5"


def test_its_own_words_go_first_and_what_is_about_no_job_stands_at_the_policy(project: Tree) -> None:
    schema = {
        "properties": {"summary": {"properties": {"create": {"maximum": 0, "title": "create\nnothing"}}}}
    }
    (found,) = judged(project, document(), p=schema)
    assert (found.message, found.path) == ("create nothing", "summary.create")
    assert found.hint == "the policy is policies/p.plan.schema.json; create must be at most 0"
    assert str(found.place) == "policies/p.plan.schema.json:1:1"


def test_a_plan_that_satisfies_every_policy_has_no_finding(project: Tree) -> None:
    fits, has = on("summary.create", {"maximum": 1}), on("context", {"required": ["hour"]})
    assert judged(project, document(), p=fits, q=has) == ()


def test_a_project_sets_the_level_of_a_policy_on_the_plan(tree: Tree) -> None:
    tree.write("jobs/a.yaml", manifest("a"))
    for word, levels in (("warning", [Level.WARNING]), ("off", []), ("error", [Level.ERROR])):
        tree.project(ON_PLAN, f"rules: {{policy:p.plan: {word}}}\n", LOCAL)
        found = judged(tree, document(), p=NO_CREATE)
        assert [one.level for one in found] == levels


def test_a_manifest_waives_no_policy_on_the_plan(project: Tree) -> None:
    write(project, NO_CREATE)
    project.write(
        "jobs/a.yaml",
        manifest("a", "\nwaivers: [{rule: 'policy:p.plan', reason: Moved by the nightly build}]\n"),
    )
    assert [one.rule for one in project.load().findings] == ["unknown-rule"]


def test_what_takes_too_many_steps_says_no(project: Tree) -> None:
    twice: dict[str, Any] = {"$ref": "#/$defs/0"}
    definitions = {
        str(step): {"allOf": [{"$ref": f"#/$defs/{step + 1}"}, {"$ref": f"#/$defs/{step + 1}"}]}
        for step in range(20)
    }
    schema = {"properties": {"digest": twice}, "$defs": {**definitions, "20": {"minLength": 1}}}
    found = judged(project, document(), p=schema)
    assert [(one.rule, one.level) for one in found] == [("policy-file", Level.ERROR)]
    assert "policy:p.plan takes too many steps for this plan" in found[0].message


@pytest.mark.parametrize("odd", [10**400, "\ud800", float("nan"), (1, 2)], ids=str)
def test_odd_values_in_a_plan_neither_pass_nor_hide_a_violation(project: Tree, odd: Any) -> None:
    plan = document()
    plan["changes"][0]["fields"] = [{"path": "x", "before": odd}]
    assert [one.rule for one in judged(project, plan, p=NO_CREATE)] == ["policy:p.plan"]


def test_a_plan_that_is_too_deep_to_be_judged_is_refused(project: Tree) -> None:
    plan, deep = document(), []
    for _ in range(5_000):
        deep = [deep]
    plan["changes"][0]["fields"] = [{"path": "x", "before": deep}]
    (found,) = judged(project, plan, p=NO_CREATE)
    assert (found.rule, found.level) == ("policy-file", Level.ERROR)


def test_findings_are_bounded_and_the_first_hundred_are_told(project: Tree) -> None:
    jobs = [a_job(f"job-{number:03d}") for number in range(150)]
    found = judged(project, document(*jobs), p=NO_CREATE)
    assert [one.rule for one in found] == ["policy:p.plan"] * 100 + ["too-many"]


START = {"enum": ["create", "restart"]}
NULL = "says nothing against null"


@pytest.mark.parametrize(
    ("schema", "path", "message", "hint"),
    [
        (on("sumary", {}), f"{IN}sumary", "a plan has no key sumary there", "summary"),
        ({"required": ["contxt"]}, "required[0]", "a plan has no key contxt there", "context"),
        (on("summary.creates", {"maximum": 0}), f"{IN}summary{IN}creates", "no key creates", "create"),
        (
            {"allOf": [on("changes[].kind", {"const": 1})]},
            f"allOf[0]{IN}changes.items{IN}kind",
            "no key kind",
            "the keys there are name, action",
        ),
        (
            {"if": on("context.weekday", {"const": "Friday"}), "then": False},
            f"if{IN}context{IN}weekday.const",
            "no plan has the value 'Friday' there",
            "friday",
        ),
        (
            {
                "properties": {"changes": {"contains": {"$ref": "#/$defs/x"}}},
                "$defs": {"x": on("action", START)},
            },
            f"$defs.x{IN}action.enum[1]",
            "no plan has the value 'restart' there",
            "",
        ),
        (
            on("totals.cpu_hours", {"maximum": 1}),
            f"{IN}totals{IN}cpu_hours.maximum",
            NULL,
            "add type: number",
        ),
        (
            on("totals.by_label", {"additionalProperties": on("cpu_hours", {"exclusiveMaximum": 1})}),
            f"{IN}totals{IN}by_label.additionalProperties{IN}cpu_hours.exclusiveMaximum",
            NULL,
            "add type: number",
        ),
        (
            on("changes[].spend.hours", {"maximum": 1}),
            f"{IN}changes.items{IN}spend{IN}hours.maximum",
            NULL,
            "add type: number",
        ),
        (
            {"if": on("context.hour", {"const": "17"}), "then": False},
            f"if{IN}context{IN}hour.const",
            "no plan has the value '17' there",
            "a value there is an integer from 0 to 23",
        ),
        (
            {"if": on("context.hour", {"minimum": 24}), "then": False},
            f"if{IN}context{IN}hour.minimum",
            "no plan has a value there for minimum 24",
            "from 0 to 23",
        ),
        (
            {"if": on("context.weekday", {"pattern": "^Fri"}), "then": False},
            f"if{IN}context{IN}weekday.pattern",
            "no plan has a value there for pattern ^Fri",
            "monday",
        ),
        (
            {"if": on("context.hour", {"type": "string"}), "then": False},
            f"if{IN}context{IN}hour.type",
            "no plan has a value there for type string",
            "an integer",
        ),
        (
            on("context.hour", {"pattern": "^1[0-6]$"}),
            f"{IN}context{IN}hour.pattern",
            "pattern says nothing about an integer",
            "",
        ),
        (
            on("changes.action", {"enum": ["stop"]}),
            f"{IN}changes.properties",
            "properties says nothing about a list",
            "items",
        ),
        (
            on("totals.by_label.team", False),
            f"{IN}totals{IN}by_label{IN}team",
            "a plan has no key team there",
            "such as team=vision",
        ),
        ({"propertis": {}}, "propertis", "JSON Schema has no keyword propertis", "properties"),
        ({"title": "x"}, "", "this policy checks nothing", ""),
    ],
)
def test_a_policy_that_would_say_yes_to_every_plan_is_an_error(
    project: Tree, schema: Any, path: str, message: str, hint: str
) -> None:
    write(project, schema)
    found = [one for one in project.load().findings if one.path == path.removeprefix(".")]
    assert [one.rule for one in found] == ["policy-file"]
    assert message in found[0].message
    assert hint in found[0].hint
    assert found[0].place
    assert found[0].place.file == "policies/p.plan.schema.json"


@pytest.mark.parametrize(
    "schema",
    [
        on("totals.accelerator_hours", {"type": "number", "maximum": 1}),
        on("totals.jobs", {"maximum": 1}),
        on("totals.by_label.team=a", False),
        on("changes[].labels", {"required": ["team"]}),
        on("changes[].source", {"required": ["file"]}),
        on("environment.view", {"enum": ["all", None]}),
        on("context.weekday", {"type": ["string", "null"], "pattern": "^(mon|tues)day$", "minLength": 6}),
        on("context.hour", {"type": "number", "exclusiveMaximum": 20}),
        on("changes[].spend", {"properties": {"hours": {"minimum": 0}}}),
        on("changes[].fields[].before", {"pattern": "x", "minimum": 1, "required": ["a"]}),
        on("changes", {"maxItems": 3}) | {"x-owner": "platform"},
    ],
    ids=json.dumps,
)
def test_what_a_plan_can_have_is_no_error(project: Tree, schema: Any) -> None:
    write(project, schema)
    assert project.load().findings == ()


def test_a_schema_that_refers_to_itself_is_looked_through_once(project: Tree) -> None:
    write(project, on("changes[].fields[]", {"$ref": "#"}))
    assert [one.rule for one in project.load().findings] == ["policy-file"]


def test_a_glob_that_matches_nothing_protects_nobody(project: Tree) -> None:
    (found,) = project.load().findings
    assert (found.rule, found.path) == ("policy-file", "planPolicies[0]")


def test_a_policy_on_the_plan_is_none_on_manifests(tree: Tree) -> None:
    tree.project("policies: ['policies/*.schema.json']\n", ON_PLAN, LOCAL)
    tree.write("jobs/a.yaml", manifest("a"))
    write(tree, {"required": ["digest"]})
    tree.write("policies/q.schema.json", '{"required": ["spec"]}')
    loaded = tree.load()
    assert (loaded.findings, loaded.plan_policies.rules) == ((), {"policy:p.plan"})


def test_one_that_is_called_a_policy_on_the_plan_and_is_listed_for_manifests_alone_is_an_error(
    tree: Tree,
) -> None:
    tree.project("policies: ['policies/*.schema.json']\n", LOCAL)
    tree.write("jobs/a.yaml", manifest("a"))
    write(tree, {"required": ["spec"]})
    (found,) = tree.load().findings
    assert (found.rule, found.path) == ("policy-file", "policies[0]")
    assert "list it under planPolicies" in found.hint


@given(st.sampled_from(["create", "rerun", "update", "stop", "waiting", "blocked"]), st.integers(0, 3))
def test_a_count_that_is_over_its_maximum_is_refused_and_no_other(word, most):
    """The engine alone decides, on the very document that is printed."""
    from dlcapply.manifest.rules.policies import Policies, Policy
    from dlcapply.manifest.rules.policy_outline import Outline
    from dlcapply.manifest.schema.validators import Validator

    schema = on(f"summary.{word}", {"maximum": most})
    policy = Policy("policy:p.plan", "p", Outline(schema), Validator(schema))
    plan = document(*(a_job(f"job-{number}") for number in range(2)))
    found = PlanPolicies(Policies((policy,))).findings(plan)
    assert bool(found) == (plan["summary"][word] > most)
