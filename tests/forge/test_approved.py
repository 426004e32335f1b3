"""`github approved`: which plans it takes, and what it says of every other merged pull request."""

import io
import json
import os
import stat
import zipfile
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dlcapply.manifest.schema.shipped import schema_texts
from tests.forge.conftest import CHECK, NAME
from tests.forge.fake_github import REVIEW, zipped


def told(printed, verdict, number, why):
    """Whether it says so of the pull request."""
    lines = printed.out.splitlines()
    return any(line.startswith(verdict) and f"#{number}" in line and why in line for line in lines)


def taken(reviews, number):
    """Whether the plan of the one merged pull request was taken."""
    printed, plans = reviews.approved()
    assert printed.code == 0
    return told(printed, "taken", number, "") and plans == [reviews.planned.texts["one"]]


def refused(reviews, number, why, *args, verdict="refused"):
    printed, plans = reviews.approved(*args)
    assert (printed.code, plans) == (0, []), printed
    assert told(printed, verdict, number, why), printed.out
    return True


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_the_plan_of_a_merged_pull_request_is_taken(reviews, method):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number)
    reviews.github.merge(number, method=method)
    assert taken(reviews, number)
    printed, _ = reviews.approved("--dry-run", "--out", str(reviews.folder / "new"))
    assert told(printed, "taken", number, f"run {run['run_number']}")
    assert not (reviews.folder / "new").exists()


def test_what_was_taken_is_what_apply_reads(reviews):
    number = reviews.merged()
    reviews.approved()
    (file,) = (reviews.folder / "approvals").iterdir()
    assert file.name.endswith(f"-{number}.json")
    assert file.read_bytes() == reviews.planned.texts["one"]


def test_several_are_taken_and_lie_in_the_order_of_their_merges(reviews):
    first, second = reviews.merged("a"), reviews.merged("b", "two")
    _, plans = reviews.approved()
    assert first < second
    assert plans == [reviews.planned.texts["one"], reviews.planned.texts["two"]]


def test_who_is_not_merged_approves_nothing(reviews):
    number = reviews.github.open_pull("topic")
    reviews.review(number)
    closed = reviews.github.open_pull("other")
    reviews.review(closed)
    reviews.github.close_pull(closed)
    printed, plans = reviews.approved()
    assert (printed.code, plans) == (0, [])
    assert "0 plans of 0 merged pull requests" in printed.out


def test_a_fork_has_no_say(reviews):
    number = reviews.merged(fork="mallory/jobs")
    assert refused(reviews, number, "fork")


def test_a_fork_that_is_gone_has_no_say(reviews):
    number = reviews.merged(fork="mallory/jobs")
    reviews.github.delete_fork(number)
    assert refused(reviews, number, "fork")


def test_a_branch_of_a_fork_with_the_name_and_the_commit_of_ours(reviews):
    """Our own run for the same commit is no review of the fork's pull request."""
    ours = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(ours)
    theirs = reviews.github.open_pull("topic", fork="mallory/jobs", sha=run["head_sha"])
    reviews.github.merge(theirs)
    assert refused(reviews, theirs, "fork")


