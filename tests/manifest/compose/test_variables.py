"""Variables: typed, by precedence, substituted once, and complained about all together."""

from __future__ import annotations

import pytest

from dlcapply.errors import InvalidManifestsError, UsageError
from tests.manifest.trees import LOCAL, Tree, manifest, rules

VARIABLES = """
    variables:
      workers: {type: integer, default: 1}
      lr: {type: string, default: "1e-4"}
      rate: {type: number, default: 1e-4}
      fast: {type: boolean, default: false}
      size: {type: string, enum: [small, large], default: small}
      memory: {type: string, pattern: "^[0-9]+Gi$", default: 8Gi}
      unset: {type: string}
"""
COMMAND = '  Description: "%s"\n'


@pytest.fixture
def project(tree: Tree) -> Tree:
    tree.project(
        VARIABLES,
        """
        defaultEnvironment: local
        environments:
          local: {region: cn-hangzhou, workspaceId: "1001"}
          prod: {region: cn-hangzhou, workspaceId: "268", variables: {workers: 8}}
        """,
    )
    return tree


def described(tree: Tree, description: str, **asked) -> str:
    tree.write("jobs/a.yaml", manifest("a", COMMAND % description))
    loaded = tree.load(**asked)
    assert loaded.findings == ()
    return loaded.jobs[0].spec["Description"]


def test_a_whole_value_keeps_the_type_and_a_part_is_text(project: Tree) -> None:
    project.write(
        "jobs/a.yaml",
        manifest("a").replace("PodCount: 1", 'PodCount: "${{ var.workers }}"')
        + "  Settings: {EnableRDMA: '${{var.fast}}'}\n"
        + COMMAND % "${{ var.workers }} x ${{var.fast}} ${{ var.rate }}",
    )
    (job,) = project.load().jobs
    assert job.spec["JobSpecs"][0]["PodCount"] == 1
    assert job.spec["Settings"] == {"EnableRDMA": False}
    assert job.spec["Description"] == "1 x false 1e-4"


def test_option_beats_file_beats_environment_beats_default(project: Tree) -> None:
    use = "n=${{ var.workers }}"
    project.write("first.yaml", "workers: 15\n")
    project.write("vars.yaml", "workers: 16\n")
    files = ("first.yaml", "vars.yaml")
    assert described(project, use) == "n=1"
    assert described(project, use, environment="prod") == "n=8"
    assert described(project, use, environment="prod", variable_files=files) == "n=16"
    asked = {"environment": "prod", "variable_files": files, "variables": {"workers": "32"}}
    assert described(project, use, **asked) == "n=32"


def test_a_value_is_not_looked_into_again(project: Tree) -> None:
    assert described(project, "${{ var.lr }}", variables={"lr": "${{ var.workers }}"}) == "${{ var.workers }}"


def test_names_and_labels_may_hold_variables(project: Tree) -> None:
    content = manifest("a-${{ var.lr }}").replace("{name: a-${{ var.lr }}}", "\n  name: a-${{ var.lr }}\n")
    project.write("jobs/a.yaml", content)
    assert [job.name for job in project.load().jobs] == ["a-1e-4"]


def test_every_bad_reference_is_found_at_its_place(project: Tree) -> None:
    body = "${{ var.worker }} ${{ var.unset }} ${{ env.X }} ${{ var.lr"
    project.write("jobs/a.yaml", manifest("a", COMMAND % body) + "  Envs: {'${{ var.lr }}': x}\n")
    loaded = project.load()
    assert rules(loaded) == [
        ("undeclared-variable", "jobs/a.yaml:10:16"),
        ("unset-variable", "jobs/a.yaml:10:16"),
        ("variable-syntax", "jobs/a.yaml:10:16"),
        ("variable-syntax", "jobs/a.yaml:10:16"),
        ("variable-syntax", "jobs/a.yaml:11:10"),
    ]
    assert loaded.findings[0].hint == "did you mean workers?"
    assert "--var unset" in loaded.findings[1].hint
    assert loaded.jobs == ()


def test_the_characters_of_an_expression_can_be_written(project: Tree) -> None:
    assert described(project, "$${{ var.workers }} ${{ var.workers }}") == "${{ var.workers }} 1"
    project.write("jobs/b.yaml", manifest("b", "  Envs: {A: '$${{ secrets.A }}'}\n"))
    (*_, job) = project.load().jobs
    assert job.spec["Envs"] == {"A": "${{ secrets.A }}"}


def test_roles_and_mounts_are_told_apart_by_what_variables_make_of_them(tree: Tree) -> None:
    tree.project(
        """
        variables: {role: {type: string, default: Worker}, mount: {type: string, default: /mnt/a}}
        defaults:
          spec:
            JobSpecs: [{Type: "${{ var.role }}", PodCount: 3}]
            DataSources: [{MountPath: "${{ var.mount }}/", Uri: "oss://bucket/a/"}]
        """,
        LOCAL,
    )
    tree.write("jobs/a.yaml", manifest("a", "  DataSources: [{MountPath: /mnt/a, MountAccess: RO}]\n"))
    loaded = tree.load()
    assert loaded.findings == ()
    (job,) = loaded.jobs
    assert job.spec["DataSources"] == [{"MountPath": "/mnt/a", "MountAccess": "RO", "Uri": "oss://bucket/a/"}]
    assert [role["Type"] for role in job.spec["JobSpecs"]] == ["Worker"]


