"""`passthrough`: newer keys, and newer words of closed lists, are warnings; all else stays an error."""

from __future__ import annotations

import pytest

from dlcapply.model.findings import Level
from tests.manifest.trees import Tree, manifest


def findings(tree: Tree, content: str) -> list[tuple[str, str, Level]]:
    tree.write("a.yaml", content)
    loaded = tree.load("a.yaml", needs_environment=False)
    assert bool(loaded.jobs) is all(item.level is not Level.ERROR for item in loaded.findings)
    return [(item.rule, item.path, item.level) for item in loaded.findings]


def passing(listed: str, old: str = "", new: str = "", *more: str) -> str:
    return manifest("a", *more, f"passthrough: ['{listed}']\n").replace(old, new)


@pytest.mark.parametrize(
    ("listed", "old", "new", "path"),
    [
        ("JobType", "PyTorchJob", "FlinkBatchJob", "spec.JobType"),
        ("JobSpecs.Type", "Type: Worker", "Type: Learner", "spec.JobSpecs[0].Type"),
        ("JobSpecs[].Type", "Type: Worker", "Type: Learner", "spec.JobSpecs[0].Type"),
        (
            "JobSpecs[].SpotSpec.SpotStrategy",
            "PodCount: 1",
            "PodCount: 1, SpotSpec: {SpotStrategy: SpotAsPriceGo, SpotDiscountLimit: 0.5}",
            "spec.JobSpecs[0].SpotSpec.SpotStrategy",
        ),
        (
            "JobSpecs.RestartPolicy",
            "PodCount: 1",
            "PodCount: 1, RestartPolicy: OnOOM",
            "spec.JobSpecs[0].RestartPolicy",
        ),
        ("Settings.New", "  JobType", "  Settings: {New: 1}\n  JobType", "spec.Settings.New"),
        ("New", "  JobType", "  New: {a: [1]}\n  JobType", "spec.New"),
    ],
)
def test_what_is_listed_is_a_warning_and_what_is_not_an_error(
    tree: Tree, listed: str, old: str, new: str, path: str
) -> None:
    assert findings(tree, passing(listed, old, new)) == [("passthrough", path, Level.WARNING)]
    ((rule, found, level),) = findings(tree, manifest("a").replace(old, new))
    assert (rule in {"value", "role", "unknown-key"}, found, level) == (True, path, Level.ERROR)


@pytest.mark.parametrize(
    ("listed", "old", "new", "rule"),
    [
        ("JobSpecs.PodCount", "PodCount: 1", "PodCount: -5", "range"),
        ("JobSpecs.PodCount", "PodCount: 1", "PodCount: many", "wrong-type"),
        ("JobMaxRunningTimeMinutes", "Minutes: 60", "Minutes: 0", "range"),
        ("JobSpecs.Image", "train:1", "train 1", "pattern"),
        ("JobType", "PyTorchJob", "5", "value"),
        ("JobSpecs", "JobSpecs:", "JobSpecs: []\n  Description:", "length"),
    ],
)
def test_numbers_forms_and_structures_stay_checked(
    tree: Tree, listed: str, old: str, new: str, rule: str
) -> None:
    found = findings(tree, passing(listed, old, new))
    assert rule in {item for item, _, level in found if level is Level.ERROR}
    assert "passthrough" not in {item for item, _, _ in found}


def test_one_newer_word_does_not_hide_another(tree: Tree) -> None:
    content = passing("JobType", "PyTorchJob", "FlinkBatchJob").replace(
        "PodCount: 1", "PodCount: 1, RestartPolicy: No"
    )
    assert [item for item, _, _ in findings(tree, content)] == ["passthrough", "value"]


def test_rules_leave_a_job_type_alone_that_they_do_not_know(tree: Tree) -> None:
    role = "    - {Type: JobManager, PodCount: 2, EcsSpec: ecs.c6.large, Image: 'r.example.com/flink:1'}\n"
    content = passing("JobType", "PyTorchJob", "FlinkBatchJob", role).replace("Type: Worker", "Type: Master")
    assert findings(tree, content) == [("passthrough", "spec.JobType", Level.WARNING)]


@pytest.mark.parametrize(
    "listed", ["JobType", "JobSpecs.Type", "JobSpecs", "Settings.EnableRDMA", "Settings.Tags"]
)
def test_an_entry_that_lets_nothing_through_is_an_error(tree: Tree, listed: str) -> None:
    assert findings(tree, passing(listed)) == [("passthrough-known", "passthrough[0]", Level.ERROR)]
