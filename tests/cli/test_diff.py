"""`diff` and `--changed` as black boxes: repositories in, reports and exit codes out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dlcapply.planning.fields import FIELDS
from tests.cli.test_secrets import KEYS, LEAVES, TOKEN, around, manifest, put

_COMMIT = (("add", "-A"), ("commit", "-q", "--allow-empty", "-m", "1"))
SCHEMA = Path(__file__).parents[2] / "schemas" / "diff.v1.schema.json"
GIT = shutil.which("git")
PERSON = {f"GIT_{role}_{fact}": "a@x" for role in ("AUTHOR", "COMMITTER") for fact in ("NAME", "EMAIL")}
BASE = """\
apiVersion: dlcapply/v1
kind: Job
spec:
  JobSpecs:
    - {Type: Worker, PodCount: 2}
"""


@pytest.fixture
def repository(project):
    """The project in a repository, with `a` and `b` committed on main, and a branch checked out."""
    project.git = lambda *words: git(project.folder, *words)
    project.commit = lambda: [project.git(*words) for words in _COMMIT]
    project.environ["PATH"] = os.environ["PATH"]
    project.git("init", "-q", "-b", "main")
    project.write(".gitignore", ".dlcapply\n*.json\n")
    project.job("a")
    project.job("b")
    project.commit()
    project.git("checkout", "-q", "-b", "topic")
    return project


def git(folder, *words):
    done = subprocess.run(
        [GIT, *words], cwd=folder, env=os.environ | PERSON, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def document(project, *words, code=0):
    printed = project.run("diff", *(words or ("main",)), "-o", "json")
    assert printed.code == code, printed.err
    found = json.loads(printed.out)
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(found)
    return found


def changes(found):
    return {job["name"]: (job["change"], [one["code"] for one in job["meanings"]]) for job in found["jobs"]}


def paths(job):
    return {field["path"]: (field["before"], field["after"]) for field in job["fields"]}


def reached(project, *words):
    """The names that `plan --changed` selects."""
    printed = project.run("plan", "--changed", "main", *words, "-o", "json")
    assert printed.code in {0, 3}, printed.err
    return [change["name"] for change in json.loads(printed.out)["changes"]]


def test_a_state_does_not_differ_from_itself(repository):
    found = document(repository, "main", "--detailed-exitcode")
    assert (found["jobs"], found["settings"], found["files"], found["notes"]) == ([], [], [], [])
    assert found["summary"]["unchanged"] == 2
    assert repository.run("diff", "main..topic", "--detailed-exitcode").code == 0


def test_what_changes_and_what_that_means(repository):
    repository.job("a", 'LR: "1e-4"', 'LR: "3e-4"')
    repository.job("b", "JobMaxRunningTimeMinutes: 60", "JobMaxRunningTimeMinutes: 120")
    repository.job("c")
    found = document(repository, "main", "--detailed-exitcode", code=2)
    assert changes(found) == {
        "a": ("changed", ["new-run"]),
        "b": ("changed", ["circumstances"]),
        "c": ("added", ["start"]),
    }
    by_name = {job["name"]: job for job in found["jobs"]}
    assert paths(by_name["a"]) == {"spec.Envs.LR": ("1e-4", "3e-4")}
    assert by_name["b"]["ceiling"]["before"]["pod_hours"] == 1
    assert by_name["b"]["ceiling"]["after"]["pod_hours"] == 2
    assert by_name["c"]["ceiling"]["before"] is None
    assert by_name["a"]["files"] == ["jobs/a.yaml"]
    assert by_name["a"]["fields"][0]["before_at"] == "main:jobs/a.yaml:8"
    assert (found["before"]["ceilings"]["pod_hours"], found["after"]["ceilings"]["pod_hours"]) == (2, 4)


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ('run: {token: "2"}\n', ["new-run"]),
        ("run: {state: stopped}\n", ["stop"]),
        ("run: {retries: 3}\n", ["retries"]),
        ("run: {protect: true}\n", ["rules"]),
        ("run: {onChange: wait}\n", ["rules"]),
        ("envFrom: [{name: KEY, fromEnv: KEY}]\n", ["nothing"]),
    ],
)
def test_what_governs_a_job_is_told(repository, more, codes):
    repository.job("a", more=more)
    assert changes(document(repository)) == {"a": ("changed", codes)}


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        ("{state: stopped}", "{}", ["start"]),
        ("{state: stopped}", "{state: stopped, retries: 1}", ["stopped", "retries"]),
        ("{protect: true}", "{}", ["unprotected"]),
        ("{retries: 3}", "{retries: 1}", ["rules"]),
        ("{onChange: wait}", '{onChange: replace, token: "2"}', ["new-run", "rules"]),
    ],
)
def test_what_governed_a_job_is_told(repository, before, after, codes):
    repository.job("a", more=f"run: {before}\n")
    repository.commit()
    repository.job("a", more=f"run: {after}\n")
    assert changes(document(repository, "HEAD")) == {"a": ("changed", codes)}


def test_what_is_added_and_removed_under_its_rules(repository):
    repository.job("p", more="run: {protect: true}\n")
    repository.commit()
    (repository.folder / "jobs" / "p.yaml").unlink()
    repository.job("s", more="run: {state: stopped}\n")
    repository.job("u", "PodCount: 1", "PodCount: 2", more='run: {notAfter: "2026-12-31T00:00:00Z"}\n')
    found = document(repository, "HEAD")
    assert changes(found) == {
        "p": ("removed", ["orphan"]),
        "s": ("added", ["stopped"]),
        "u": ("added", ["start", "not-after"]),
    }
    texts = [one["text"] for job in found["jobs"] for one in job["meanings"]]
    assert "prune leaves them" in texts[0]
    assert "none after 2026-12-31 00:00 UTC" in texts[-1]


def test_manifests_without_a_project(repository):
    (repository.folder / "dlcapply.yaml").unlink()
    repository.write("jobs/base.yml", "kind: Job\nspec: {Priority: 1}\n")
    repository.job("a", more="extends: base.yml\n")
    repository.commit()
    repository.write("jobs/base.yml", "kind: Job\nspec: {Priority: 2}\n")
    found = document(repository, "HEAD", "jobs/a.yaml", "jobs/b.yaml")
    assert changes(found) == {"a": ("changed", ["in-place"])}
    assert [(one["file"], one["role"]) for one in found["files"]] == [("jobs/base.yml", "base")]
    printed = repository.run("validate", "jobs/a.yaml", "jobs/b.yaml", "--changed", "HEAD")
    assert (printed.code, "1 of 2" in printed.err) == (0, True)


def test_a_project_around_the_repository_has_no_other_state(repository, monkeypatch):
    inner = repository.folder / "jobs" / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "x.yaml").write_text("kind: Job\n")
    git(inner, "add", "-A")
    git(inner, "commit", "-q", "-m", "1")
    monkeypatch.chdir(inner)
    printed = repository.run("diff", "HEAD")
    assert (printed.code, "lies outside of the repository" in printed.out) == (1, True)


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("{name: a}", "{name: a, labels: {team: x}}", ["nothing"]),
        ("  JobType:", "  Priority: 3\n  JobType:", ["in-place"]),
        ("  JobType:", "  Settings: {Tags: {a: b}}\n  JobType:", ["nothing"]),
        ("PodCount: 1", "PodCount: 1.0", ["nothing"]),
    ],
)
def test_what_asks_for_no_run_is_told_so(repository, old, new, codes):
    repository.job("a", old, new)
    assert changes(document(repository)) == {"a": ("changed", codes)}


def test_a_rerun_on_token_asks_for_none(repository):
    repository.job("a", more="run: {rerunOn: token}\n")
    repository.commit()
    repository.job("a", "PodCount: 1", "PodCount: 2", more="run: {rerunOn: token}\n")
    assert changes(document(repository, "HEAD")) == {"a": ("changed", ["token-only"])}


def test_a_rename_is_one_job_and_one_without_formerly_is_told_to_look_like_one(repository):
    repository.git("mv", "jobs/a.yaml", "jobs/n.yaml")
    (repository.folder / "jobs" / "b.yaml").unlink()
    repository.job("n", "{name: n}", "{name: n, formerly: [a]}")
    repository.job("m")
    found = document(repository)
    assert changes(found) == {
        "b": ("removed", ["orphan"]),
        "m": ("added", ["looks-renamed", "start"]),
        "n": ("renamed", ["rename"]),
    }
    assert found["jobs"][2]["formerly"] == "a"
    assert reached(repository) == ["m", "n"]


def test_bases_the_project_policies_and_variables_are_told_with_what_they_reach(repository):
    repository.write("bases/x.yaml", BASE)
    repository.write("policies/p.yaml", "properties: {spec: {maxProperties: 20}}\n")
    repository.write("vars.yaml", "lr: one\n")
    more = """, limits: {gpuHours: 10}}