def test_a_key_without_a_value_is_one_finding(project: Tree) -> None:
    project.write("bases/b.yaml", manifest("b"))
    child = "spec: {JobSpecs: [{Type: '${{ var.none }}', PodCount: 4}]}\n"
    head = "apiVersion: dlcapply/v1\nkind: Job\nmetadata: {name: a}\nextends: ../bases/b.yaml\n"
    project.write("jobs/a.yaml", head + child)
    assert rules(project.load()) == [("undeclared-variable", "jobs/a.yaml:5:26")]


@pytest.mark.parametrize(
    ("inside", "hint"),
    [
        ("secrets.WANDB", "name it under envFrom, `- {name: WANDB, fromEnv: WANDB}`"),
        ("secrets['WANDB']", "name it under envFrom, `- {name: WANDB, fromEnv: WANDB}`"),
        ("env.LR", "declare LR under `variables` in dlcapply.yaml, pass --var LR=…"),
        ("github.sha", "declare sha under `variables` in dlcapply.yaml, pass --var sha=…"),
        ("github.event.pull_request.head-ref", "declare head_ref under `variables`"),
        ("vars.REGION", "declare REGION under `variables`"),
        ("inputs.workers", "did you mean ${{ var.workers }}?"),
        ("workers", "did you mean ${{ var.workers }}?"),
        ("var.workers || 2", "write ${{ var.NAME }}: there are no functions"),
        ("1 + 1", "write ${{ var.NAME }}, or $${{ for the characters themselves"),
    ],
)
def test_expressions_of_other_tools_are_named_with_what_to_write(
    project: Tree, inside: str, hint: str
) -> None:
    project.write("jobs/a.yaml", manifest("a", COMMAND % f"a ${{{{ {inside} }}}} b"))
    (finding,) = project.load().findings
    assert finding.message == f"`${{{{ {inside} }}}}` is not a variable"
    assert finding.hint.startswith(hint)


def test_each_expression_of_a_text_is_a_finding_of_its_own(project: Tree) -> None:
    project.write("jobs/a.yaml", manifest("a", COMMAND % "${{ secrets.A }} ${{ env.B }} ${{ secrets.A }}"))
    assert [item.message for item in project.load().findings] == [
        "`${{ env.B }}` is not a variable",
        "`${{ secrets.A }}` is not a variable",
    ]


def test_what_is_no_name_is_not_repeated(project: Tree) -> None:
    token = "hf_" + 30 * "a"
    project.write("jobs/a.yaml", manifest("a", COMMAND % f"${{{{ {token} }}}} ${{{{ {'x' * 100} }}}}"))
    assert {item.message for item in project.load().findings} == {"`${{ }}` is not a variable"}


@pytest.mark.parametrize(
    "value", ["{{ workers }}", "{{workers}}", "{{ .Values.workers }}", "{{- workers -}}"]
)
def test_a_value_between_other_tools_braces_is_led_to_variables(project: Tree, value: str) -> None:
    project.write("jobs/a.yaml", manifest("a").replace("PodCount: 1", f'PodCount: "{value}"'))
    (finding,) = project.load().findings
    assert finding.hint == "a variable is written ${{ var.workers }}"
    project.write("jobs/a.yaml", manifest("a").replace("PodCount: 1", "PodCount: {{ workers }}"))
    (finding,) = project.load().findings
    assert finding.hint == 'a variable is written "${{ var.NAME }}", with the quotes'


def test_what_variables_bring_into_a_manifest_is_bounded(project: Tree) -> None:
    big = "x" * 1_000
    project.write("jobs/a.yaml", manifest("a", COMMAND % ("${{ var.lr }}" * 131)))
    loaded = project.load(variables={"lr": big})
    assert [item.rule for item in loaded.findings] == ["body-too-large"]
    project.write("jobs/a.yaml", manifest("a", COMMAND % ("${{ var.lr }}" * 10_000)))
    message = "variables bring more than 131,072 characters into this manifest"
    assert [item.message for item in project.load(variables={"lr": big}).findings].count(message) == 1


def test_a_pattern_that_backtracks_takes_no_time(tree: Tree) -> None:
    tree.project("variables: {a: {type: string, pattern: '^(a+)+$'}}\n", LOCAL)
    tree.write("jobs/a.yaml", manifest("a"))
    with pytest.raises(UsageError, match="must match"):
        tree.load(variables={"a": 5_000 * "a" + "b"})


