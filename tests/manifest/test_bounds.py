"""What strangers can write is bounded: work is counted in findings, values and characters, not in seconds."""

from __future__ import annotations

import pytest

from dlcapply.errors import InvalidManifestsError
from dlcapply.manifest.batch import MOST_WEIGHT
from dlcapply.manifest.check import OF_A_MANIFEST, CheckContext, check_manifest
from dlcapply.manifest.compose.extends import MOST_CHARACTERS, MOST_VALUES, Parents
from dlcapply.manifest.did_you_mean import closest
from dlcapply.manifest.findings import (
    MOST_DIFFERENT,
    MOST_ERRORS,
    MOST_EXPLAINED,
    MOST_TOLD,
    MOST_WARNINGS,
    bounded,
    finding,
)
from dlcapply.manifest.nodes import Node, is_heavier, size, weight
from dlcapply.manifest.yaml.composer import MAX_CHARACTERS
from dlcapply.manifest.yaml.reader import read
from dlcapply.model.findings import Level, Place
from tests.manifest.trees import LOCAL, PROJECT, Tree, manifest, rules, text

HERE = Place("a.yaml")
MANY_PATTERNS = "properties: {spec: {allOf: [" + 20 * "{patternProperties: {^x: true}}, " + "]}}"
HEAD = "apiVersion: dlcapply/v1\nkind: Job\n"


def some(number: int, level: Level = Level.ERROR):
    """So many findings, of which no more may be asked for."""
    for index in range(number):
        yield finding("x", f"m{index}", HERE, level=level)
    pytest.fail("the rest was looked for")


def test_after_so_many_errors_the_rest_is_not_looked_for() -> None:
    told = list(bounded(some(MOST_ERRORS + 1), HERE))
    assert [item.rule for item in told] == MOST_ERRORS * ["x"] + ["too-many"]
    assert told[-1].level is Level.ERROR


def test_many_warnings_are_counted_and_hide_no_error() -> None:
    warnings = [finding("w", f"m{index}", HERE, level=Level.WARNING) for index in range(MOST_WARNINGS + 7)]
    told = list(bounded([*warnings, finding("x", "m", HERE)], HERE))
    assert [item.rule for item in told] == MOST_WARNINGS * ["w"] + ["x", "too-many"]
    assert told[-1].level is Level.WARNING
    assert "7 more" in told[-1].message


def test_few_findings_stay_as_they_are() -> None:
    few = [finding("x", f"m{index}", HERE) for index in range(MOST_ERRORS)]
    assert list(bounded(few, HERE)) == few


def lines(number: int, text: str) -> str:
    return "".join(text.replace("N", str(index)) for index in range(number))


@pytest.mark.parametrize(
    "more",
    [
        lines(300, "  KeyN: 1\n"),
        "  Envs:\n" + lines(300, "    AN: 1\n"),
        "  Envs:\n" + lines(300, "    AN: ${{ var.vN }}\n"),
        "  Description: " + lines(300, "${{ var.vN }}") + "\n",
        lines(300, "    - {Type: RN, $remove: true}\n"),
        "waivers:\n" + lines(300, "  - {rule: image-tag-N, reason: to see what comes}\n"),
    ],
    ids=["keys", "types", "variables", "expressions", "removals", "waivers"],
)
def test_one_manifest_says_no_more_than_somebody_reads(tree: Tree, more: str) -> None:
    tree.write("a.yaml", manifest("a", more))
    found = rules(tree.load("a.yaml", needs_environment=False))
    assert MOST_ERRORS <= len(found) <= 2 * MOST_ERRORS + 3


@pytest.mark.parametrize("value", ["{a: 1, a: 1}", "{1: x}", "{<<: 1}", "0123", "!x 1", "*x"])
def test_one_file_breaks_no_more_rules_of_yaml_than_somebody_reads(value: str) -> None:
    found = read(f"- {value}\n".encode() * (MOST_ERRORS + 50), "f").findings
    assert len({item.rule for item in found[:-1]}) == 1
    assert (len(found), found[-1].rule) == (MOST_ERRORS + 1, "too-many")
    assert found[-1].place
    assert found[-1].place.line == MOST_ERRORS + 1


def test_after_so_many_errors_no_other_file_is_read(tree: Tree) -> None:
    tree.project()
    read_files = MOST_DIFFERENT // MOST_ERRORS + 1
    for index in range(read_files + 5):
        tree.write(f"jobs/{index:02}.yaml", "a: 1\n" * (MOST_ERRORS + 1))
    loaded = tree.load()
    assert len(loaded.findings) == read_files * MOST_ERRORS + 1
    assert [str(item.place) for item in loaded.findings if item.rule == "too-many"] == ["jobs/10.yaml:1:1"]
    assert (loaded.files, loaded.complete) == (read_files, False)


