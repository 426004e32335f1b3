"""What rules say beyond where: messages, hints, and what they leave alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.manifest.load import Loaded
from dlcapply.planning.fingerprints import fingerprint
from dlcapply.planning.marks import marks_for
from dlcapply.secrecy import holds_secret
from tests.manifest.trees import LOCAL, Tree, manifest, rules

IMAGE = "registry.example.com/train:1"


def load(tree: Tree, content: str, **asked: str) -> Loaded:
    tree.write("a.yaml", content)
    return tree.load("a.yaml", needs_environment=False, **asked)


def said(tree: Tree, content: str, **asked: str) -> list[tuple[str, str]]:
    """Each finding as its message and its hint."""
    return [(item.message, item.hint) for item in load(tree, content, **asked).findings]


@pytest.mark.parametrize(
    "image", ["registry-vpc.cn-beijing.aliyuncs.com/a:1", "x.cn-beijing.cr.aliyuncs.com/a:1"]
)
def test_regions_are_compared_where_one_is_known(tree: Tree, image: str) -> None:
    content = manifest("a").replace(IMAGE, image)
    assert load(tree, content).findings == ()
    assert load(tree, content, region="cn-beijing", workspace="1").findings == ()
    assert said(tree, content, region="cn-hangzhou", workspace="1") == [
        (
            "the image's registry is in cn-beijing, and the job runs in cn-hangzhou",
            "pull from a registry in cn-hangzhou",
        )
    ]


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("oss://b.oss-cn-beijing.aliyuncs.com/a/", True),
        ("oss://b.oss-cn-beijing-internal.aliyuncs.com", True),
        ("nas://29ba.cn-beijing", True),
        ("oss://b.oss-cn-hangzhou-internal.aliyuncs.com/cn-beijing/", False),
        ("oss://bucket/data/", False),
        ("nas://29ba.cn-hangzhou/cn-beijing/", False),
        ("cpfs://cpfs-1/ptc/exp/", False),
    ],
)
def test_the_region_of_a_location(tree: Tree, uri: str, *, found: bool) -> None:
    content = manifest("a", f"  DataSources: [{{Uri: '{uri}'}}]\n")
    assert bool(load(tree, content, region="cn-hangzhou", workspace="1").findings) is found


@pytest.mark.parametrize(
    "image", ["registry.example.com/a@sha256:" + "0" * 64, "r.example.com:80/a:1@sha256:1"]
)
def test_a_digest_is_as_good_as_a_tag(tree: Tree, image: str) -> None:
    assert load(tree, manifest("a").replace(IMAGE, image)).findings == ()


def test_a_spot_bid_in_percent_shows_the_fraction(tree: Tree) -> None:
    role = "EcsSpec: ecs.c6.large, SpotSpec: {SpotDiscountLimit: 85}"
    ((_, hint),) = said(tree, manifest("a").replace("EcsSpec: ecs.c6.large", role))
    assert hint == "for 85 percent of the full price write 0.85"


def test_an_elastic_choice_as_fraction_shows_the_percentage(tree: Tree) -> None:
    role = "EcsSpec: ecs.c6.large, ElasticSpotSpecs: [{SpotDiscountLimit: 0.85}, {SpotDiscountLimit: 85}]"
    ((_, hint),) = said(tree, manifest("a").replace("EcsSpec: ecs.c6.large", role))
    assert hint == "for 85 percent of the full price write 85"


def test_both_halves_of_a_contradiction_in_two_files_are_named(tree: Tree) -> None:
    tree.project()
    role = "{Type: Worker, ResourceConfig: {CPU: '1'}}"
    tree.write("bases/b.yaml", f"spec:\n  ResourceId: quota1\n  JobSpecs: [{role}]\n")
    tree.write("jobs/a.yaml", manifest("a", "extends: ../bases/b.yaml\n"))
    (found,) = tree.load().findings
    assert found.message == "EcsSpec and ResourceConfig exclude each other (EcsSpec is at jobs/a.yaml:9:35)"
    assert str(found.place) == "bases/b.yaml:3:29"


def test_a_quota_in_a_parent_is_named_where_the_child_asks_for_an_instance_type(tree: Tree) -> None:
    tree.project()
    tree.write("bases/b.yaml", "spec: {ResourceId: quota1}\n")
    tree.write("jobs/a.yaml", manifest("a", "extends: ../bases/b.yaml\n"))
    (found,) = tree.load().findings
    assert found.message == "PAI refuses EcsSpec together with ResourceId (ResourceId is at bases/b.yaml:1:8)"
    assert str(found.place) == "jobs/a.yaml:9:35"


def test_a_mistake_in_a_parent_says_which_manifests_it_reaches(tree: Tree) -> None:
    tree.project()
    tree.write("bases/b.yaml", "spec: {Accessibility: public}\n")
    for name in "abc":
        tree.write(f"jobs/{name}.yaml", manifest(name, "extends: ../bases/b.yaml\n"))
    (found,) = tree.load().findings
    assert str(found.place) == "bases/b.yaml:1:23"
    assert found.hint == "did you mean PUBLIC?; reaches jobs/a.yaml and 2 more via extends"


def test_a_mistake_in_the_defaults_says_so(tree: Tree) -> None:
    tree.project("defaults: {spec: {Priority: 1}}\n", 'environments: {l: {region: cn-h, workspaceId: "1"}}\n')
    tree.write("jobs/a.yaml", manifest("a"))
    (found,) = tree.load().findings
    assert found.hint == "it counts with spec.ResourceId only; reaches jobs/a.yaml via defaults"


def test_a_wrong_value_of_a_variable_names_the_variable(tree: Tree) -> None:
    tree.project(
        "variables: {who: {type: string, default: all}}\n",
        'environments: {l: {region: cn-h, workspaceId: "1"}}\n',
    )
    tree.write("jobs/a.yaml", manifest("a", "  Accessibility: ${{ var.who }}\n"))
    (found,) = tree.load().findings
    assert (found.rule, found.hint) == ("value", "the value is that of ${{ var.who }}")


@pytest.mark.parametrize(
    "value",
    [
        "LTAI5tNotARealKeyId0",
        "ghp_NotARealTokenNotARealToken",
        "eyJub3RhcmVhbA.eyJub3RhcmVhbA.sig",
        "-----BEGIN RSA PRIVATE KEY-----",
        "mysql://root:not-a-password@db/x",
        "q7Rk2ZpX9vB4mTn8LsWd3Hy6",
    ],
)
def test_what_looks_like_a_secret_is_found_and_not_shown(tree: Tree, value: str) -> None:
    assert holds_secret(value)
    loaded = load(tree, manifest("a", f"  Envs: {{SETTING: '{value}'}}\n"))
    assert [rule for rule, _ in rules(loaded)] == ["secret-looking-value"]
    assert value not in repr(loaded.findings)


@pytest.mark.parametrize(
    "value",
    [
        "https://example.com:8080/a@b",
        "mysql://root:$PASSWORD@db/x",
        "3f9c2a7d41be0c55a1e8d6f0b7429ce1583d6a90",
        "PyTorchLightningTrainerV2",
        "/mnt/Data2024/Train01/Shard0001Of9999",
        "aaaaaaaaaaaaaaaaaaaaAAA111",
        "risk-management-disk-sk-1",
    ],
)
def test_what_only_resembles_a_secret_is_left_alone(tree: Tree, value: str) -> None:
    assert load(tree, manifest("a", f"  Envs: {{SETTING: '{value}'}}\n")).findings == ()


@pytest.mark.parametrize("value", ["", "abc", "True", "/run/secrets/key", "$FROM_THE_IMAGE"])
def test_what_cannot_be_a_secret_may_have_the_name_of_one(tree: Tree, value: str) -> None:
    assert load(tree, manifest("a", f"  Envs: {{API_KEY: '{value}'}}\n")).findings == ()


def test_a_secret_that_a_variable_brings_is_none_of_the_manifest(tree: Tree) -> None:
    tree.project(
        "variables: {password: {type: string}}\n", 'environments: {l: {region: cn-h, workspaceId: "1"}}\n'
    )
    role = "EcsSpec: ecs.c6.large, ImageConfig: {Password: '${{ var.password }}'}"
    tree.write("jobs/a.yaml", manifest("a").replace("EcsSpec: ecs.c6.large", role))
    assert tree.load(variables={"password": "not-a-password"}).findings == ()


def test_the_json_of_a_data_source_may_be_deep(tree: Tree) -> None:
    content = manifest("a", f"  DataSources: [{{DataSourceId: d-1, Options: '{'[' * 9_000}'}}]\n")
    assert [rule for rule, _ in rules(load(tree, content))] == ["json-text"]


def test_a_data_source_below_an_unreadable_mount_path_collides_with_nothing(tree: Tree) -> None:
    content = manifest(
        "a", "  DataSources: [{DataSourceId: d, MountPath: 7}, {DataSourceId: e, MountPath: 7}]\n"
    )
    assert [rule for rule, _ in rules(load(tree, content))] == ["wrong-type", "wrong-type"]


def test_the_roots_of_two_mounts_collide(tree: Tree) -> None:
    content = manifest(
        "a", "  DataSources: [{DataSourceId: d, MountPath: /}, {DataSourceId: e, MountPath: //}]\n"
    )
    ((message, _),) = said(tree, content)
    assert message.startswith("something is already mounted at /, see a.yaml:")


EVERYTHING = """
    envFrom: [{name: A, fromEnv: A}]
    run: {protect: true}
