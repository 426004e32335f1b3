"""The files of the workflows and of the action, as others judge them: GitHub's schemas, zizmor, readers."""

from __future__ import annotations

import re
import subprocess

import pytest
import yaml

from tests.workflows.installed import ROOT

EXAMPLES = sorted((ROOT / "examples/github-actions").glob("*.yml"))
WORKFLOWS = [*EXAMPLES, *sorted((ROOT / ".github/workflows").glob("*.yml"))]
ACTION = ROOT / "action.yml"
# `uses: ACTION@COMMIT  # vVERSION`, as it was released; a newer one is changed here and there.
RELEASES = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("ece7cb06caefa5fff74198d8649806c4678c61a1", "v6.3.0"),
    "actions/cache": ("27d5ce7f107fe9357f9df03efb73ab90386fccae", "v5.0.5"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "aliyun/configure-aliyun-credentials-action": ("b347e60e64028a4d567a8f31ca42e1b0706c3c99", "v1.0.7"),
}
NOBODY = "OWNER/dlcapply@" + "0" * 40


def load(file):
    """As GitHub reads it: `on` is no boolean."""
    text = file.read_text("utf-8")
    return yaml.load(re.sub(r"^on:", '"on":', text, flags=re.MULTILINE), yaml.CSafeLoader)


def steps(file):
    return [step for job in load(file)["jobs"].values() for step in job["steps"]]


def arguments(file, command):
    """The arguments of the steps of this command, in order."""
    uses = [step["with"] for step in steps(file) if step.get("uses", "").startswith("OWNER/")]
    return [one.get("arguments", "").split("\n") for one in uses if one["command"] == command]


