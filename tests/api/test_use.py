"""The use cases from Python: values in, values out."""

from __future__ import annotations

import pytest

import dlcapply
from dlcapply.api.options import MILESTONES, VIEWS
from dlcapply.model.jobs import View
from dlcapply.operating.following import Milestone


class Told:
    """A progress that keeps what it is told."""

    def __init__(self):
        self.outcomes, self.statuses, self.troubles = [], [], []

    def outcome(self, outcome):
        self.outcomes.append((outcome.name, outcome.result.value))

    def status(self, waited):
        self.statuses.append((waited.name, waited.run.status))

    def trouble(self, waited):
        self.troubles.append(waited.name)


def applied(clock, *paths, consent=lambda _: True, environ=None, **options):
    manifests = dlcapply.load(*paths, environ=environ or {})
    with dlcapply.connect(manifests, clock=clock) as service:
        return dlcapply.apply(manifests, service, consent=consent, **options)


def test_nothing_is_done_without_consent_to_the_plan_that_would_be_done(project, clock):
    project.job("a")
    seen = []
    with pytest.raises(dlcapply.DlcapplyError, match="the answer was no"):
        applied(clock, consent=seen.append)
    assert [(one.name, one.action.value) for plan in seen for one in plan.changes] == [("a", "create")]
    assert project.writes == []


def test_what_was_agreed_to_is_carried_out_told_and_followed(project, clock):
    project.job("short")
    project.job("b")
    told = Told()
    done = applied(clock, progress=told, parallelism=1, wait="running", wait_timeout=3600)
    assert [(one.name, one.result) for one in done.outcomes] == [
        ("b", dlcapply.Result.CREATED),
        ("short", dlcapply.Result.CREATED),
    ]
    assert sorted(told.outcomes) == [("b", "created"), ("short", "created")]
    assert {(one.name, one.reached) for one in done.waited} == {("b", True), ("short", True)}
    assert {name for name, _ in told.statuses} == {"b", "short"}
    assert told.troubles == []


def test_no_question_is_asked_where_there_is_nothing_to_do(project, clock):
    project.job("a")
    applied(clock)
    asked = []
    done = applied(clock, consent=asked.append)
    assert [(one.name, one.result) for one in done.outcomes] == [("a", dlcapply.Result.UNCHANGED)]
    assert asked == []
    assert project.writes == ["CreateJob"]


@pytest.mark.parametrize("expect", ["0" * 64, "not a digest"])
def test_another_plan_than_the_expected_one_is_stale(project, clock, expect):
    project.job("a")
    with pytest.raises(dlcapply.StaleError, match="not the approved one"):
        applied(clock, expect=expect)
    assert project.writes == []


def test_a_limit_refuses_before_anybody_is_asked(project, clock):
    project.configure(", limits: {creates: 1}")
    project.job("a")
    project.job("b")
    asked = []
    with pytest.raises(dlcapply.DeniedError, match="limit"):
        applied(clock, consent=asked.append)
    assert (asked, project.writes) == ([], [])


def test_a_variable_that_the_given_environment_lacks_is_refused(project, clock, monkeypatch):
    monkeypatch.setenv("KEY", "of the process, which was not asked")
    project.job("a", "metadata: {name: a}", "metadata: {name: a}\nenvFrom: [{name: KEY, fromEnv: KEY}]")
    with pytest.raises(dlcapply.DlcapplyError, match="KEY"):
        applied(clock, environ={"OTHER": "x"})
    assert project.writes == []
    done = applied(clock, environ={"KEY": "sesame"})
    assert [one.result for one in done.outcomes] == [dlcapply.Result.CREATED]
    assert project.emulator.jobs()[0]["Envs"]["KEY"] == "sesame"
    assert "sesame" not in repr(dlcapply.load(environ={"KEY": "sesame"}))


def test_without_a_project_apply_needs_an_owner(project, clock, tmp_path):
    project.job("a")
    (tmp_path / "dlcapply.yaml").unlink()
    target = {"region": "cn-hangzhou", "workspace": "1001", "endpoint": f"http://{project.emulator.endpoint}"}
    manifests = dlcapply.load("jobs", environ={}, **target)
    with dlcapply.connect(manifests, clock=clock) as service:
        with pytest.raises(dlcapply.UsageError, match="owner"):
            dlcapply.apply(manifests, service, consent=lambda _: True)
        with pytest.raises(dlcapply.UsageError, match="project"):
            dlcapply.plan(manifests, service, prune=True)