def test_a_bad_reference_has_no_second_finding_about_the_missing_value(project: Tree) -> None:
    project.write("jobs/a.yaml", manifest("a").replace("PodCount: 1", 'PodCount: "${{ var.none }}"'))
    assert [rule for rule, _ in rules(project.load())] == ["undeclared-variable"]


def test_an_inherited_reference_points_into_the_parent(project: Tree) -> None:
    project.write("bases/b.yaml", "spec:\n  Description: ${{ var.none }}\n")
    project.write("jobs/a.yaml", manifest("a", "extends: ../bases/b.yaml\n"))
    assert rules(project.load()) == [("undeclared-variable", "bases/b.yaml:2:16")]


def test_the_type_of_a_variable_is_named_where_it_does_not_fit(project: Tree) -> None:
    project.write("jobs/a.yaml", manifest("a").replace("ecs.c6.large", '"${{ var.workers }}"'))
    (finding,) = project.load().findings
    assert (finding.rule, finding.hint) == ("wrong-type", "declare the variable with type string")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("workers", "many"),
        ("workers", "1.5"),
        ("workers", "true"),
        ("workers", ""),
        ("rate", ".inf"),
        ("rate", "false"),
        ("fast", "yes"),
        ("fast", "1"),
        ("size", "medium"),
        ("memory", "8GB"),
        ("worker", "1"),
    ],
)
def test_a_bad_option_is_wrong_usage_and_its_value_is_not_shown(project: Tree, name: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        project.load(variables={name: value})
    assert name in caught.value.message
    assert not value or value not in caught.value.message.replace(name, "").split()


@pytest.mark.parametrize(
    ("name", "value"),
    [("workers", "8"), ("rate", "2"), ("rate", "1e-3"), ("fast", "true"), ("size", "large")],
)
def test_a_good_option_is_taken(project: Tree, name: str, value: str) -> None:
    assert described(project, f"=${{{{ var.{name} }}}}", variables={name: value}) == f"={value}"


def test_bad_values_in_a_variable_file_are_findings(project: Tree) -> None:
    project.write("jobs/a.yaml", manifest("a"))
    project.write("vars.yaml", "worker: 1\nworkers: [1]\nfast: 1\n")
    assert rules(project.load(variable_files=("vars.yaml",))) == [
        ("undeclared-variable", "vars.yaml:1:1"),
        ("variable-value", "vars.yaml:2:10"),
        ("variable-value", "vars.yaml:3:7"),
    ]


def test_a_broken_variable_file_is_a_finding_and_a_missing_one_wrong_usage(project: Tree) -> None:
    project.write("jobs/a.yaml", manifest("a"))
    project.write("vars.yaml", "- a\n")
    assert rules(project.load(variable_files=("vars.yaml",))) == [("document", "vars.yaml:1:1")]
    with pytest.raises(UsageError, match=r"none\.yaml"):
        project.load(variable_files=("none.yaml",))


@pytest.mark.parametrize("value", ["8Gi\\n", "٨Gi"])
def test_a_pattern_is_that_of_ecma_262(project: Tree, value: str) -> None:
    project.write("jobs/a.yaml", manifest("a"))
    project.write("vars.yaml", f'memory: "{value}"\n')
    assert rules(project.load(variable_files=("vars.yaml",))) == [("variable-value", "vars.yaml:1:9")]


def test_a_pattern_that_takes_more_than_linear_time_is_refused(tree: Tree) -> None:
    tree.project('variables: {a: {type: string, pattern: "^(?!b)", default: a}}\n')
    with pytest.raises(InvalidManifestsError) as caught:
        tree.load()
    assert [(item.rule, item.path) for item in caught.value.findings] == [("format", "variables.a.pattern")]


def test_the_projects_own_values_are_checked(tree: Tree) -> None:
    tree.project(
        """
        variables:
          a: {type: integer, default: 1, enum: [2, 3]}
          b: {type: string, pattern: "("}
          c: {type: string}
        environments:
          local: {region: cn-hangzhou, workspaceId: "1", variables: {c: 1, d: 2}}
        """
    )
    with pytest.raises(InvalidManifestsError) as caught:
        tree.load()
    assert [(item.rule, item.path) for item in caught.value.findings] == [("format", "variables.b.pattern")]
    content = (tree.root / "dlcapply.yaml").read_text().replace('"("', '"x"')
    tree.write("dlcapply.yaml", content)
    with pytest.raises(InvalidManifestsError) as caught:
        tree.load()
    assert [(item.rule, item.path) for item in caught.value.findings] == [
        ("variable-value", "variables.a"),
        ("variable-value", "environments.local.variables.c"),
        ("undeclared-variable", "environments.local.variables.d"),
    ]


def test_without_a_project_there_are_no_variables(tree: Tree) -> None:
    tree.write("a.yaml", manifest("a"))
    with pytest.raises(UsageError, match="not declared"):
        tree.load("a.yaml", region="r", workspace="1", variables={"x": "1"})