def test_what_takes_too_long_to_tell_is_an_error_all_the_same(tree: Tree) -> None:
    tree.write("a.yaml", manifest("a", "  Envs:\n" + lines(20_000, "    AN: 1\n")))
    found = rules(tree.load("a.yaml", needs_environment=False))
    assert [rule for rule, _ in found] == ["not-allowed", "body-too-large"]


def test_the_errors_of_one_parent_are_told_once(tree: Tree) -> None:
    tree.project()
    tree.write("bases/a.yaml", HEAD + "spec:\n" + lines(60, "  KeyN: 1\n"))
    child = "metadata: {name: aN}\nextends: ../bases/a.yaml\n---\n"
    tree.write("jobs/a.yaml", lines(40, HEAD + child))
    found = tree.load().findings
    in_the_parent = [item for item in found if item.place and item.place.file == "bases/a.yaml"]
    unknown = [item for item in in_the_parent if item.rule == "unknown-key"]
    assert len(unknown) == 60
    assert all(item.hint.endswith("reaches jobs/a.yaml and 39 more via extends") for item in unknown)


def test_after_so_many_different_findings_a_manifest_only_says_that_it_has_errors(tree: Tree) -> None:
    tree.project()
    many = MOST_DIFFERENT // 10
    document = (
        HEAD + "metadata: {name: aN}\nspec:\n" + "".join(f"  Key{key}: 1\n" for key in range(12)) + "---\n"
    )
    tree.write("jobs/a.yaml", lines(many + 50, document) + manifest("good"))
    loaded = tree.load()
    brief = [item for item in loaded.findings if item.rule == "too-many"]
    assert len(brief) >= 50
    assert {item.level for item in brief} == {Level.ERROR}
    assert [job.name for job in loaded.jobs] == ["good"]
    assert not loaded.complete


def test_after_so_many_different_findings_a_manifest_says_no_more_of_its_waivers(tree: Tree) -> None:
    tree.project()
    waivers = "waivers: [" + lines(90, "{rule: image-tag-N, reason: to see what comes}, ") + "]\n"
    manifests = MOST_DIFFERENT // 90 + 1
    tree.write("jobs/a.yaml", lines(manifests + 50, manifest("aN", waivers) + "---\n"))
    found = [item for item in tree.load().findings if item.rule == "unknown-rule"]
    assert manifests * 90 < len(found) <= manifests * 90 + 2 * 50


@pytest.mark.sweep
def test_after_so_many_findings_warnings_are_only_counted(tree: Tree) -> None:
    tree.project()
    envs = "  Envs: {" + lines(500, "PASSWORDN: hunter2-long, ") + "}\n"
    manifests = MOST_TOLD // 500 + 1
    tree.write("jobs/a.yaml", lines(manifests + 10, manifest("aN", envs) + "---\n"))
    loaded = tree.load()
    assert {item.level for item in loaded.findings} == {Level.WARNING}
    assert len(loaded.findings) == manifests * 500 + 10
    assert [item.message for item in loaded.findings if item.rule == "too-many"] == 10 * [
        "there are 500 more warnings here than are shown"
    ]
    assert len(loaded.jobs) == manifests + 10


@pytest.mark.sweep
def test_manifests_with_errors_are_searched_for_words_up_to_a_number_of_values(tree: Tree) -> None:
    tree.project()
    heavy = f"  Settings: {{AdvancedSettings: {{a: [{'1, ' * (MOST_EXPLAINED // 2)}]}}}}\n  NoKey: 1\n"
    for name in "abc":
        tree.write(f"jobs/{name}.yaml", manifest(name, heavy))
    tree.write("jobs/d.yaml", manifest("d"))
    loaded = tree.load()
    assert rules(loaded) == [
        ("body-too-large", "jobs/a.yaml:4:1"),
        ("unknown-key", "jobs/a.yaml:11:3"),
        ("body-too-large", "jobs/b.yaml:4:1"),
        ("unknown-key", "jobs/b.yaml:11:3"),
        ("too-many", "jobs/c.yaml:1:1"),
    ]
    assert [job.name for job in loaded.jobs] == ["d"]


@pytest.mark.parametrize(
    "spec",
    ["  Envs:\n" + lines(MOST_VALUES, "    AN: x\n"), f"  Description: {MOST_CHARACTERS * 'x'}\n"],
    ids=["values", "characters"],
)
def test_no_layer_is_heavier_than_a_job_could_be(tree: Tree, spec: str) -> None:
    tree.project()
    tree.write("bases/a.yaml", HEAD + "spec:\n" + spec)
    tree.write("jobs/a.yaml", manifest("a", "extends: ../bases/a.yaml\n"))
    loaded = tree.load()
    assert rules(loaded) == [("yaml-size", "bases/a.yaml:1:1")]
    assert "reaches jobs/a.yaml via extends" in loaded.findings[0].hint
    defaults = "".join(f"  {line}\n" for line in ("spec:\n" + spec).splitlines())
    tree.write("dlcapply.yaml", text(PROJECT, LOCAL) + "defaults:\n" + defaults)
    with pytest.raises(InvalidManifestsError) as caught:
        tree.load()
    assert [item.rule for item in caught.value.findings] == ["yaml-size"]