def test_manifests_with_errors_are_not_loaded_and_validate_says_why(project):
    project.job("a", "PodCount: 1", "PodCount: none")
    with pytest.raises(dlcapply.InvalidManifestsError) as raised:
        dlcapply.load(environ={})
    found = dlcapply.validate(environ={})
    assert found.findings == raised.value.findings
    assert [(one.level, one.place.file) for one in found.findings] == [(dlcapply.Level.ERROR, "jobs/a.yaml")]
    assert (found.files, found.documents) == (1, 1)
    assert str(raised.value).startswith("the manifests are not valid\n  jobs/a.yaml:11: error[")
    with pytest.raises(dlcapply.NoManifestsError):
        dlcapply.load(select="nothing", environ={})


def test_one_text_is_one_word(project):
    project.job("a")
    project.job("b")
    assert [job.name for job in dlcapply.load(select="b", environ={}).jobs] == ["b"]
    assert [job.name for job in dlcapply.load(project.folder / "jobs" / "a.yaml", environ={}).jobs] == ["a"]


def test_a_saved_plan_is_read_back_as_it_was(project, clock):
    project.job("a")
    manifests = dlcapply.load(environ={})
    with dlcapply.connect(manifests, clock=clock) as service:
        plan = dlcapply.plan(manifests, service)
    dlcapply.save_plan(plan, "plan.json", manifests, now=clock.now())
    assert dlcapply.plan_document(dlcapply.open_plan("plan.json").plan) == dlcapply.plan_document(plan)
    assert [one.result for one in applied(clock, approved="plan.json").outcomes] == [dlcapply.Result.CREATED]


def test_what_approves_nothing_is_noted(project, clock):
    project.job("a")
    project.write("none.json", "{}")
    (project.folder / "plans").mkdir()
    notes = []
    done = applied(clock, approved="plans", note=notes.append)
    assert [one.result for one in done.outcomes] == [dlcapply.Result.NOT_APPROVED]
    assert notes == ["no approval holds: plans; there is no file named *.json"]


def test_a_status_is_a_row_for_each_job(project, clock):
    project.job("a")
    project.job("b")
    applied(clock, "jobs/a.yaml")
    manifests = dlcapply.load(environ={})
    with dlcapply.connect(manifests, clock=clock) as service:
        assert [(row.name, row.in_sync) for row in dlcapply.status(manifests, service)] == [
            ("a", True),
            ("b", False),
        ]
        (row,) = dlcapply.status(manifests, service, "b")
        assert (row.name, row.status) == ("b", "no run")
        with pytest.raises(dlcapply.UsageError, match="c"):
            dlcapply.status(manifests, service, "c")
        (op,) = {entry.body["Settings"]["Tags"]["dlcapply-op"] for entry in project.emulator.writes}
        assert [row.name for row in dlcapply.status(manifests, service, op=op)] == ["a"]


def test_a_run_is_adopted_and_released_by_a_claim(project, clock):
    project.job("a")
    (job_id,) = project.emulator.seed({"DisplayName": "a", "JobType": "PyTorchJob", "JobSpecs": []})
    manifests = dlcapply.load(environ={})
    with dlcapply.connect(manifests, clock=clock) as service:
        claimed = dlcapply.adopt(manifests, service, "a")
        assert (claimed.run.job_id, claimed.file) == (job_id, "dlcapply.claims.yaml")
        with pytest.raises(dlcapply.UsageError, match="no manifest declares b"):
            dlcapply.adopt(manifests, service, "b")
    again = dlcapply.load(environ={})
    with dlcapply.connect(again, clock=clock) as service:
        assert dlcapply.release(again, service, "a").run.job_id == job_id
    assert project.writes == []


@pytest.mark.parametrize(
    ("function", "others", "misspelt"),
    [
        (dlcapply.load, 0, "enviroment"),
        (dlcapply.validate, 0, "selct"),
        (dlcapply.connect, 1, "timeout"),
        (dlcapply.plan, 2, "prnue"),
        (dlcapply.apply, 2, "exepct"),
        (dlcapply.status, 2, "operation"),
        (dlcapply.adopt, 2, "jobid"),
        (dlcapply.release, 2, "jobid"),
        (dlcapply.save_plan, 2, "expires"),
    ],
)
def test_a_misspelt_option_is_never_passed_over(project, clock, function, others, misspelt):
    project.job("a")
    manifests = dlcapply.load(environ={})
    with dlcapply.connect(manifests, clock=clock) as service, pytest.raises(TypeError, match=misspelt):
        function(*(manifests, service)[:others], **{misspelt: "x"})
    assert project.writes == []


