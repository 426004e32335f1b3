"""TensorBoards of a run, started and stopped: never two for one run, and nothing where it can't be known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.api.inspecting.run_heads import head_of
from dlcapply.cloud import tensorboards
from dlcapply.errors import DlcapplyError, FailureKind, ServiceError, UsageError
from dlcapply.rendering.rows.inspection import TensorboardDone, TensorboardStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.runs.named import NamedRun
    from dlcapply.model.runs import Run
    from dlcapply.model.tensorboards import Tensorboard

CREATE, START, STOP, NOTHING = "create", "start", "stop", "nothing"
# How long one that is forgotten costs.
DEFAULT_MINUTES = 240
_LOOKS = 5
_PAUSE = 2.0


def step_to_start(
    manifests: Manifests,
    service: Service,
    named: NamedRun,
    *,
    summary_path: str = "",
    minutes: int | None = None,
) -> TensorboardStep:
    """What makes the run have one TensorBoard that runs; `summary_path` is where its summaries are.

    A new one stops by itself after so many `minutes`, DEFAULT_MINUTES unless said otherwise. One that runs is
    left alone, one that was stopped is started, and only where there is none another is created. Raises
    DlcapplyError where that can't be told, or where to look is not known, ServiceError where PAI does not
    list them all.
    """
    head, found = head_of(manifests, service, named), _of(manifests, service, named)
    active = tuple(one for one in found if one.is_active)
    if unclear := [one for one in found if not (one.is_active or one.is_stopped)]:
        what = f"TensorBoard {unclear[0].tensorboard_id} is {unclear[0].status or 'in no known status'}"
        raise DlcapplyError(f"{what}: nothing is started beside it", hint="look at it in PAI's console")
    if active:
        if summary_path not in {"", active[0].summary_path}:
            what = f"TensorBoard {active[0].tensorboard_id} runs already, and shows {active[0].summary_path}"
            raise DlcapplyError(what, hint="stop it first: --tensorboard stop")
        return TensorboardStep(head, NOTHING, active, minutes=minutes)
    stopped = [one for one in found if summary_path in {"", one.summary_path}]
    if stopped:
        return TensorboardStep(head, START, (stopped[0],), minutes=minutes)
    if not summary_path:
        raise UsageError(
            f"{named.name} has no TensorBoard yet: where does the run write its summaries?",
            hint=_example(named.run),
        )
    return TensorboardStep(head, CREATE, (), summary_path, minutes or DEFAULT_MINUTES)


def step_to_stop(manifests: Manifests, service: Service, named: NamedRun) -> TensorboardStep:
    """What makes the run have no TensorBoard that runs; raises ServiceError where not all are listed."""
    found = tuple(one for one in _of(manifests, service, named) if not one.is_stopped)
    return TensorboardStep(head_of(manifests, service, named), STOP if found else NOTHING, found)


def carried_out(
    manifests: Manifests, service: Service, named: NamedRun, step: TensorboardStep
) -> TensorboardDone:
    """What became of the step, read back; each call is sent once.

    Raises ServiceError where one was refused, or nobody knows whether a TensorBoard was created.
    """
    if step.action in {CREATE, START}:
        _refuse_a_second(_of(manifests, service, named), step)
    notes = _created(manifests, service, named, step) if step.action == CREATE else ()
    for one in step.tensorboards if step.action == START else ():
        _start(manifests, service, named, one)
    for one in step.tensorboards if step.action == STOP else ():
        _stop(manifests, service, named, one)
    found = _of(manifests, service, named)
    return TensorboardDone(step, found, (*notes, *_told(step, found)))


def _refuse_a_second(found: tuple[Tensorboard, ...], step: TensorboardStep) -> None:
    """Raises DlcapplyError where others came since the step was thought of, as while somebody was asked."""
    known = {one.tensorboard_id for one in step.tensorboards}
    others = [one.tensorboard_id for one in found if not (one.is_stopped or one.tensorboard_id in known)]
    if others:
        hint = "the same command again shows what there is to do now"
        raise DlcapplyError(f"TensorBoard {others[0]} came meanwhile: nothing is started", hint=hint)


def _of(manifests: Manifests, service: Service, named: NamedRun) -> tuple[Tensorboard, ...]:
    workspace_id = manifests.environment.workspace_id
    return tensorboards.tensorboards_of(service.connection, workspace_id, named.run.job_id)


def _created(
    manifests: Manifests, service: Service, named: NamedRun, step: TensorboardStep
) -> tuple[str, ...]:
    """There is another TensorBoard of the run, whether or not the answer came, and what to know of that.

    PAI makes as many as it is asked for: of two that were made at once the older one stays.
    """
    before = {one.tensorboard_id for one in _of(manifests, service, named)}
    try:
        made = tensorboards.create(
            service.connection,
            manifests.environment.workspace_id,
            named.run.job_id,
            name=named.run.name,
            summary_path=step.summary_path,
            minutes=step.minutes or DEFAULT_MINUTES,
        )
    except ServiceError as error:
        if error.kind is not FailureKind.AMBIGUOUS or not _appeared(manifests, service, named, before):
            error.hint = error.hint if error.kind is not FailureKind.AMBIGUOUS else _UNKNOWN
            raise
        return ()
    return _without_a_second(manifests, service, named, made)


def _without_a_second(manifests: Manifests, service: Service, named: NamedRun, made: str) -> tuple[str, ...]:
    """Who created it looks twice: one of the same second may be listed only then."""
    for pause in (0.0, _PAUSE):
        service.clock.sleep(pause)
        active = {one.tensorboard_id: one for one in _of(manifests, service, named) if one.is_active}
        oldest = min(active.values(), key=lambda one: (one.created, one.tensorboard_id), default=None)
        if oldest and made in active and oldest.tensorboard_id != made:
            _stop(manifests, service, named, active[made])
            return (f"{oldest.tensorboard_id} was made at the same time and stays; {made} was stopped again",)
    return ()


_UNKNOWN = "whether it was made is not known: look with dlcapply open before you start another"


def _appeared(manifests: Manifests, service: Service, named: NamedRun, before: set[str]) -> bool:
    for _ in range(_LOOKS):
        if {one.tensorboard_id for one in _of(manifests, service, named)} - before:
            return True
        service.clock.sleep(_PAUSE)
    return False


def _start(manifests: Manifests, service: Service, named: NamedRun, one: Tensorboard) -> None:
    """It goes on, perhaps started by somebody else at the same time, or by a call whose answer is lost."""
    try:
        workspace_id = manifests.environment.workspace_id
        tensorboards.start(service.connection, workspace_id, one.tensorboard_id)
    except ServiceError:
        since = {found.tensorboard_id: found for found in _of(manifests, service, named)}
        if one.tensorboard_id not in since or not since[one.tensorboard_id].is_active:
            raise


def _stop(manifests: Manifests, service: Service, named: NamedRun, one: Tensorboard) -> None:
    """It is stopped, perhaps by somebody else at the same time."""
    try:
        workspace_id = manifests.environment.workspace_id
        tensorboards.stop(service.connection, workspace_id, one.tensorboard_id)
    except ServiceError:
        since = {found.tensorboard_id: found for found in _of(manifests, service, named)}
        if one.tensorboard_id in since and not since[one.tensorboard_id].is_stopped:
            raise


def _told(step: TensorboardStep, found: tuple[Tensorboard, ...]) -> Iterator[str]:
    """What the one who asked should know, of what PAI shows since."""
    active = [one.tensorboard_id for one in found if one.is_active]
    if step.action in {CREATE, START} and not active:
        yield "PAI took the call, and shows none that runs yet"
    if step.minutes and step.action in {START, NOTHING}:
        yield "--for is of a new TensorBoard: this one keeps the time that it has"
    if step.action != STOP and (endless := [one.tensorboard_id for one in found if one.is_endless]):
        yield f"PAI does not say that {', '.join(endless)} stops by itself: --tensorboard stop does it"
    if len(active) > 1:
        yield f"{len(active)} run at once, and each may cost: {', '.join(active)}"
    if step.action == STOP and active:
        yield f"PAI took the call, and still shows {', '.join(active)} running"


def _example(run: Run) -> str:
    """How to say where the summaries are, in a folder that the run mounts if it does."""
    sources = run.body.get("DataSources")
    mounts = (
        [one.get("MountPath") for one in sources if isinstance(one, dict)]
        if isinstance(sources, list)
        else []
    )
    path = next(
        (one for one in mounts if isinstance(one, str) and one.startswith("/")), "oss://BUCKET.ENDPOINT/"
    )
    return f"--summary-path DIR, such as {path.rstrip('/')}/logs"
