"""From run to run: what differs in what was sent, told apart by what it can change, never a secret."""

import json

from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.plans import FieldKind
from dlcapply.model.runs import Run
from dlcapply.planning.run_changes import CIRCUMSTANCE, NOTE, RESULT, RunChanges, needs_detail, run_changes
from tests.builders import a_job, a_run, a_spec, without_marks


def changed(before, after, **others):
    found = run_changes(a_run(before, number=1), a_run(after, "Failed", number=2), **others)
    return found, {change.path: (change.before, change.after, change.behaviour) for change in found.fields}


def test_what_became_of_runs_is_no_change():
    job = a_job()
    left = a_run(
        job, "Failed", number=1, GmtFinishTime="2026-11-01T00:00:00Z", ReasonCode="JobFailed", Pods=[1]
    )
    right = a_run(job, number=2, Duration=17, UserId="7", RestartTimes="1")
    assert run_changes(left, right) == RunChanges((), same_spec=True, same_token=True)


def test_changes_are_told_apart_by_what_they_can_change():
    before = a_job(Settings={"Tags": {"team": "a"}})
    after = a_job(
        Settings={"Tags": {"team": "b"}}, JobMaxRunningTimeMinutes=90, Envs={"LR": "3e-4", "NEW": "x"}
    )
    found, fields = changed(before, after)
    assert found.same_spec is False
    assert [change.behaviour for change in found.fields] == [RESULT, RESULT, CIRCUMSTANCE, NOTE]
    assert fields == {
        "Envs.LR": ("1e-4", "3e-4", RESULT),
        "Envs.NEW": (None, "x", RESULT),
        "JobMaxRunningTimeMinutes": (60, 90, CIRCUMSTANCE),
        "Settings.Tags.team": ("a", "b", NOTE),
    }


def test_roles_are_compared_by_type_and_removals_show():
    role = a_spec()["JobSpecs"][0]
    before = a_job(JobSpecs=[role, {**role, "Type": "Master", "PodCount": 1}], ThirdpartyLibDir="/mnt/x")
    after = a_job(JobSpecs=[{**role, "PodCount": 4}])
    _, fields = changed(before, after)
    assert fields["JobSpecs[Worker].PodCount"][:2] == (2, 4)
    assert fields["JobSpecs[Master]"][1] is None
    assert fields["ThirdpartyLibDir"] == ("/mnt/x", None, RESULT)


def test_a_secret_that_changed_is_masked_on_both_sides():
    before = a_job(Envs={"API_KEY": "s3cr3t-one-0001", "HOOK": "plain"})
    after = a_job(Envs={"API_KEY": "s3cr3t-two-0002", "HOOK": "now hidden-text"})
    found, _ = changed(before, after, hidden=("hidden-text",))
    told = json.dumps([[one.before, one.after] for one in found.fields])
    assert "s3cr3t" not in told
    assert "hidden-text" not in told
    assert len(found.fields) == 2


def test_what_only_the_marks_tell_is_named():
    # The builder's runs show everything; PAI never reads this field back.
    left, right = (a_run(a_job(Options=text), number=at) for at, text in enumerate(["a=1", "a=2"], 1))
    for run in (left, right):
        del run.body["Options"]
    found = run_changes(left, right)
    (change,) = found.fields
    assert (change.path, change.kind) == ("fields that are never read back", FieldKind.UNREADABLE)
    assert needs_detail(found)


def test_runs_without_marks_are_compared_by_what_is_shown():
    left, right = (without_marks(a_run(a_job(Envs={"LR": text}))) for text in ("1", "2"))
    found = run_changes(left, right)
    assert (found.same_spec, found.same_token) == (None, None)
    assert [change.path for change in found.fields] == ["Envs.LR"]


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["Envs", "JobSpecs", "Settings", "DataSources", "UserCommand", "CodeSource"])


@given(st.dictionaries(KEYS, ODD), st.dictionaries(KEYS, ODD))
def test_whatever_an_answer_holds_there_is_a_comparison(left, right):
    for body in (left, right):
        body["Settings"] = {
            "AdvancedSettings": body.get("Settings")
        }  # odd tags are refused where runs are read
    older, newer = (Run("dlc1", "train", "Failed", "2026-11-01T00:00:00Z", body) for body in (left, right))
    found = run_changes(older, newer)
    assert (found.same_spec, found.same_token) == (None, None)
    assert run_changes(older, older).fields == ()
