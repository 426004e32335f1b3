"""What to write instead."""

from __future__ import annotations

import pytest

from tests.manifest.trees import Tree, manifest


def hint(tree: Tree, old: str, new: str) -> str:
    """The hint of the one finding of the manifest with `old` replaced."""
    content = manifest("train", "  DataSources: [{DataSourceId: d-1, MountPath: /mnt/a}]\n")
    assert old in content
    tree.write("a.yaml", content.replace(old, new))
    (item,) = tree.load("a.yaml", needs_environment=False).findings
    return item.hint


@pytest.mark.parametrize(
    "written", ["pytorch", "PYTORCH_JOB", "pytorch-job", "Torch", "Custom", "DDP", "pytorchjob", "CustomJob"]
)
def test_names_of_a_job_type_elsewhere_lead_to_the_one_here(tree: Tree, written: str) -> None:
    assert hint(tree, "PyTorchJob", written) == "did you mean PyTorchJob?"


def test_a_job_type_that_is_like_another_may_be_a_newer_one(tree: Tree) -> None:
    newer = "if PAI has this value by now, list it: passthrough: [JobType]"
    assert hint(tree, "PyTorchJob", "FlinkBatchJob") == f"did you mean ElasticBatchJob? {newer}"
    assert hint(tree, "PyTorchJob", "Quux") == newer


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("tf-job", "TFJob"),
        ("tensorflow", "TFJob"),
        ("horovod", "MPIJob"),
        ("ray", "RayJob"),
        ("mpi", "MPIJob"),
    ],
)
def test_names_of_other_frameworks(tree: Tree, written: str, meant: str) -> None:
    assert hint(tree, "PyTorchJob", written) == f"did you mean {meant}?"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("MountPath: /mnt/a", "MountPath: /mnt/a, MountAccess: readonly", "did you mean RO?"),
        ("MountPath: /mnt/a", "MountPath: /mnt/a, MountAccess: read-write", "did you mean RW?"),
        ("MountPath: /mnt/a", "Path: /mnt/a", "did you mean MountPath?"),
        ("PodCount: 1", "PodCount: 1, Replicas: 1", "did you mean PodCount?"),
        ("PodCount: 1", "PodCount: 1, podCount: 1", "did you mean PodCount?"),
        ("PodCount: 1", "PodCount: 1, GPU: 1", "it stands in ResourceConfig of the role"),
        ("  DataSources", "  Image: x\n  DataSources", "it stands in each role, under JobSpecs"),
        ("kind: Job\n", "kind: Job\nlabels: {}\n", "labels stand in metadata.labels"),
        ("name: train", "name: my first job!", "did you mean my-first-job?"),
        ("name: train", "name: '!'", 'for example "resnet50-imagenet"'),
        ("Minutes: 60", "Minutes: 12h", "write 720: the unit is minutes"),
        ("Minutes: 60", "Minutes: 90 min", "write 90: the unit is minutes"),
        ("Minutes: 60", "Minutes: 90s", ""),
        ("Minutes: 60", "Minutes: soon", ""),
        ("Minutes: 60", 'Minutes: "60"', "write it without quotes: 60"),
        ("PodCount: 1", "PodCount: 2h", ""),
        (
            "  DataSources",
            "  Settings: {TerminationGracePeriodSeconds: 2m}\n  DataSources",
            "write 120: the unit is seconds",
        ),
        ("  DataSources", "  Settings: {EnableRDMA: Yes}\n  DataSources", "write true"),
        ("  DataSources", "  Settings: {EnableRDMA: off}\n  DataSources", "write false"),
        ("  DataSources", "  ThirdpartyLibs: numpy\n  DataSources", "write a list: [numpy]"),
        ("[{DataSourceId: d-1, MountPath: /mnt/a}]", "{DataSourceId: d-1}", "write `- ` before each item"),
        ("  UserCommand: python train.py\n", "", "the command that every pod runs"),
        ("kind: Job", "kind: PyTorchJob", "the framework stands in spec.JobType"),
    ],
)
def test_hints(tree: Tree, old: str, new: str, expected: str) -> None:
    assert hint(tree, old, new) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("Envs: [{name: A, value: b}, {name: B}]", "write a map: {A: …, B: …}, without `- `"),
        ("Envs: [A=b, {B: c}, {Key: D}, F=g]", "write a map: {A: …, B: …, D: …, …}, without `- `"),
        ("Envs: [[1]]", "write a map: {NAME: TEXT}, without `- `"),
        ("Settings: {Tags: [{Key: a, Value: b}]}", "write a map: {a: …}, without `- `"),
        ("CustomEnvs: {A: b}", 'write a list: `- {Key: LR, Value: "0.1"}`'),
        ("tags: {a: b}", "tags stand in Settings.Tags, and metadata.labels become tags too"),
        ("labels: {a: b}", "labels stand in metadata.labels"),
        ("Status: Running", "a key of PAI's answers, which CreateJob does not take: leave it out"),
        ("Settings: {$remove: true}", "null removes a key; $remove takes a role or a data source away"),
        ("backoffLimit: 3", "write run: {retries: 2} beside spec"),
        (
            "ClientToken: a",
            "CreateJob has none: dlcapply's own marks keep a retry from starting a second run",
        ),
    ],
)
def test_hints_about_the_spec(tree: Tree, key: str, expected: str) -> None:
    assert hint(tree, "  DataSources", f"  {key}\n  DataSources") == expected


@pytest.mark.parametrize(
    ("written", "meant"), [("16GB", "16Gi"), ("16 gib", "16Gi"), ("1.5t", "1.5Ti"), ("512MB", "512Mi")]
)
def test_quantities(tree: Tree, written: str, meant: str) -> None:
    resources = f"ResourceConfig: {{Memory: {written}}}"
    content = manifest("train", "  ResourceId: q\n").replace("EcsSpec: ecs.c6.large", resources)
    tree.write("a.yaml", content)
    (item,) = tree.load("a.yaml", needs_environment=False).findings
    assert item.hint == f"did you mean {meant}?"