"""


@pytest.mark.parametrize(("more", "marks"), [("", 8), (EVERYTHING + "    DESCRIPTION\n", 11)])
def test_labels_tags_and_marks_are_counted_together(tree: Tree, more: str, marks: int) -> None:
    def content(own: int) -> str:
        labels = ", ".join(f"l{number}: a" for number in range(own))
        text = manifest("a", more.replace("    DESCRIPTION\n", "")).replace(
            "name: a", f"name: a, labels: {{{labels}}}"
        )
        return text.replace("spec:\n", "spec:\n  Description: a\n") if more else text

    (job,) = load(tree, content(20 - marks)).jobs
    job = replace(job, key=replace(job.key, origin="host/path"))
    assert 19 <= len(job.labels) + len(marks_for(job, op="op", provenance="c")) <= 20
    assert said(tree, content(21 - marks)) == [
        (
            f"a run would carry 21 tags, {marks} of them our marks, and PAI takes 20",
            "leave out some labels or tags",
        )
    ]


def test_what_a_run_is_started_from_is_counted_where_it_is_told(tree: Tree) -> None:
    labels = ", ".join(f"l{number}: a" for number in range(13))
    tree.write("jobs/a.yaml", manifest("a").replace("name: a", f"name: a, labels: {{{labels}}}"))
    tree.project("provenance: off\n", LOCAL)
    assert tree.load().findings == ()
    tree.project("provenance: on\n", LOCAL)
    assert [item.rule for item in tree.load().findings] == ["tag-count"]


def test_under_the_identity_of_names_there_are_no_marks(tree: Tree) -> None:
    tree.project("identity: name\n", LOCAL)
    labels = ", ".join(f"l{number}: a" for number in range(20))
    tree.write("jobs/a.yaml", manifest("a").replace("name: a", f"name: a, labels: {{{labels}}}"))
    assert tree.load().findings == ()


def test_whole_numbers_are_sent_as_such_however_they_are_written(tree: Tree) -> None:
    plain = manifest(
        "a", "  Settings: {JobReservedMinutes: 30, AdvancedSettings: {a: 1.0}}\nrun: {retries: 1}\n"
    )
    odd = plain.replace("Minutes: 60", "Minutes: 60.0").replace("PodCount: 1", "PodCount: 1e0")
    odd = odd.replace("Minutes: 30", "Minutes: 3e1").replace("retries: 1", "retries: 1.0")
    (job,) = load(tree, odd).jobs
    (same,) = load(tree, plain).jobs
    assert repr(job.spec) == repr(same.spec)
    assert repr(job.rules) == repr(same.rules)
    assert fingerprint(job) == fingerprint(same)
    assert repr(job.spec["Settings"]["AdvancedSettings"]) == "{'a': 1.0}"
    assert rules(load(tree, plain.replace("Minutes: 60", "Minutes: 60.5"))) == [("wrong-type", "a.yaml:6:29")]
