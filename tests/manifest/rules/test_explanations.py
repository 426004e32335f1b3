"""Every rule is explained, and its examples are true."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dlcapply import manifest
from dlcapply.errors import InvalidManifestsError
from dlcapply.manifest.findings import has_errors
from dlcapply.manifest.rules.explanations import ANY_POLICY, EXPLANATIONS, Explanation, explanation_of
from dlcapply.manifest.rules.levels import PASSTHROUGH
from dlcapply.manifest.rules.table import RULES
from dlcapply.manifest.schema import messages
from dlcapply.model.findings import Finding, Level
from tests.manifest.trees import LOCAL, PROJECT, Tree, text

PACKAGE = Path(manifest.__file__).parent
EMITTERS = {"finding", "Rule", "_report", "_unreadable"}
# What one file can't show: it takes bytes, links, several files, much text, or a declaration elsewhere.
WITHOUT_EXAMPLE = {
    "body-nearly-too-large",
    "body-too-large",
    "document",
    "duplicate-name",
    "nested-project",
    "outside-project",
    "too-many",
    "unreadable-file",
    "unmatched-manifest",
    "unset-variable",
    "yaml-encoding",
    "yaml-size",
    ANY_POLICY,
}
DEFAULTS = {
    "TemplateId": "tpl-1",  # gives roles what an example leaves out
    "JobType": "PyTorchJob",
    "JobMaxRunningTimeMinutes": "60",
    "UserCommand": "python train.py",
    "JobSpecs": "[{Type: Worker, PodCount: 1, EcsSpec: ecs.gn7i-c8g1.2xlarge,"
    " Image: registry.example.com/train:1}]",
}


LEFT_OUT = {
    "no-maximum-running-time": {"JobMaxRunningTimeMinutes"},
    "template-version-without-id": {"TemplateId"},
    "missing-key": {"TemplateId"},
}


def emitted() -> Iterator[str]:
    """The rule ids that the package's code names where it makes findings."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id=name) | ast.Attribute(attr=name),
                    args=[ast.Constant(value=str(rule)), *_],
                ) if name in EMITTERS:
                    yield rule
    yield from (rule for rule, _ in messages._KEYWORDS.values())
    yield from (PASSTHROUGH, ANY_POLICY)


def test_what_is_emitted_is_explained() -> None:
    assert set(EXPLANATIONS) == set(emitted())


def test_the_levels_are_those_of_the_rules() -> None:
    assert {rule.id: rule.level for rule in RULES}.items() <= {
        known.rule: known.level for known in EXPLANATIONS.values()
    }.items()
    assert EXPLANATIONS[PASSTHROUGH].level is Level.WARNING
    assert EXPLANATIONS["range"].level is Level.ERROR


@pytest.mark.parametrize("known", EXPLANATIONS.values(), ids=lambda known: known.rule)
def test_a_page_says_something(known: Explanation) -> None:
    assert 10 < len(known.summary) < 80
    assert not known.summary.endswith(".")
    assert len(known.text) > 40
    assert max(map(len, known.text.splitlines())) <= 120
    assert not {"Bad:", "Good:", "```"} & set(known.text.split())


def findings(tree: Tree, example: str, rule: str) -> tuple[Finding, ...]:
    """What a load says of a project whose one manifest, or whose own file, the example completes."""
    of_project = example.startswith("# dlcapply.yaml\n")
    sections, example = (example, "") if of_project else ("", example)
    given = {key for key in DEFAULTS if f"{key}:" in example}
    left_out = given | LEFT_OUT.get(rule, set())
    spec = "".join(f"    {key}: {value}\n" for key, value in DEFAULTS.items() if key not in left_out)
    sections += f"defaults:\n  spec:\n{spec}"
    environments = "" if "environments:" in sections else LOCAL
    head = PROJECT.replace('    manifests: ["jobs/**/*.yaml"]\n', "") if "manifests:" in sections else PROJECT
    tree.write("dlcapply.yaml", text(head, environments, sections))
    name = "" if "metadata:" in example else "metadata: {name: train}\n"
    tree.write("jobs/a.yaml", text("apiVersion: dlcapply/v1\nkind: Job\n", name, example))
    try:
        return tree.load().findings
    except InvalidManifestsError as error:
        return error.findings


@pytest.mark.parametrize("known", EXPLANATIONS.values(), ids=lambda known: known.rule)
def test_the_examples_are_true(tree: Tree, known: Explanation) -> None:
    assert bool(known.bad) is (known.rule not in WITHOUT_EXAMPLE)
    if known.bad:
        assert known.rule in {item.rule for item in findings(tree, known.bad, known.rule)}
    if known.good:
        found = findings(tree, known.good, known.rule)
        assert known.rule not in {item.rule for item in found}
        assert not has_errors(found)


@pytest.mark.parametrize(
    ("rule", "standing"),
    [
        ("range", "always an error"),
        ("image-tag-latest", "warning; a project can set another level, a manifest can waive it"),
        ("duplicate-mount-path", "error; a project can set another level"),
        (ANY_POLICY, "error; a project can set another level, a manifest can waive it"),
    ],
)
def test_a_page_says_who_may_change_the_level(rule: str, standing: str) -> None:
    assert EXPLANATIONS[rule].standing == standing


def test_a_policy_of_a_project_is_explained_as_policies_are() -> None:
    assert explanation_of("policy:require-labels") is EXPLANATIONS[ANY_POLICY]
    assert explanation_of("range") is EXPLANATIONS["range"]
    assert explanation_of("rnge") is None