def test_a_run_of_a_fork_is_none_of_ours(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    reviews.review(number, head_repository="mallory/jobs")
    reviews.github.merge(number)
    assert refused(reviews, number, f"no artefact {NAME}", verdict="missing")


@pytest.mark.parametrize(
    "file",
    [
        ".github/workflows/review.yml",
        ".github/actions/plan/action.yml",
        ".github/CODEOWNERS",
        ".github",
        ".GitHub/workflows/review.yml",
        {"filename": "x.yml", "previous_filename": ".github/workflows/review.yml", "status": "renamed"},
        {"filename": ".github/workflows/new.yml", "previous_filename": "x.yml", "status": "renamed"},
        {"filename": ".github/workflows/old.yml", "status": "removed"},
    ],
)
def test_who_touches_the_workflows_approves_nothing(reviews, file):
    number = reviews.merged(files=["jobs/train.yaml", file])
    assert refused(reviews, number, "it touches .")


def test_what_is_only_named_alike_is_no_workflow(reviews):
    number = reviews.merged(files=["docs/.github/x", ".githubx", "jobs/.github.yaml"])
    assert taken(reviews, number)


def test_a_workflow_behind_the_first_page_of_files(reviews):
    number = reviews.merged(files=[*(f"jobs/{count}.yaml" for count in range(150)), REVIEW])
    assert refused(reviews, number, "it touches .github")


def test_more_files_than_github_lists(reviews):
    number = reviews.merged(files=[f"jobs/{count}.yaml" for count in range(3_001)])
    assert refused(reviews, number, "3,000 files or more")


def test_fewer_files_than_there_are(reviews):
    number = reviews.merged(changed_files=7)
    assert refused(reviews, number, "GitHub lists 1 of its 7 files")


@pytest.mark.parametrize(
    "run",
    [
        {"event": "push"},
        {"event": "workflow_dispatch"},
        {"event": "pull_request_target"},
        {"path": ".github/workflows/other.yml"},
        {"path": ".github/workflows/review.yml@refs/heads/evil"},
        {"head_branch": "other"},
    ],
)
def test_a_run_that_is_no_review_of_it(reviews, run):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    head = reviews.github.state["pulls"][str(number)]["sha"]
    reviews.review(number, head_sha=head, **run)
    reviews.github.merge(number)
    assert refused(reviews, number, f"no run of {REVIEW}")


def test_an_artefact_of_another_workflow_beside_the_review(reviews):
    """Its plan, whatever its hash, never takes the place of the review's own."""
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    reviews.review(number)
    evil = reviews.github.start_run(number, path=".github/workflows/evil.yml")
    reviews.github.upload(evil["id"], NAME, {"plan.json": reviews.planned.texts["two"].decode()})
    reviews.github.merge(number)
    assert taken(reviews, number)


def test_the_check_of_another_workflow_takes_the_plan_away_and_brings_none(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number)
    evil = reviews.github.start_run(number, path=".github/workflows/evil.yml")
    reviews.github.upload(evil["id"], NAME, {"plan.json": reviews.planned.texts["two"].decode()})
    reviews.say(run["head_sha"], "two")
    reviews.github.merge(number)
    assert refused(reviews, number, "is of another plan")


def test_only_the_head_that_was_merged_counts(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    reviews.review(number)
    reviews.github.push(number)
    reviews.github.merge(number)
    assert refused(reviews, number, "no artefact", verdict="missing")


def test_a_base_that_was_changed(reviews):
    """The run may be of the other base's workflow, for the very head that was merged."""
    number = reviews.github.open_pull("topic", base="evil", files=["jobs/train.yaml"])
    reviews.review(number)
    reviews.github.retarget(number, "main")
    reviews.github.merge(number)
    assert refused(reviews, number, "its base branch was changed")


def test_a_base_that_github_changed(reviews):
    number = reviews.github.open_pull("topic", base="evil", files=["jobs/train.yaml"])
    reviews.review(number)
    reviews.github.retarget_automatically(number, "main")
    reviews.github.merge(number)
    assert refused(reviews, number, "its base branch was changed")


def test_a_second_pull_request_of_the_branch_to_another_base(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    other = reviews.github.open_pull("topic", base="evil")
    reviews.review(other)
    reviews.github.close_pull(other)
    reviews.github.merge(number)
    assert refused(reviews, number, f"pull request {other} was open for the same branch")


def test_a_second_pull_request_that_had_moved_on(reviews):
    """It ran on the commit that was merged, and was closed at another one."""
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    head = reviews.github.state["pulls"][str(number)]["sha"]
    other = reviews.github.open_pull("topic", base="evil", sha=head)
    reviews.review(other)
    reviews.github.push(other)
    reviews.github.close_pull(other)
    reviews.github.push(number, sha=head)
    reviews.github.merge(number)
    assert refused(reviews, number, "was open for the same branch")


@pytest.mark.parametrize("fork", ["", "mallory/jobs"])
def test_another_pull_request_that_was_merged_by_the_same_commit(reviews, fork):
    """GitHub marks it as merged too, whatever its labels consented to, and though nobody looked at it."""
    meant = reviews.github.open_pull("plain", files=["jobs/train.yaml"], fork=fork)
    head = reviews.github.state["pulls"][str(meant)]["sha"]
    hidden = reviews.github.open_pull("other", sha=head, files=["jobs/train.yaml"])
    reviews.review(hidden)
    for number in (meant, hidden):
        reviews.github.merge(number)
    reviews.github.turn(60)
    for number in range(100):
        reviews.github.open_pull(f"later-{number}")
    reviews.github.label(hidden, "touched")  # and so is a page away from the other one
    printed, plans = reviews.approved()
    assert plans == []
    assert told(printed, "refused", hidden, f"pull request {meant} was merged with the same commit")


def test_a_commit_that_is_merged_again_later(reviews):
    first = reviews.merged("a")
    reviews.github.turn(60)
    head = reviews.github.state["pulls"][str(first)]["sha"]
    second = reviews.github.open_pull("b", sha=head, files=["jobs/train.yaml"])
    reviews.review(second)
    reviews.github.merge(second)
    printed, plans = reviews.approved()
    assert told(printed, "taken", second, "")
    assert plans[-1] == reviews.planned.texts["one"]


def test_what_others_of_the_branch_did_before_is_not_its_own(reviews):
    """A run from before the pull request was opened, of one that is closed since."""
    other = reviews.github.open_pull("topic", base="evil")
    run = reviews.review(other)
    reviews.github.turn(10)
    reviews.github.close_pull(other)
    reviews.github.turn(10)
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"], sha=run["head_sha"])
    reviews.github.merge(number)
    assert refused(reviews, number, f"no run of {REVIEW}")


def test_a_branch_that_is_used_again(reviews):
    first = reviews.merged("topic")
    reviews.github.turn(60)
    second = reviews.merged("topic", "two")
    printed, plans = reviews.approved()
    assert told(printed, "taken", first, "")
    assert told(printed, "taken", second, "")
    assert len(plans) == 2


def test_what_was_merged_elsewhere(reviews):
    number = reviews.merged(base="release")
    reviews.github.merge(reviews.github.open_pull("quiet", base="release"))
    printed, plans = reviews.approved()
    assert plans == []
    assert told(printed, "refused", number, "merged into release, and not into main")
    assert "1 merged pull request" in printed.out


def test_a_protected_branch_may_be_named(reviews):
    number = reviews.merged(base="release")
    printed, plans = reviews.approved("--branch", "release")
    assert told(printed, "taken", number, "")
    assert len(plans) == 1


def test_a_default_branch_that_was_renamed(reviews):
    number = reviews.merged()
    reviews.github.set_default_branch("trunk")
    assert refused(reviews, number, "merged into main, and not into trunk")


@pytest.mark.parametrize("conclusion", ["success", "neutral"])
def test_what_a_check_may_be(reviews, conclusion):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number, check=False)
    reviews.say(run["head_sha"], conclusion=conclusion)
    reviews.github.merge(number)
    assert taken(reviews, number)


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"conclusion": "failure"}, "is failure"),
        ({"conclusion": "cancelled"}, "is cancelled"),
        ({"conclusion": "action_required"}, "is action_required"),
        ({"status": "in_progress", "conclusion": None}, "not completed"),
        ({"external_id": ""}, "another plan"),
        ({"external_id": f"dlcapply-plan:{'0' * 64}"}, "another plan"),
        ({"app": "some-other-app"}, "no check run"),
    ],
)
def test_what_a_check_may_not_be(reviews, keys, why):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number, check=False)
    reviews.say(run["head_sha"], **keys)
    reviews.github.merge(number)
    assert refused(reviews, number, why)