variables: {lr: {type: string, default: "0"}}
policies: [policies/*.yaml]
#"""
    repository.configure(more)
    repository.job("a", '"1e-4"', '"${{ var.lr }}"', more="extends: ../bases/x.yaml\n")
    repository.commit()
    repository.write("bases/x.yaml", BASE + "  Priority: 2\n")
    repository.write("policies/p.yaml", "properties: {spec: {maxProperties: 30}}\n")
    repository.write("vars.yaml", "lr: two\n")
    repository.configure(more.replace("gpuHours: 10", "gpuHours: 99"))
    found = document(repository, "HEAD", "--var-file", "vars.yaml")
    assert changes(found) == {"a": ("changed", ["new-run"])}
    assert paths(found["jobs"][0]) == {"spec.Envs.LR": ("one", "two"), "spec.Priority": (None, 2)}
    settings = {one["file"]: (one["role"], paths(one)) for one in found["settings"]}
    assert settings == {
        "dlcapply.yaml": ("project", {"environments.local.limits.gpuHours": (10, 99)}),
        "policies/p.yaml": ("policy", {"properties.spec.maxProperties": (20, 30)}),
        "vars.yaml": ("variables", {"lr": ("one", "two")}),
    }
    (repository.folder / "vars.yaml").rename(repository.folder / "more.yaml")
    moved = document(repository, "HEAD", "--var-file", "more.yaml")
    assert moved["notes"] == ["HEAD has no more.yaml: its variables have no values from it there"]
    assert paths(moved["jobs"][0])["spec.Envs.LR"] == ("0", "two")
    elsewhere = repository.folder.parent / "elsewhere.yaml"
    elsewhere.write_text("lr: same\n")
    assert "spec.Envs.LR" not in paths(document(repository, "HEAD", "--var-file", str(elsewhere))["jobs"][0])
    assert {one["file"]: one["jobs"] for one in found["files"]} == {
        "bases/x.yaml": ["a"],
        "dlcapply.yaml": [],
        "policies/p.yaml": [],
        "vars.yaml": ["a"],
    }


def test_another_place_is_told_before_everything(repository):
    file = repository.folder / "dlcapply.yaml"
    file.write_text(file.read_text().replace('"1001"', '"1002"'))
    found = document(repository)
    assert found["notes"] == [
        "every job counts as a new one, and runs in the old place are left alone: workspace 1001 → 1002"
    ]
    printed = repository.run("plan", "--changed", "main", "--no-preflight")
    assert "all 2 jobs count as changed" in printed.err


def test_secrets_are_masked_on_both_sides(repository):
    repository.configure('}\nvariables: {api_token: {type: string, default: "s3cr3t-one"}}\n#')
    repository.job("a", 'LR: "1e-4"', 'DB_PASSWORD: s3cr3t-two, X: "${{ var.api_token }}"')
    repository.commit()
    repository.configure('}\nvariables: {api_token: {type: string, default: "s3cr3t-new"}}\n#')
    repository.job("a", 'LR: "1e-4"', 'DB_PASSWORD: s3cr3t-old, X: "${{ var.api_token }}"')
    for words in ((), ("--full",), ("-o", "json")):
        printed = repository.run("diff", "HEAD", *words)
        assert printed.code == 0
        assert "s3cr3t" not in printed.out + printed.err
    assert "differs where it is masked" in repository.run("diff", "HEAD").out


@pytest.mark.sweep
def test_a_secret_in_any_leaf_of_the_schema_is_shown_by_no_comparison(repository):
    other = TOKEN.replace("Not", "Was")
    for secret in (TOKEN, other, ""):
        for number, path in enumerate(sorted(set(FIELDS) - KEYS)):
            name, form = f"leaf-{number}", LEAVES[number % 2]
            put(repository, manifest(name, **(around(path, form.format(secret)) if secret else {})))
        repository.commit()
    for words in ("HEAD~2..HEAD~1", "HEAD~1..HEAD"):
        files = ("-o", "json=report.json", "-o", "markdown=report.md")
        printed = repository.run("diff", words, "--full", *files)
        assert printed.code in {0, 4}
        reports = [(repository.folder / f"report.{form}").read_text("utf-8") for form in ("json", "md")]
        for text in (printed.out, *reports):
            assert "leaf-" in text
            assert {secret for secret in (TOKEN, other) if secret in text + printed.err} == set()


def test_a_state_that_is_not_valid_is_told_and_the_other_is_shown(repository):
    repository.job("b", "PodCount: 1", "PodCount: many")
    repository.write("jobs/c.yaml", "kind: [\n")
    repository.commit()
    repository.job("b")
    repository.job("c")
    found = document(repository, "HEAD")
    assert {(one["rule"], one["file"]) for one in found["before"]["findings"]} == {
        ("wrong-type", "HEAD:jobs/b.yaml"),
        ("yaml", "HEAD:jobs/c.yaml"),
    }
    assert changes(found) == {"b": ("changed", ["unknown"]), "c": ("unknown", ["unknown"])}
    assert found["before"]["ceilings"]["unknown"] == 1
    repository.commit()
    repository.job("b", "PodCount: 1", "PodCount: many")
    repository.write("jobs/c.yaml", "kind: [\n")
    found = document(repository, "HEAD", code=4)
    assert changes(found) == {"b": ("changed", ["unknown"]), "c": ("unknown", ["unknown"])}
    assert found["jobs"][0]["ceiling"]["after"] is None
    repository.write("dlcapply.yaml", "kind: Project\n")
    found = document(repository, "HEAD", code=4)
    assert (found["before"]["known"], found["after"]["known"]) == (True, False)
    assert {job["change"] for job in found["jobs"]} == {"unknown"}
    assert "Nothing is known of the working tree" in repository.run("diff", "HEAD").out


def test_a_state_before_there_was_a_project(repository):
    repository.git("rm", "-q", "-r", "--cached", ".")
    (repository.folder / "other").mkdir()
    for name in ("dlcapply.yaml", "jobs"):
        repository.git("add", ".gitignore")
        shutil.move(repository.folder / name, repository.folder / "other" / name)
    repository.commit()
    found = document(repository, "main", "other")
    assert changes(found) == {"a": ("added", ["start"]), "b": ("added", ["start"])}
    printed = repository.run("validate", "other", "--changed", "main")
    assert (printed.code, "declares none of them" in printed.err) == (0, True)


def test_a_file_of_one_state_alone(repository):
    repository.job("c")
    found = document(repository, "main", "jobs/c.yaml")
    assert (changes(found), found["settings"]) == ({"c": ("added", ["start"])}, [])
    assert reached(repository, "jobs/c.yaml") == ["c"]
    (repository.folder / "jobs" / "a.yaml").unlink()
    found = document(repository, "main", "jobs/a.yaml")
    assert (changes(found), found["settings"]) == ({"a": ("removed", ["orphan"])}, [])


def test_an_environment_and_a_variable_of_one_state_alone(repository):
    text = (repository.folder / "dlcapply.yaml").read_text()
    more = '  prod: {region: cn-hangzhou, workspaceId: "268"}\ndefaultEnvironment: local\n'
    repository.write("dlcapply.yaml", f"{text}{more}variables: {{v: {{type: string}}}}\n")
    found = document(repository, "main", "-e", "prod", "--var", "v=1")
    assert changes(found) == {"a": ("added", ["start"]), "b": ("added", ["start"])}
    assert "main has no environment prod: nothing is declared for it there" in found["notes"]
    assert found["settings"][0]["file"] == "dlcapply.yaml"
    repository.commit()
    repository.write("dlcapply.yaml", text)
    assert {job["change"] for job in document(repository, "HEAD", "-e", "prod")["jobs"]} == {"removed"}
    repository.git("checkout", "-q", ".")
    repository.job("a", '"1e-4"', '"${{ var.v }}"')
    found = document(repository, "main", "-e", "local", "--var", "v=1")
    assert changes(found) == {"a": ("changed", ["new-run"])}
    assert found["notes"] == ["main declares no variable v: its value was not used there"]


def test_nothing_is_read_around_the_commit(repository):
    """Neither a link that leads out of it, nor what lies above the folder that it is laid out in."""
    secret = repository.folder.parent / "outside.yaml"
    secret.write_text("kind: Outside\n")
    (repository.folder / "jobs" / "l.yaml").symlink_to(secret)
    (repository.folder / "jobs" / "m.yaml").symlink_to("a.yaml")
    repository.commit()
    (repository.folder / "jobs" / "l.yaml").unlink()
    found = document(repository, "HEAD")
    assert [one["rule"] for one in found["before"]["findings"]] == ["outside-project"]
    assert found["before"]["findings"][0]["file"] == "HEAD:jobs/l.yaml"
    assert found["jobs"] == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("diff",), 64, "Missing argument"),
        (("diff", "nope"), 1, "git knows no commit by the name of nope"),
        (("diff", "--", "-x"), 64, "-x is an option"),
        (("diff", "main", "-"), 64, "has no state to be compared with"),
        (("diff", "main", "/"), 1, "is in no git repository"),
        (("diff", "main", "jobs", "/etc"), 64, "lies outside of the repository"),
        (("diff", "main", "-e", "nope"), 64, "there is no environment nope"),
        (("diff", "main", "--var", "x=1"), 64, "the variable x is not declared"),
        (("diff", "main", "jobs/no.yaml"), 64, "no file or folder jobs/no.yaml in either state"),
        (("diff", ""), 64, "it is empty"),
        (("plan", "--changed", "main", "--prune"), 64, "--prune with --changed"),
        (("plan", "--changed", "main..topic"), 64, "names two states"),
        (("validate", "--changed", "nope"), 1, "git fetch origin nope"),
        (("validate", "--changed", ""), 64, "it is empty"),
        (
            ("apply", "--plan", "p.json", "--changed", "main", "--yes"),
            64,
            "--changed can't be given",
        ),
    ],
)
def test_wrong_words_are_one_line(repository, words, code, said):
    printed = repository.run(*words)
    assert (printed.code, said in printed.err) == (code, True), printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


def test_only_what_changed_is_planned_and_applied_and_the_plan_stays_true(repository):
    repository.job("a", 'LR: "1e-4"', 'LR: "3e-4"')
    repository.commit()
    planned = repository.run("plan", "--changed", "main", "--out", "plan.json")
    assert planned.code == 0
    assert "the merge base with main: 1 of 2" in planned.err
    assert json.loads((repository.folder / "plan.json").read_text())["plan"]["scope"]["select"] == ["a"]
    assert "--select a --yes --expect" in repository.run("plan", "--changed", "main").out
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "topic")
    applied = repository.run("apply", "--plan", "plan.json", "--yes")
    assert (applied.code, repository.statuses("a"), repository.statuses("b")) == (0, ["EnvPreparing"], [])
    assert repository.run("apply", "--changed", "topic", "--yes").code == 0
    assert repository.statuses("b") == []


def test_select_and_exclude_are_asked_too(repository):
    repository.job("a", 'LR: "1e-4"', 'LR: "3e-4"')
    repository.job("b", 'LR: "1e-4"', 'LR: "3e-4"')
    assert reached(repository) == ["a", "b"]
    assert reached(repository, "--select", "a*") == ["a"]
    assert reached(repository, "--exclude", "a") == ["b"]
    assert repository.run("plan", "--changed", "main", "--select", "nope").code == 10


def test_nothing_changed_is_nothing_to_do(repository):
    planned = repository.run("plan", "--changed", "main", "--detailed-exitcode", "--out", "plan.json")
    assert (planned.code, "nothing to do" in planned.err, "No changes" in planned.out) == (0, True, True)
    assert repository.run("validate", "--changed", "main").code == 0
    for words in (("--changed", "main"), ("--plan", "plan.json")):
        applied = repository.run("apply", "--yes", *words)
        assert (applied.code, repository.writes) == (0, [])
    assert repository.run("plan", "--exclude", "*").code == 10


def test_what_the_branch_did_not_change_is_not_reached(repository):
    repository.git("checkout", "-q", "main")
    repository.job("b", 'LR: "1e-4"', 'LR: "9e-4"')
    repository.commit()
    repository.git("checkout", "-q", "topic")
    repository.job("a", 'LR: "1e-4"', 'LR: "3e-4"')
    assert reached(repository) == ["a"]
    assert sorted(changes(document(repository))) == ["a", "b"]
    assert sorted(changes(document(repository, "main...topic"))) == []


def test_what_is_not_valid_there_counts_as_changed(repository):
    repository.git("checkout", "-q", "main")
    repository.write("dlcapply.yaml", "kind: Project\n")
    repository.commit()
    repository.git("checkout", "-q", "-B", "topic")
    repository.configure()
    assert reached(repository) == ["a", "b"]
    assert "can't be composed" in repository.run("plan", "--changed", "main").err


@pytest.mark.parametrize("name", ["a=b", "[ab]", "x*"])
def test_a_name_that_would_be_a_pattern_hides_nothing(repository, name):
    head = f'apiVersion: dlcapply/v1\nkind: Job\nmetadata: {{name: "{name}"}}\n'
    repository.write("jobs/odd.yaml", f"{head}spec: {{}}\n")
    for words in (["validate"], ["plan"], ["apply", "--yes"]):
        printed = repository.run(*words, "--changed", "main")
        assert printed.code == 4
        assert "jobs/odd.yaml:3" in printed.out + printed.err


def test_a_claim_reaches_its_job(repository):
    repository.write(
        "dlcapply.claims.yaml",
        "apiVersion: dlcapply/v1\nkind: Claims\nruns:\n  dlcabcdefghijklmn: {name: a, marks: {}}\n",
    )
    assert reached(repository) == ["a"]
    assert [one["role"] for one in document(repository)["settings"]] == ["claims"]


def test_a_claim_about_a_former_name_reaches_the_job(repository):
    claims = "apiVersion: dlcapply/v1\nkind: Claims\nruns:\n  dlcabcdefghijklmn: {name: b0, marks: {}}\n"
    repository.job("b", "{name: b", "{name: b, formerly: [b0]")
    repository.write("dlcapply.claims.yaml", claims)
    repository.commit()
    repository.git("branch", "-f", "main", "topic")
    repository.write("dlcapply.claims.yaml", claims.replace("klmn", "nmlk"))
    assert reached(repository) == ["b"]


def test_a_manifest_that_cant_be_read_declares_its_job_all_the_same(repository):
    repository.write("jobs/a.yaml", "spec: [\n")
    printed = repository.run("validate", "--changed", "main")
    assert printed.code == 4
    assert "no job that can be read is reached" in printed.err
    assert "declared no longer" not in printed.err
    assert "nothing to do" not in printed.err


def test_of_a_state_that_is_not_known_nobody_says_that_no_job_changes(repository):
    repository.git("rm", "-q", "-r", "jobs")
    repository.write("dlcapply.yaml", "kind: Project\n")
    repository.commit()
    repository.configure()
    printed = repository.run("diff", "HEAD")
    assert "Nothing is known of HEAD" in printed.out
    assert "No job that can be read changes: 0 jobs unchanged." in printed.out


def test_what_git_does_not_hand_out_is_told(repository):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12\n"
    repository.write("jobs/a.yaml", pointer)
    repository.git(
        "-c", "protocol.file.allow=always", "submodule", "-q", "add", str(repository.folder), "sub"
    )
    repository.commit()
    at = git(repository.folder / "sub", "rev-parse", "HEAD")
    repository.job("a")
    found = document(repository, "HEAD")
    assert found["notes"] == [
        f"HEAD:sub is a submodule, at {at[:12]}: what is in it was not read",
        "HEAD:jobs/a.yaml is a pointer of Git LFS: what it stands for is not in the commit",
    ]
    assert changes(found) == {"a": ("unknown", ["unknown"])}
    assert "1 of 2" in repository.run("validate", "--changed", "HEAD").err


def test_beside_many_other_files_only_what_may_be_manifests_is_read(repository):
    for number in range(5_001):
        (repository.folder / f"{number}.txt").touch()
    repository.write("jobs/c.yaml", "kind: [")
    repository.commit()
    printed = repository.run("diff", "HEAD")
    assert (printed.code, "HEAD:jobs/c.yaml" in printed.out) == (4, True)


def test_from_a_folder_below_and_from_a_worktree(repository, monkeypatch):
    repository.job("a", 'LR: "1e-4"', 'LR: "3e-4"')
    monkeypatch.chdir(repository.folder / "jobs")
    assert changes(document(repository, "main", "a.yaml")) == {"a": ("changed", ["new-run"])}
    assert changes(document(repository, "main", "b.yaml")) == {}
    repository.git("worktree", "add", "-q", "other", "main")
    monkeypatch.chdir(repository.folder / "other")
    repository.environ |= {"GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "/nowhere"}
    assert document(repository)["summary"]["unchanged"] == 2


EDITS = st.lists(
    st.sampled_from(
        ["a-env", "a-time", "b-base", "base", "defaults", "variable", "policy", "limit", "add", "drop"]
    ),
    max_size=4,
    unique=True,
)
_RENDERED = ("render", "-o", "json")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_every_job_whose_manifest_differs_is_reached(repository, edits):
    """And what differs is told, and nothing else."""
    _lay_out(repository, [])
    before = _rendered(repository)
    repository.commit()
    repository.git("branch", "-q", "-f", "main")
    _lay_out(repository, edits)
    after = _rendered(repository)
    differing = {name for name in before | after if before.get(name) != after.get(name)}
    found = document(repository)
    assert {job["name"] for job in found["jobs"]} == differing
    printed = repository.run("plan", "--changed", "main", "--no-preflight", "-o", "json")
    assert printed.code == 0, printed.err
    selected = {change["name"] for change in json.loads(printed.out)["changes"]}
    assert selected >= differing & after.keys()
    if {"policy", "limit"} & set(edits):
        assert selected == after.keys()
    elif not edits:
        assert selected == set()
    repository.commit()
    itself = document(repository, "HEAD")
    assert (itself["jobs"], itself["settings"], itself["files"]) == ([], [], [])


def _lay_out(project, edits):
    def said(edit, new, old):
        return new if edit in edits else old

    project.write("bases/x.yaml", BASE.replace("PodCount: 2", said("base", "PodCount: 5", "PodCount: 2")))
    project.write("policies/p.yaml", f"properties: {{spec: {{maxProperties: {said('policy', 40, 30)}}}}}\n")
    project.configure(
        f", limits: {{creates: {said('limit', 9, 8)}}}}}\n"
        f"variables: {{v: {{type: string, default: {said('variable', 'two', 'one')}}}}}\n"
        f"defaults: {{spec: {{Envs: {{D: {said('defaults', 'x', 'y')}}}}}}}\n"
        "policies: [policies/*.yaml]\n#"
    )
    project.job("a", 'LR: "1e-4"', f"LR: {said('a-env', 'more', 'less')}")
    project.job("b", more=said("b-base", "extends: ../bases/x.yaml\n", ""))
    project.job("c", "      PodCount: 1\n", "", more="extends: ../bases/x.yaml\n")
    project.job("d", '"1e-4"', '"${{ var.v }}"')
    if "a-time" in edits:
        file = project.folder / "jobs" / "a.yaml"
        file.write_text(file.read_text().replace("Minutes: 60", "Minutes: 61"))
    for name, wanted in (("e", "add" in edits), ("d", "drop" not in edits)):
        if not wanted:
            (project.folder / "jobs" / f"{name}.yaml").unlink(missing_ok=True)
        elif name == "e":
            project.job("e")


def _rendered(project):
    printed = project.run(*_RENDERED)
    assert printed.code == 0, printed.err
    return {job["manifest"]["metadata"]["name"]: job["manifest"] for job in json.loads(printed.out)["jobs"]}
