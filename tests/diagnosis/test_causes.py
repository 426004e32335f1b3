"""Every cause gets its verdict, in every wording, and no other verdict at any moment: no false ones."""

from __future__ import annotations

import pytest

from dlcapply.api.connect import connect
from dlcapply.api.diagnosis.diagnosing import diagnosed
from dlcapply.api.load import load_for_runs
from dlcapply.api.options import TargetOptions
from dlcapply.api.runs.named import NamedRun
from dlcapply.diagnosis.verdicts import WELL
from dlcapply.emulator import KEY_ID, USERS
from dlcapply.model.runs import Ownership
from tests.diagnosis.scenes import (
    AT_ONCE,
    ENDS,
    LATER,
    MIDWAY,
    NEVER_RUN,
    RUNNING,
    STARTS,
    WORDINGS,
    all_scenes,
    emulator,
    job,
)

pytestmark = pytest.mark.no_cover

STRANGER = Ownership.UNMARKED


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """All scenes at once; gives the verdict about each, through the service's real answers."""
    monkeypatch.chdir(tmp_path)
    environ = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": USERS[KEY_ID].secret,
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with emulator() as service:
        scenes = dict(zip(all_scenes(), service.seed(*(job(*scene) for scene in all_scenes())), strict=True))
        target = TargetOptions(region="cn-hangzhou", workspace="1001", endpoint=service.endpoint)
        manifests = load_for_runs(target, environ)
        with connect(manifests) as connection:

            def verdicts(wordings):
                chosen = {job_id: scene for scene, job_id in scenes.items() if scene[1] in wordings}
                return {
                    chosen[run.job_id]: diagnosed(
                        manifests, connection, NamedRun(run.name, run, None, STRANGER)
                    )
                    for run in connection.jobs.runs_by_id(chosen)
                }

            yield service, verdicts
        assert service.unknown_routes == ()
        assert service.errors == ()


def wrong(found, allowed):
    return {
        scene: (verdict.code, verdict.what)
        for scene, verdict in found.items()
        if verdict.code not in allowed(*scene)
    }


def end_of(cause, wording):
    return ENDS[cause][wording % len(ENDS[cause])]


def midway(cause, wording):
    return {end_of(cause, wording)} if cause in AT_ONCE else NEVER_RUN.get(cause, STARTS)


def test_every_cause_has_its_verdict_and_no_other_at_any_moment(stage):
    service, verdicts = stage
    service.turn(1)
    assert wrong(verdicts([0]), lambda *scene: STARTS | (NEVER_RUN.get(scene[0], set()))) == {}
    service.turn(MIDWAY)
    assert wrong(verdicts([1]), midway) == {}
    service.turn(RUNNING + LATER)
    found = verdicts(WORDINGS)
    assert len(found) == len(ENDS) * len(WORDINGS)
    assert wrong(found, lambda *scene: {end_of(*scene)}) == {}
    for scene, verdict in found.items():
        assert verdict.evidence, scene
        assert verdict.not_seen == (), scene
        assert verdict.is_well == (verdict.code in WELL)
        assert verdict.next_steps or verdict.is_well, scene
