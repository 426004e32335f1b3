"""Every cause gets its verdict, in every wording, and no other verdict at any moment: no false ones."""

from __future__ import annotations

import pytest

from dlcapply.api.connect import connect
from dlcapply.api.diagnosis.diagnosing import diagnosed
from dlcapply.api.load import load_for_runs
from dlcapply.api.options import TargetOptions
from dlcapply.api.runs.named import NamedRun
from dlcapply.diagnosis.diagnose import diagnose
from dlcapply.diagnosis.verdicts import WELL, Code
from dlcapply.emulator import KEY_ID, USERS
from dlcapply.emulator.jobs.causes.last_words import last_words
from dlcapply.emulator.jobs.causes.outcomes import OUTCOMES
from dlcapply.emulator.jobs.causes.pod_events import pod_events
from dlcapply.emulator.jobs.causes.scene import Scene
from dlcapply.model.runs import Ownership
from tests.diagnosis.builders import facts
from tests.diagnosis.scenes import (
    ALSO,
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

pytestmark = pytest.mark.sweep

STRANGER = Ownership.UNMARKED


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """All scenes at once; gives the verdicts about some of them, through the service's real answers."""
    monkeypatch.chdir(tmp_path)
    environ = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": USERS[KEY_ID].secret,
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with emulator() as service:
        all_of_them = [*all_scenes(), *ALSO]
        scenes = dict(zip(all_of_them, service.seed(*(job(*scene) for scene in all_of_them)), strict=True))
        target = TargetOptions(region="cn-hangzhou", workspace="1001", endpoint=service.endpoint)
        manifests = load_for_runs(target, environ)
        with connect(manifests) as connection:

            def verdicts(wordings, others=()):
                chosen = {
                    job_id: scene
                    for scene, job_id in scenes.items()
                    if scene in others or (scene[1] in wordings and scene[0] in ENDS)
                }
                return {
                    chosen[run.job_id]: diagnosed(
                        manifests, connection, NamedRun(run.name, run, None, STRANGER)
                    )
                    for run in connection.jobs.runs_by_id(chosen)
                }

            connection.jobs.stop(scenes["stuck", 2])
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
    found = verdicts(WORDINGS, ALSO)
    assert len(found) == len(ENDS) * len(WORDINGS) + len(ALSO)
    assert wrong(found, lambda *scene: {ALSO.get(scene) or end_of(*scene)}) == {}
    for scene, verdict in found.items():
        assert verdict.evidence, scene
        assert verdict.not_seen == (), scene
        assert verdict.is_well == (verdict.code in WELL)
        assert verdict.next_steps or verdict.is_well or verdict.code is Code.STOPPED_BY_PERSON, scene


def test_what_is_shown_in_one_wording_is_known_in_all():
    """Those of programs, straight from the emulator's words."""
    for cause, code in {cause: code for (cause, _), code in ALSO.items()}.items():
        outcome = OUTCOMES[cause]
        for variant in WORDINGS if outcome.exit_code else ():
            scene = Scene(cause, variant, ("dlc1-master-0",), 0, 0, "python train.py", "a:1", "node-1")
            ended = facts(
                message=outcome.reason(variant)[1].format(pod=scene.pod),
                logs={"master-0": last_words(scene)},
                events={"master-0": [one.text(variant) for one in pod_events(scene, outcome.exit_code)]},
            )
            assert diagnose(ended).code is code, (cause, variant)


def test_every_verdict_has_a_scene():
    shown = {code for codes in ENDS.values() for code in codes} | {*ALSO.values(), *STARTS}
    assert shown == set(Code) - {Code.NO_RUN}  # which no run shows