def test_without_a_check_there_is_no_approval(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    reviews.review(number, check=False)
    reviews.github.merge(number)
    assert refused(reviews, number, f"no check run {CHECK}")


def test_another_app_says_nothing_of_ours(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number)
    reviews.say(run["head_sha"], app="some-other-app", conclusion="failure")
    reviews.github.merge(number)
    assert taken(reviews, number)


def test_the_newest_check_decides(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number)
    reviews.say(run["head_sha"], conclusion="failure")
    reviews.github.merge(number)
    assert refused(reviews, number, "is failure")
    (asked,) = reviews.github.asked(path="/check-runs")
    assert asked["query"]["filter"] == "all"


def test_a_check_that_was_edited(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number, check=False)
    check = reviews.say(run["head_sha"])
    reviews.github.merge(number)
    reviews.say(run["head_sha"], id=check, external_id=f"dlcapply-plan:{'1' * 64}")
    assert refused(reviews, number, "another plan")


def test_the_newest_review_decides(reviews):
    """A consent that was taken back, with its label, does not come back by running an old review again."""
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    old = reviews.review(number, "two")
    reviews.review(number, "one")
    assert reviews.github.start_run(run_id=old["id"])["run_attempt"] == 2
    reviews.github.upload(old["id"], NAME, {"plan.json": reviews.planned.texts["two"].decode()})
    reviews.say(old["head_sha"], "two")
    reviews.github.merge(number)
    assert refused(reviews, number, "is of another plan")


def test_a_further_attempt_leaves_another_plan(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number, "two")
    reviews.github.start_run(run_id=run["id"])
    reviews.github.upload(run["id"], NAME, {"plan.json": reviews.planned.texts["one"].decode()})
    reviews.say(run["head_sha"], "one")
    reviews.github.merge(number)
    assert taken(reviews, number)


def test_a_second_artefact_of_the_run_is_not_what_the_check_is_of(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number)
    reviews.github.upload(run["id"], NAME, {"plan.json": reviews.planned.texts["two"].decode()})
    reviews.github.merge(number)
    assert refused(reviews, number, "another plan")


def test_a_newest_review_without_a_plan(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    reviews.review(number)
    newest = reviews.review(number, upload=False, check=False)
    reviews.github.merge(number)
    assert refused(reviews, number, f"its newest review (run {newest['run_number']}) left no plan")


def test_a_review_that_was_skipped_is_none(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    reviews.review(number)
    reviews.review(number, upload=False, check=False, conclusion="skipped")
    reviews.github.merge(number)
    assert taken(reviews, number)


def test_a_plan_from_after_the_merge_was_reviewed_by_nobody(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number, upload=False)
    reviews.github.merge(number)
    reviews.github.turn(1)
    reviews.github.upload(run["id"], NAME, {"plan.json": reviews.planned.texts["one"].decode()})
    assert refused(reviews, number, "made after the merge")


def test_a_review_that_began_after_the_merge(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    reviews.github.merge(number)
    reviews.github.turn(1)
    reviews.review(number)
    assert refused(reviews, number, "after the merge")


def test_a_check_from_after_the_merge_takes_no_approval_away(reviews):
    """As a review leaves it that is run again, and makes no plan."""
    number = reviews.merged()
    head = reviews.github.state["pulls"][str(number)]["sha"]
    reviews.github.turn(1)
    reviews.say(head, conclusion="failure", external_id="dlcapply-no-plan")
    assert taken(reviews, number)


def test_a_check_from_after_the_merge_is_no_way_round_one_from_before(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number, check=False)
    reviews.say(run["head_sha"], conclusion="failure")
    reviews.github.merge(number)
    reviews.github.turn(1)
    reviews.say(run["head_sha"])
    assert refused(reviews, number, "is failure")


def test_the_only_check_may_be_slower_than_the_merge(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number, check=False)
    reviews.github.merge(number)
    reviews.github.turn(1)
    reviews.say(run["head_sha"])
    assert taken(reviews, number)


def queued(reviews, plan="one", **run):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    reviews.review(number, "two")
    reviews.github.queue(number)
    reviews.review(number, plan, event="merge_group", **run)
    reviews.github.merge_queued(number)
    return number


def test_the_plan_of_a_merge_group_is_the_approval(reviews):
    number = queued(reviews)
    assert taken(reviews, number)


@pytest.mark.parametrize(
    "run",
    [
        {"head_branch": "gh-readonly-queue/evil/pr-1-abc"},
        {"head_branch": "gh-readonly-queue/main/pr-12-abc"},
        {"head_branch": "main"},
        {"path": ".github/workflows/other.yml"},
    ],
)
def test_a_merge_group_of_another(reviews, run):
    """Then the review of the head decides, as if there were no queue."""
    queued(reviews, **run)
    _, plans = reviews.approved()
    assert plans == [reviews.planned.texts["two"]]


def test_a_red_merge_group_takes_the_approval_away(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    reviews.review(number, "two")
    group = reviews.github.queue(number)
    reviews.review(number, event="merge_group")
    reviews.say(group, conclusion="failure")
    reviews.github.merge_queued(number)
    assert refused(reviews, number, "is failure")


def with_archive(reviews, archive, **upload):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number, upload=False)
    reviews.github.upload(run["id"], NAME, archive=archive, **upload)
    reviews.github.merge(number)
    return number


def archive(*entries):
    """A zip file of (name or ZipInfo, content)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in entries:
            opened.writestr(name, content)
    return buffer.getvalue()


def link(name):
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def test_files_beside_the_plan_are_passed_over(reviews):
    plan = reviews.planned.texts["one"]
    number = with_archive(reviews, archive(("plan.json", plan), ("plan.html", "<html>"), ("../x.md", "x")))
    assert taken(reviews, number)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda plan: archive(("a.json", plan), ("b.json", plan)), "2 JSON files"),
        (lambda plan: archive(("a.json", plan), ("A.JSON", b"{}")), "2 JSON files"),
        (lambda _: archive(("a.txt", b"x")), "0 JSON files"),
        (lambda _: archive(), "0 JSON files"),
        (lambda plan: archive(("../a.json", plan)), "not at the top"),
        (lambda plan: archive(("/etc/a.json", plan)), "not at the top"),
        (lambda plan: archive(("folder/a.json", plan)), "not at the top"),
        (lambda _: archive((link("a.json"), b"/etc/passwd")), "is a link"),
        (
            lambda plan: archive(("a.json", plan), *((f"{count}.txt", b"") for count in range(100))),
            "more than 100",
        ),
        (lambda _: archive(("a.json", bytes(17 << 20))), "longer than 16 MiB"),
        (lambda _: b"not a zip", "no zip file"),
        (lambda plan: archive(("a.json", plan))[:-30], "no zip file"),
        (lambda plan: archive(("a.json", plan.replace(b'"retries": 0', b'"retries": 9'))), "edited"),
        (lambda _: archive(("a.json", b"{}")), "not a saved plan"),
        (lambda _: archive(("a.json", b"[" * 100_000)), "not a saved plan"),
        (lambda _: archive(("a.json", b"\xff")), "not a saved plan"),
    ],
)
def test_archives_that_hold_no_plan(reviews, made, why):
    number = with_archive(reviews, made(reviews.planned.texts["one"]))
    assert refused(reviews, number, why)
    assert not any(path.name != "approvals" for path in reviews.folder.iterdir() if path.suffix != ".json")


def test_an_archive_that_is_not_what_was_uploaded(reviews):
    number = with_archive(
        reviews, zipped({"plan.json": reviews.planned.texts["one"].decode()}), digest=f"sha256:{'0' * 64}"
    )
    assert refused(reviews, number, "SHA-256 differs")


def test_a_github_that_tells_no_digest(reviews):
    number = with_archive(reviews, zipped({"plan.json": reviews.planned.texts["one"].decode()}), digest="")
    assert taken(reviews, number)


def test_an_artefact_that_says_it_is_too_large_is_not_downloaded(reviews):
    number = with_archive(reviews, b"x", size=17 << 20)
    assert refused(reviews, number, "more than 16 MiB")
    assert reviews.github.asked(path="/zip") == []


def test_an_artefact_that_is_too_large_is_not_read_to_its_end(reviews):
    with_archive(reviews, os.urandom(17 << 20), size=1)
    printed, plans = reviews.approved()
    assert (printed.code, plans) == (1, None)
    assert "there was no usable answer" in printed.err


def test_what_has_expired_is_named(reviews):
    gone = reviews.github.open_pull("gone", files=["jobs/train.yaml"])
    run = reviews.review(gone, upload=False)
    text = reviews.planned.texts["one"].decode()
    reviews.github.expire(reviews.github.upload(run["id"], NAME, {"plan.json": text}))
    reviews.github.merge(gone)
    short = reviews.merged("short", "short")
    printed, plans = reviews.approved()
    assert plans == []
    assert told(printed, "expired", gone, "its artefact has expired")
    assert told(printed, "expired", short, "its plan expired at 2026-11-23 00:01 UTC")
    assert len(reviews.github.asked(path="/zip")) == 1


def test_an_artefact_that_expires_meanwhile(reviews):
    number = reviews.merged()
    reviews.github.fault(path="/zip", status=410, message="Artifact has expired")
    assert refused(reviews, number, "has expired", verdict="expired")


def test_an_artefact_that_is_deleted_meanwhile(reviews):
    number = reviews.merged()
    reviews.github.fault(path="/zip", status=404, message="Not Found")
    assert refused(reviews, number, "was deleted", verdict="missing")


def test_a_plan_for_elsewhere(reviews):
    number = reviews.merged(plan="elsewhere")
    assert refused(reviews, number, "is for the owner vision/other")


def test_who_was_never_reviewed_is_named(reviews):
    numbers = []
    for head in "abc":
        numbers.append(reviews.github.open_pull(head))
        reviews.github.merge(numbers[-1])
    printed, plans = reviews.approved()
    assert plans == []
    (line,) = [line for line in printed.out.splitlines() if line.startswith("missing")]
    assert all(f"#{number}" in line for number in numbers)


def test_what_was_merged_too_long_ago_is_not_looked_at(reviews):
    reviews.merged()
    reviews.github.turn(7_200)
    printed, plans = reviews.approved("--within", "1h")
    assert (printed.code, plans) == (0, [])
    assert "0 merged pull requests" in printed.out


def test_another_name_of_the_artefact(reviews):
    number = reviews.merged()
    assert refused(reviews, number, "no artefact other", "--artifact", "other", verdict="missing")


def test_the_token_goes_to_github_alone(reviews):
    reviews.merged()
    printed, _ = reviews.approved()
    blobs = [one for one in reviews.github.requests if one["blob"]]
    assert [(one["status"], one["authorized"]) for one in blobs] == [(200, False)]
    assert all(one["authorized"] for one in reviews.github.requests if not one["blob"])
    assert reviews.token not in printed.out + printed.err


@pytest.mark.parametrize(
    ("path", "needs"),
    [
        ("/actions/artifacts", "actions: read"),
        ("/pulls$", "pull-requests: read"),
        ("/runs", "actions: read"),
        ("/check-runs", "checks: read"),
        ("/files", "pull-requests: read"),
        ("/events", "issues: read"),
        ("/zip", "actions: read"),
    ],
)
def test_what_may_not_be_read_is_never_taken_for_no_approvals(reviews, path, needs):
    reviews.merged("a")
    reviews.merged("b")
    reviews.github.fault(path=path, status=403, message="Resource not accessible by integration", after=1)
    reviews.github.fault(path=path, status=403, message="Resource not accessible by integration")
    printed, plans = reviews.approved()
    assert (printed.code, plans) == (1, None)
    assert f"permissions: {{{needs}}}" in printed.err
    assert "FAKE:" in printed.err
    assert printed.err.count("error:") == 1


@pytest.mark.parametrize("path", ["/actions/artifacts", "/pulls", "/check-runs", "/files", "/events", "/zip"])
@pytest.mark.parametrize(
    "body",
    ["<html>busy</html>", "[1]", '{"artifacts": 1, "check_runs": {}}', "{", "null", '[{"number": true}]'],
)
def test_an_answer_that_can_not_be_read_is_an_error(reviews, path, body):
    reviews.merged()
    reviews.github.fault(path=path, status=200, body=body, times=9)
    printed, plans = reviews.approved()
    assert (printed.code, plans) == (1, None)
    assert "error: " in printed.err


def test_a_rate_limit_is_an_error_that_says_until_when(reviews):
    reviews.merged()
    reviews.github.limit(3, reset_in=1_800)
    printed, plans = reviews.approved()
    assert (printed.code, plans) == (1, None)
    assert "API rate limit exceeded" in printed.err
    assert "the rate limit holds until 00:31 UTC" in printed.err
    assert reviews.clock.slept == []


def test_a_limit_that_ends_soon_is_waited_for_aloud(reviews):
    number = reviews.merged()
    reviews.github.fault(
        path="/check-runs",
        status=403,
        message="You have exceeded a secondary rate limit",
        headers={"retry-after": "7"},
    )
    printed, plans = reviews.approved()
    assert told(printed, "taken", number, "")
    assert len(plans) == 1
    assert reviews.clock.slept == [7]
    assert (
        "waiting 7 s before GitHub is asked again: 403 You have exceeded a secondary rate limit"
        in printed.err
    )


@pytest.mark.parametrize("fault", [{"status": 502}, {"status": 503}, {"drop": True}, {"cut": True}])
def test_what_fails_once_is_asked_again(reviews, fault):
    number = reviews.merged()
    reviews.github.fault(path="/files", **fault)
    assert taken(reviews, number)


@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": True}, {"cut": True}])
def test_what_fails_once_where_github_keeps_archives_is_asked_again_aloud(reviews, fault):
    number = reviews.merged()
    reviews.github.fault(path="^/artifacts/", **fault)
    printed, plans = reviews.approved()
    assert (told(printed, "taken", number, ""), len(plans), reviews.clock.slept) == (True, 1, [1])
    assert "waiting 1 s before GitHub is asked again: " in printed.err


def test_where_github_keeps_archives_there_may_be_none_for_long(reviews):
    reviews.merged()
    reviews.github.fault(path="^/artifacts/", status=503, times=9)
    printed, plans = reviews.approved()
    assert (printed.code, plans, reviews.clock.slept) == (1, None, [1, 3])
    assert "where GitHub keeps it, the answer was 503" in printed.err


def test_what_fails_for_good_is_an_error(reviews):
    reviews.merged()
    reviews.github.fault(path="/files", drop=True, times=9)
    printed, plans = reviews.approved()
    assert (printed.code, plans) == (1, None)
    assert "GitHub gave no answer" in printed.err


def test_one_that_github_can_not_tell_whole_is_refused_alone(reviews):
    """A diff that is too large is nobody else's trouble."""
    large = reviews.merged("a")
    reviews.github.turn(60)
    other = reviews.merged("b", "two")
    reviews.github.fault(path=f"/pulls/{large}/files", status=422, message="this diff is taking too long")
    printed, plans = reviews.approved()
    assert plans == [reviews.planned.texts["two"]]
    assert told(printed, "refused", large, "422 this diff is taking too long")
    assert told(printed, "taken", other, "")


def test_a_full_page_that_names_no_other_is_not_taken_for_the_last(reviews):
    """What is on the way may drop headers: a workflow is then found among the files all the same."""
    number = reviews.merged(files=[*(f"jobs/{count}.yaml" for count in range(100)), REVIEW])
    page = [{"filename": f"jobs/{count}.yaml"} for count in range(100)]
    reviews.github.fault(path="/files", status=200, body=json.dumps(page))
    assert refused(reviews, number, "it touches .github")
    assert [one["query"]["page"] for one in reviews.github.asked(path="/files")] == ["1", "2"]


def test_a_redirect_is_not_followed(reviews):
    reviews.merged()
    reviews.github.fault(path="/files", status=301, headers={"location": "http://127.0.0.1:1/x"})
    printed, plans = reviews.approved()
    assert (printed.code, plans) == (1, None)
    assert "redirect" in printed.err


def test_the_folder_is_new_or_empty(reviews):
    folder = reviews.folder / "approvals"
    folder.mkdir()
    number = reviews.merged()
    assert taken(reviews, number)
    printed, plans = reviews.approved()
    assert (printed.code, len(plans)) == (1, 1)
    assert "is not empty" in printed.err


@pytest.mark.parametrize("make", [lambda path: path.write_text("x"), lambda path: path.symlink_to("/tmp")])  # noqa: S108
def test_what_is_in_the_place_of_the_folder_stays(reviews, make):
    make(reviews.folder / "approvals")
    reviews.merged()
    printed = reviews.run(
        "approved", str(reviews.planned.root), "-e", "prod", "--out", str(reviews.folder / "approvals")
    )
    assert printed.code == 1
    assert reviews.github.requests == []


def pending(reviews, name, tmp_path):
    """The plan of now, as JSON."""
    file = tmp_path / "now.json"
    file.write_text(json.dumps(json.loads(reviews.planned.texts[name])["plan"]), "utf-8")
    return str(file)


@pytest.mark.parametrize("as_json", [True, False])
def test_the_search_ends_once_all_that_is_to_come_is_approved(reviews, tmp_path, as_json):
    reviews.merged("old", "two")
    reviews.github.turn(60)
    newest = reviews.merged("new", "one")
    now = pending(reviews, "one", tmp_path) if as_json else reviews.plan("one")
    printed, plans = reviews.approved("--for", now)
    assert plans == [reviews.planned.texts["one"]]
    assert told(printed, "taken", newest, "")
    assert "older pull requests were not looked at" in printed.out


def test_it_goes_on_for_what_the_newest_do_not_approve(reviews):
    old = reviews.merged("old", "two")
    reviews.github.turn(60)
    new = reviews.merged("new", "one")
    printed, plans = reviews.approved("--for", reviews.plan("two"))
    assert told(printed, "taken", old, "")
    assert told(printed, "taken", new, "")
    assert len(plans) == 2


def test_what_approves_nothing_that_is_to_come_is_not_taken(reviews):
    first = reviews.merged("a", "one")
    reviews.github.turn(60)
    second = reviews.merged("b", "one")
    printed, plans = reviews.approved("--for", reviews.plan("two"))
    assert told(printed, "taken", second, "")
    assert told(printed, "not needed", first, "nothing of its plan is still to come")
    assert len(plans) == 1


def test_the_most_that_is_asked(reviews):
    """A thousand merged pull requests with a plan each: only what is still to come is asked about."""
    for number in range(1_000):
        reviews.github.open_pull(f"branch-{number}", files=["jobs/train.yaml"])
        reviews.review(number + 1, upload=False)
        run = reviews.github.state["runs"][str(number + 1)]
        text = reviews.planned.texts["two" if number == 999 else "one"].decode()
        reviews.github.upload(run["id"], NAME, {"plan.json": text})
        if number != 999:
            reviews.github.merge(number + 1)
    reviews.github.turn(60)
    reviews.say(reviews.github.state["pulls"]["1000"]["sha"], "two")
    reviews.github.merge(1_000)
    reviews.github.limit(5_000, limit=5_000)
    printed, plans = reviews.approved("--for", reviews.plan("two"))
    assert (printed.code, plans) == (0, [reviews.planned.texts["two"]])
    assert len(reviews.github.asked()) == 19  # 10 pages of artefacts, 1 of pull requests, 1 + 7 else
    assert "19 requests to GitHub" in printed.out


@pytest.mark.parametrize(
    "workflow", ["review.yml", ".github/workflows/", ".github/workflows/../x.yml", "../x.yml"]
)
def test_what_is_no_workflow(reviews, workflow):
    printed, plans = reviews.approved("--workflow", workflow)
    assert (printed.code, plans, reviews.github.requests) == (64, None, [])


def test_without_a_token(reviews):
    printed, plans = reviews.approved(GITHUB_TOKEN="")
    assert (printed.code, plans) == (64, None)
    assert "GITHUB_TOKEN" in printed.err


def test_with_a_token_that_is_not_valid(reviews):
    printed, plans = reviews.approved(GITHUB_TOKEN="ghs_wrong")
    assert (printed.code, plans) == (1, None)
    assert "401 Bad credentials" in printed.err
    assert "ghs_wrong" not in printed.err


def test_nothing_is_left_of_a_folder_that_can_not_be_written(reviews):
    reviews.merged()
    (reviews.folder / "ro").mkdir()
    Path(reviews.folder / "ro").chmod(0o555)
    out = reviews.folder / "ro" / "approvals"
    printed = reviews.run("approved", str(reviews.planned.root), "-e", "prod", "--out", str(out))
    if os.geteuid():
        assert printed.code == 1
        assert list((reviews.folder / "ro").iterdir()) == []


def test_what_strangers_wrote_is_shown_as_text(reviews):
    """The name of a file is as hostile as its author."""
    hostile = ".github/\x1b[2J\u202e\n::error::x\n##[error]x"
    number = reviews.merged(files=[hostile])
    elsewhere = reviews.merged("b", base="\u202ex")
    printed, plans = reviews.approved()
    assert (printed.code, plans) == (0, [])
    assert told(
        printed, "refused", number, r"it touches .github/\u001b[2J\u202e\n::error::x\n##\u005berror]x"
    )
    assert told(printed, "refused", elsewhere, r"merged into \u202ex")
    assert not any(line.startswith("::") for line in printed.out.splitlines())


def test_the_same_in_json_and_in_markdown(reviews, tmp_path):
    taken_one, fork = reviews.merged("a"), reviews.merged("b", fork="mallory/jobs")
    for head in "cd":
        reviews.github.merge(reviews.github.open_pull(head))
    page = tmp_path / "summary.md"
    printed, plans = reviews.approved("-o", "json", "-o", f"markdown={page}")
    document = json.loads(printed.out)
    found = {one["number"]: one for one in document["pull_requests"]}
    assert (len(plans), document["summary"]["taken"], document["complete"]) == (1, 1, True)
    assert found[taken_one]["hash"] == reviews.planned.hash_of("one")
    assert (reviews.folder / "approvals" / found[taken_one]["file"]).exists()
    assert (found[fork]["verdict"], found[fork]["file"]) == ("refused", None)
    text = page.read_text("utf-8")
    assert "### dlcapply approvals for `vision/prod`" in text
    assert f"| missing | #{fork + 2}, #{fork + 1} |" in text
    Draft202012Validator(json.loads(schema_texts()["approved"])).validate(document)


def test_an_error_is_json_where_json_is_asked_for(reviews):
    printed, _ = reviews.approved("-o", "json", GITHUB_TOKEN="")
    assert json.loads(printed.out)["error"]["exit_code"] == 64