@pytest.mark.parametrize(
    "options",
    [
        {"expect": ""},
        {"approved": []},
        {"approved": ""},
        {"approved": [""]},
        {"approved": "plans", "expect": "0" * 64},
        {"wait": "perhaps"},
        {"wait": True},
        {"wait": "running", "wait_timeout": "10s"},
        {"wait_timeout": -1},
        {"settle": "10s"},
        {"settle": float("nan")},
        {"parallelism": 0},
        {"parallelism": "8"},
        {"parallelism": True},
        {"allow_stops": -1},
        {"allow_stops": "1"},
        {"allow_stops": 1.0},
        {"prune": "no"},
        {"fail_fast": "no"},
        {"allow_replace": [""]},
    ],
)
def test_what_means_nothing_is_refused_before_anything_is_asked_or_written(project, clock, options):
    project.job("a")
    asked = []
    with pytest.raises(dlcapply.UsageError):
        applied(clock, consent=asked.append, **options)
    assert (asked, project.writes) == ([], [])


@pytest.mark.parametrize(
    "options",
    [
        {"environment": ""},
        {"select": []},
        {"select": ""},
        {"owner": 5},
        {"view": "everything"},
        {"variables": {"x": True}},
        {"variables": {"x=y": "z"}},
        {"variables": {"": "z"}},
        {"variable_files": [""]},
    ],
)
def test_an_empty_choice_is_not_a_choice_of_everything(project, options):
    project.job("a")
    with pytest.raises(dlcapply.UsageError):
        dlcapply.load(environ={}, **options)


@pytest.mark.parametrize("answer", [False, None, "yes", 1])
def test_only_true_is_a_consent(project, clock, answer):
    project.job("a")
    with pytest.raises(dlcapply.DlcapplyError, match="the answer was no"):
        applied(clock, consent=lambda _: answer)
    assert project.writes == []


def test_a_progress_that_fails_stops_nothing_and_is_given_back(project, clock):
    class Broken(Told):
        def outcome(self, outcome):
            super().outcome(outcome)
            raise RuntimeError("of the caller")

    for name in "abc":
        project.job(name)
    told = Broken()
    done = applied(clock, progress=told, parallelism=1)
    assert [one.result for one in done.outcomes] == [dlcapply.Result.CREATED] * 3
    assert str(done.progress_error) == "of the caller"
    assert len(told.outcomes) == 1


def test_a_saved_plan_is_applied_while_it_still_is_the_plan(project, clock):
    project.job("a")
    manifests = dlcapply.load(environ={})
    with dlcapply.connect(manifests, clock=clock) as service:
        dlcapply.save_plan(dlcapply.plan(manifests, service), "plan.json", manifests, now=clock.now())
    saved = dlcapply.open_plan(project.folder / "plan.json")
    with pytest.raises(dlcapply.UsageError, match="no options of a plan"):
        applied(clock, saved=saved, prune=True)
    assert [one.result for one in applied(clock, saved=saved).outcomes] == [dlcapply.Result.CREATED]
    with pytest.raises(dlcapply.StaleError, match="no longer"):
        applied(clock, saved=saved)
    clock.sleep(86_400)
    with pytest.raises(dlcapply.StaleError, match="expired"):
        applied(clock, saved=saved)
    assert project.writes == ["CreateJob"]


def test_an_operation_has_no_names_beside_it(project, clock):
    project.job("a")
    manifests = dlcapply.load(environ={})
    with (
        dlcapply.connect(manifests, clock=clock) as service,
        pytest.raises(dlcapply.UsageError, match="both"),
    ):
        dlcapply.status(manifests, service, "a", op="0" * 32)


def test_the_words_of_options_are_those_of_what_they_choose():
    assert tuple(Milestone) == MILESTONES
    assert tuple(View) == VIEWS


def test_why_and_history_tell_what_became_of_a_job(project, clock):
    project.job("short", "python train.py", "exit 3")
    applied(clock)
    project.emulator.turn(3600)
    manifests = dlcapply.load(environ={})
    with dlcapply.connect(manifests, clock=clock) as service:
        told = dlcapply.why(manifests, service, "short")
        past = dlcapply.history(manifests, service, "short")
    (row,) = past.rows
    assert (told.diagnosis.is_well, told.diagnosis.exit_code, told.job_id) == (False, 3, row.job_id)
    assert (row.status, row.run_seconds, past.is_all) == ("Failed", 3, True)
    with dlcapply.connect(manifests, clock=clock) as service, pytest.raises(dlcapply.DlcapplyError):
        dlcapply.why(manifests, service, "other")