def test_a_layer_that_a_job_could_be_is_none_too_heavy(tree: Tree) -> None:
    tree.project("defaults: {spec: {Envs: {" + lines(500, "AN: x, ") + "}}}\n", LOCAL)
    tree.write("jobs/a.yaml", manifest("a"))
    assert tree.load().findings == ()


@pytest.mark.parametrize(
    ("policy", "refused"), [("{minProperties: 1}", []), (MANY_PATTERNS, ["jobs/a.yaml"])]
)
def test_manifests_are_judged_up_to_what_they_weigh_with_what_they_inherit(
    tree: Tree, policy: str, refused: list[str]
) -> None:
    tree.project("policies: [p.yaml]\n", LOCAL)
    tree.write("p.yaml", policy)
    tree.write("bases/a.yaml", HEAD + "spec:\n  Envs:\n" + lines(900, f"    AN: {'x' * 90}\n"))
    one = manifest("aN", "extends: ../bases/a.yaml\n") + "---\n"
    tree.write("jobs/a.yaml", lines(MOST_WEIGHT // 4 // 700_000 + 2, one))
    loaded = tree.load()
    assert [item.place.file for item in loaded.findings if "inherit" in item.message] == refused


@pytest.mark.parametrize("text", ["a", "{}", "kind: Job\nspec: {}"])
def test_each_manifest_weighs_however_little_is_in_it(tree: Tree, text: str) -> None:
    context = CheckContext(parents=Parents(tree.root))
    assert OF_A_MANIFEST <= check_manifest(node(text), tree.root, context).weight < 2 * OF_A_MANIFEST


@pytest.mark.sweep
def test_each_policy_weighs_with_each_manifest(tree: Tree) -> None:
    tree.project("policies: [policies/*.yaml]\n", LOCAL)
    for index in range(900):
        tree.write(f"policies/p{index}.yaml", "{minProperties: 1}")
    tree.write("jobs/a.yaml", lines(300, manifest("aN") + "---\n"))
    assert [item.rule for item in tree.load().findings] == ["yaml-size"]


def test_where_errors_are_not_looked_for_any_more_a_policy_says_no_once(tree: Tree) -> None:
    tree.project("policies: [p.yaml]\n", LOCAL)
    words = ", ".join(f"AN: {{const: {index}}}".replace("N", str(index)) for index in range(50))
    tree.write("p.yaml", f"{{properties: {{spec: {{properties: {{Envs: {{properties: {{{words}}}}}}}}}}}}}")
    envs = "  Envs: {" + ", ".join(f"A{index}: x" for index in range(50)) + "}\n"
    tree.write("jobs/a.yaml", lines(60, manifest("aN", envs) + "---\n"))
    found = [item for item in tree.load().findings if item.rule == "policy:p"]
    told = [item for item in found if "not looked for" not in item.message]
    assert MOST_DIFFERENT <= len(told) <= MOST_DIFFERENT + 50
    assert len({item.place for item in found if item not in told}) == 60 - len(told) // 50


def test_aliases_are_counted_with_the_characters_that_they_repeat() -> None:
    word = "x" * 1_000
    times = MAX_CHARACTERS // 1_000 + 1
    reading = read(f"a: &a {word}\nb: [{'*a, ' * times}]\n".encode(), "f")
    assert [item.rule for item in reading.findings] == ["yaml-size"]
    assert "characters" in reading.findings[0].message
    assert read(f"a: &a {word}\nb: [{'*a, ' * 100}]\n".encode(), "f").findings == ()


def node(text: str) -> Node:
    (document,) = read(text.encode(), "f").documents
    return document


def test_the_size_and_the_weight_of_a_node() -> None:
    document = node("{a: [xx, yy], b: {c: zzz}}")
    assert size(document) == 6
    assert weight(document) == 6 * weight(node("''")) + 3 + 8 * 7
    assert not is_heavier(document, values=6, characters=10)
    assert is_heavier(document, values=5, characters=10)
    assert is_heavier(document, values=6, characters=9)


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("job_type", ["JobType", "JobSpecs"], "JobType"),
        ("EXTENDED-cidrs", ["ExtendedCIDRs"], "ExtendedCIDRs"),
        ("UserComand", ["UserCommand"], "UserCommand"),
        ("x" * 5_000, ["x" * 4_999], ""),
        ("nothing", ["Entirely"], ""),
        ("", ["a"], ""),
        ("---", ["a"], ""),
    ],
)
def test_the_closest_word(word: str, known: list[str], expected: str) -> None:
    assert closest(word, known) == expected


def test_likeness_is_looked_for_in_a_bounded_number_of_names() -> None:
    names = [f"variable_{index:05}" for index in range(20_000)]
    assert closest("VARIABLE-19999", names) == "variable_19999"
    assert closest("variable_1999", names) in names[:200]