@pytest.mark.parametrize(("kind", "files"), [("workflows", WORKFLOWS), ("actions", [ACTION])])
def test_github_takes_them(program, kind, files):
    command = [program("check-jsonschema"), "--builtin-schema", f"vendor.github-{kind}", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing(program):
    command = [program("zizmor"), "--offline", "--no-progress", "--no-config", "--format=plain"]
    done = subprocess.run([*command, ACTION, *WORKFLOWS], capture_output=True, text=True, check=False)
    assert (done.returncode, "No findings to report" in done.stdout) == (0, True), done.stdout


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_actions_of_others_are_pinned_to_a_release_and_none_keeps_the_token(file):
    found = re.findall(r"uses: ([^@\s]+)@(\S+)(?:  # (.*))?", file.read_text("utf-8"))
    for name, commit, comment in found:
        if f"{name}@{commit}" == NOBODY:
            continue
        assert (commit, comment) == RELEASES["/".join(name.split("/")[:2])]
    for step in steps(file):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_no_job_may_more_than_it_says_or_runs_for_ever(file):
    document = load(file)
    assert document["permissions"] in ({}, {"contents": "read"})
    for job in document["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 60
        assert job.get("permissions", document["permissions"])["contents"] == "read"


def test_what_is_reviewed_is_what_is_applied():
    """An approval is for a scope: the same options that decide about it stand in all of the workflows."""
    (planned,) = arguments(EXAMPLES[2], "plan")
    scopes = [{word for word in planned if word in {"manifests", "--environment=prod", "--prune"}}]
    for file in (EXAMPLES[0], EXAMPLES[3]):
        (applied,) = arguments(file, "apply")
        scopes.append({word for word in applied if word in {"manifests", "--environment=prod", "--prune"}})
    assert [path.stem for path in EXAMPLES] == ["apply", "drift", "review", "scheduled", "stop"]
    assert scopes == [{"manifests", "--environment=prod", "--prune"}] * 3


def test_applies_are_never_cancelled_and_never_two_at_once():
    for file in (EXAMPLES[0], EXAMPLES[3]):
        (job,) = load(file)["jobs"].values()
        assert job["concurrency"] == {
            "group": "dlcapply-prod",
            "cancel-in-progress": False,
            "queue": "max",
        }


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_no_journal_is_of_the_checkout(file):
    for command in ("plan", "apply", "status", "stop"):
        for given in arguments(file, command):
            assert "--state-dir=${{ runner.temp }}/dlcapply-state" in given


def test_every_journal_is_that_of_the_applies_before():
    for file in (EXAMPLES[0], EXAMPLES[1], EXAMPLES[3]):
        restored = [step["with"] for step in steps(file) if "cache/restore@" in step.get("uses", "")]
        assert restored[0]["restore-keys"] == "dlcapply-journal/prod/"
        assert {one["path"] for one in restored} == {"${{ runner.temp }}/dlcapply-state"}


def test_what_is_applied_is_approved_or_has_the_digest_that_a_person_gave():
    (by_hand,) = [
        step["with"] for step in steps(EXAMPLES[0]) if step.get("with", {}).get("command") == "apply"
    ]
    assert by_hand["expect"] == "${{ inputs.expect }}"
    assert "${{ !inputs.expect && format('--approved={0}/dlcapply-approved', runner.temp) || '' }}" in (
        by_hand["arguments"].split("\n")
    )


def test_a_plan_counts_as_long_as_its_artefact_is_kept():
    (kept,) = [step["with"] for step in steps(EXAMPLES[2]) if "upload-artifact@" in step.get("uses", "")]
    assert "--expires=90d" in arguments(EXAMPLES[2], "plan")[0]
    assert (kept["name"], kept["retention-days"], kept["overwrite"]) == ("dlcapply-plan-prod", 90, True)


def test_a_plan_that_is_denied_is_kept_and_told():
    told = [step for step in steps(EXAMPLES[2]) if "steps.plan.outputs.plan-file" in str(step.get("with"))]
    assert len(told) == 3
    assert all(step["if"].startswith("${{ !cancelled() && steps.plan.outputs.plan-file") for step in told)


def test_a_journal_is_whole_only_if_its_run_had_begun():
    for file in (EXAMPLES[0], EXAMPLES[3]):
        *_, last = steps(file)
        assert last["with"]["key"].endswith("/ended")
        assert last["if"] == "always() && steps.begun.outcome == 'success'"


def test_scheduled_is_apply_but_for_what_is_done_by_hand():
    apply, scheduled = (next(iter(load(file)["jobs"].values())) for file in (EXAMPLES[0], EXAMPLES[3]))
    assert {key for key in apply if apply[key] != scheduled[key]} == {"environment", "steps"}
    assert [step.get("uses", step.get("run")) for step in apply["steps"]] == [
        step.get("uses", step.get("run")) for step in scheduled["steps"]
    ]


def test_every_input_and_output_of_the_action_is_explained():
    page = (ROOT / "docs/ci.md").read_text("utf-8")
    section = page.partition("\n## The action\n")[2].partition("\n## ")[0]
    inputs, outputs = section.split("| output |")
    for name, table in (("inputs", inputs), ("outputs", outputs)):
        rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        assert {word for row in rows for word in re.findall("`([^`]+)`", row)} == set(load(ACTION)[name])


def test_what_a_person_types_to_stop_runs_is_in_no_script_and_in_no_option():
    """An expression in the arguments can only give words that stand in the workflow."""
    typed = ("inputs.names", "inputs.reason")
    found = [(step, key) for step in steps(EXAMPLES[4]) for key in ("run", "with", "env") if key in step]
    places = {(key, name) for step, key in found for name in typed if name in str(step[key])}
    assert places == {("with", "inputs.names"), ("env", "inputs.reason")}
    (stop,) = [step["with"] for step in steps(EXAMPLES[4]) if step.get("with", {}).get("command") == "stop"]
    assert stop["words"] == "${{ inputs.names }}"
    assert not any(name in stop["arguments"] for name in typed)
    assert "cache" not in EXAMPLES[4].read_text("utf-8")
