"""Looking after runs from Python: what stops or removes them asks, and what means nothing is refused."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

import dlcapply
from dlcapply.emulator import Fault, FaultKind


@contextmanager
def opened(clock, **options):
    manifests = dlcapply.load(environ={}, **options)
    with dlcapply.connect(manifests, clock=clock) as service:
        yield manifests, service


@pytest.fixture
def running(project, clock):
    """A project with a run of `train` under way, and one of `short` that has ended."""
    file = project.folder / "dlcapply.yaml"
    file.write_text(
        file.read_text("utf-8").replace("name: vision", "name: vision, origin: example.com/a"), "utf-8"
    )
    project.job("train")
    project.job("short", "train.py", "other.py")
    with opened(clock) as (manifests, service):
        dlcapply.apply(manifests, service, consent=lambda _: True)
        project.emulator.turn(600)
    return project


@pytest.mark.parametrize("answer", [False, 1])
def test_only_true_stops_or_removes_anything(running, clock, answer):
    seen = []
    with opened(clock) as (manifests, service):
        asked = dlcapply.rerun(manifests, service, "short")
        dlcapply.apply(asked.manifests, service, consent=lambda _: True)
    running.emulator.turn(600)
    with opened(clock) as both:
        with pytest.raises(dlcapply.DlcapplyError, match="not stopped: the answer was no"):
            dlcapply.stop(*both, every=True, consent=lambda shown: seen.append(shown) or answer)
        with pytest.raises(dlcapply.DlcapplyError, match="not removed: the answer was no"):
            dlcapply.cleanup(*both, consent=lambda found: seen.append(found) or answer)
    assert set(running.writes) == {"CreateJob"}
    assert [one.shown.name for one in seen[0].rows] == ["train"]
    assert [(one.job, one.run.status) for one in seen[1].removable] == [("short", "Succeeded")]


def test_what_was_agreed_to_is_stopped_and_what_has_ended_is_not_asked_about(running, clock):
    told = []
    with opened(clock) as both:
        done = dlcapply.stop(*both, "train", consent=lambda _: True, progress=told.append)
        assert [one.result for one in done.outcomes] == [dlcapply.StopResult.STOPPED]
        assert told == list(done.outcomes)
        assert [(row.name, row.starts) for row in done.follows] == [("train", False)]
        assert dlcapply.stop(*both, "train", consent=pytest.fail).outcomes == ()
        (waited,) = dlcapply.wait(*both, "train").runs
        assert (waited.status, waited.failed) == ("Stopped", True)
        assert running.writes.count("StopJob") == 1


def test_a_log_of_which_lines_lack_says_so_behind_its_last_line(running, clock):
    with opened(clock) as both:
        (first, *_) = dlcapply.logs(*both, "short")
        assert (first.name, first.pod, first.text) == ("short", "master-0", "Started: python other.py")
        running.emulator.fault(Fault("GetPodLogs", FaultKind.ERROR, times=None, status=404, code="Gone"))
        lines = dlcapply.logs(*both, "short")
        with pytest.raises(dlcapply.DlcapplyError, match="not all lines could be read of master-0"):
            list(lines)
        assert dlcapply.events(*both, "short", tail=1).rows[0].count == 1


class Reader:
    """A progress that takes lines from its n-th answer on."""

    def __init__(self, takes_from):
        self.left, self.texts, self.notes = takes_from, [], []

    def takes_lines(self):
        self.left -= 1
        return self.left < 0

    def lines(self, lines):
        self.texts += [line.text for line in lines]

    def note(self, text):
        self.notes.append(text)

    def outcome(self, outcome): ...

    def status(self, waited): ...

    def trouble(self, waited): ...


@pytest.mark.usefixtures("running")
def test_lines_wait_for_who_reads_late_and_for_nobody_who_never_does(clock):
    with opened(clock) as both:
        late, never = Reader(20), Reader(10_000)
        dlcapply.wait(*both, "short", logs=True, progress=late)
        assert late.texts == [line.text for line in dlcapply.logs(*both, "short")]
        done = dlcapply.wait(*both, "short", logs=True, progress=never)
        assert (never.texts, done.runs[0].failed, done.progress_error) == ([], False, None)
        assert "its logs were not read to the end; dlcapply logs short --job-id" in never.notes[-1]


@pytest.mark.parametrize(
    "call",
    [
        lambda both: dlcapply.stop(*both, consent=lambda _: True),
        lambda both: dlcapply.stop(*both, "train", every=True, consent=lambda _: True),
        lambda both: dlcapply.stop(*both, "train", every=0, consent=lambda _: True),
        lambda both: dlcapply.stop(*both, "train", grace=9, consent=lambda _: True),
        lambda both: dlcapply.stop(*both, "train", signal="", consent=lambda _: True),
        lambda both: dlcapply.stop(*both, select=[], consent=lambda _: True),
        lambda both: dlcapply.cleanup(*both, older_than="30d"),
        lambda both: dlcapply.cleanup(*both, statuses="Running"),
        lambda both: dlcapply.wait(*both),
        lambda both: dlcapply.wait(*both, "train", until="running", logs=True),
        lambda both: dlcapply.logs(*both, ""),
        lambda both: dlcapply.logs(*both, "train", follow=True, previous=True),
        lambda both: dlcapply.logs(*both, "train", tail=-1),
        lambda both: dlcapply.metrics(*both, "train", names="Watts"),
        lambda both: dlcapply.status(*both, "train", everything=True),
        lambda both: dlcapply.apply(*both, consent=lambda _: True, wait="running", logs=True),
    ],
)
def test_what_means_nothing_is_refused_before_anything_is_done(project, clock, call):
    project.job("train")
    with opened(clock) as both, pytest.raises(dlcapply.UsageError):
        call(both)
    assert project.writes == []


def test_manifests_that_were_selected_among_stop_and_remove_nothing(running, clock):
    with opened(clock, select="train") as both:
        for act in (dlcapply.stop, dlcapply.cleanup):
            with pytest.raises(dlcapply.UsageError, match="needs all manifests"):
                act(*both, "train", consent=lambda _: True)
    assert "StopJob" not in running.writes


def test_a_broken_manifest_hides_no_run_and_is_no_plan(running, clock):
    running.write("jobs/short.yaml", "kind: Job\n")
    with pytest.raises(dlcapply.InvalidManifestsError):
        dlcapply.load(environ={})
    with opened(clock, for_runs=True) as both:
        assert {row.name: row.status for row in dlcapply.status(*both)}["train"] == "Running"
        for act in (dlcapply.plan, dlcapply.apply):
            options = {"consent": lambda _: True} if act is dlcapply.apply else {}
            with pytest.raises(dlcapply.InvalidManifestsError):
                act(*both, **options)
        with pytest.raises(dlcapply.InvalidManifestsError):
            dlcapply.cleanup(*both, consent=lambda _: True)
