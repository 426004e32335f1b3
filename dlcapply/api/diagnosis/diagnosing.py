"""The verdict about a run: what is known of it, gathered, and judged; told without secrets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.api.command_lines import typed
from dlcapply.api.journals import journal_of, stopped_from_here
from dlcapply.cloud.catalog import spot_offers
from dlcapply.cloud.metrics import metrics_or_monitored
from dlcapply.cloud.pod_texts import job_events, pod_events, pod_logs
from dlcapply.cloud.quotas import quota, workloads
from dlcapply.cloud.sanity import sanity_results
from dlcapply.cloud.wire.redaction import redacted, secret_texts
from dlcapply.diagnosis.diagnose import diagnose
from dlcapply.diagnosis.facts import Look, Looked, Offer, Queue, Said, SanityResult, Source, Utilisation
from dlcapply.diagnosis.reading import facts_of
from dlcapply.errors import DlcapplyError, ServiceError
from dlcapply.model.runs import Phase
from dlcapply.operating.evidence import gather, looked_in_vain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.options import TargetOptions
    from dlcapply.api.runs.named import NamedRun
    from dlcapply.diagnosis.facts import Move
    from dlcapply.diagnosis.verdicts import Diagnosis, Step
    from dlcapply.model.queues import Place, Quota, Workload
    from dlcapply.model.runs import Run
    from dlcapply.model.texts import TextLine

# Of a long line its beginning says who speaks, and its end why.
_LONGEST_LINE, _BEGINNING = 600, 160
_LONGEST_LOG_LINE = 200
_LONGEST_WORD = 100
_DEEPEST = 8
_LONGEST_READ = 6_000
_LONGEST_VERDICT = 1_000
# What works in a run: without accelerators it is the CPUs. So long that a pause between epochs is none.
_METRICS = {"GpuCoreUsage": "accelerators", "CpuCoreUsage": "CPUs"}
_MEASURED = timedelta(minutes=30)
_WITHOUT_NAME = frozenset({"plan", "queue"})


def diagnosed(manifests: Manifests, service: Service, named: NamedRun, *, word: str = "") -> Diagnosis:
    """The verdict about the run, with masks in place of secrets and commands that can be typed.

    `word` is what means this run in them, by default the name of its job; by a job's name nothing is done to
    a stranger's, which its JobId means. What refuses or fails to answer is told in the verdict, and is no
    error.
    """
    run, looked = _detailed(service, named.run)
    region = manifests.environment.region
    facts = replace(facts_of(run, region=region), looked=looked, stopped_by=_stopper(manifests, service, run))
    judged = diagnose(gather(facts, _Sources(service, run, region)))
    masked = _masked(judged, secret_texts(run.body))
    steps = [step for step in masked.next_steps if _is_for(step, named)]
    found = replace(masked, next_steps=tuple(steps))
    means = (word or named.name) if named.is_ours else run.job_id
    return with_commands(found, manifests.target, means, job=named.name, waits_for=run.job_id)


def _detailed(service: Service, run: Run) -> tuple[Run, tuple[Looked, ...]]:
    """The run as GetJob shows it; as it was listed, where GetJob gives no answer."""
    try:
        detailed = service.jobs.detail(run)
    except ServiceError as error:
        return run, (looked_in_vain(Source.STATUS, error),)
    return detailed, (Looked(Source.STATUS, Look.SEEN),)


def told(error: DlcapplyError) -> str:
    """The error and what to do about it, on one line."""
    return f"{error}; {error.hint}" if error.hint else str(error)


def _stopper(manifests: Manifests, service: Service, run: Run) -> str:
    """Who stopped the run, as far as it is known here."""
    is_told = run.phase in {Phase.STOPPING, Phase.STOPPED}
    return stopped_from_here(journal_of(manifests, service), run) if is_told else ""


@dataclass(frozen=True, slots=True)
class _Sources:
    """What PAI can be asked about one run."""

    service: Service
    run: Run
    region: str

    def now(self) -> datetime | None:
        return self.service.now()

    def job_events(self, job_id: str, *, most: int) -> Sequence[Said]:
        return _said(job_events(self.service.connection, job_id, since=self._since, most=most))

    def pod_logs(self, job_id: str, pod_id: str, *, most: int) -> Sequence[Said]:
        return _said(pod_logs(self.service.connection, job_id, pod_id, since=self._since, most=most))

    def pod_events(self, job_id: str, pod_id: str, *, most: int) -> Sequence[Said]:
        return _said(pod_events(self.service.connection, job_id, pod_id, since=self._since, most=most))

    def sanity(self, job_id: str) -> Sequence[SanityResult]:
        checks = sanity_results(self.service.connection, job_id)
        return tuple(SanityResult(one.phase, one.status, one.message, one.finished) for one in checks)

    def queue(self, quota_id: str, job_id: str) -> Queue | None:
        studio = self.service.studio()
        place = workloads(studio, quota_id).place_of(job_id)
        return None if place is None else _queue(place, quota(studio, quota_id))

    def offers(self, instance_types: Sequence[str]) -> Sequence[Offer]:
        told = spot_offers(self.service.connection, instance_types)
        return tuple(Offer(kind, *offer) for kind, offer in told.items())

    def utilisation(self) -> Utilisation | None:
        end = self.service.now()
        if end is None:
            return None
        start = end - _MEASURED
        for metric, of in _METRICS.items():
            told = metrics_or_monitored(
                self.service.connection,
                self.run,
                metric,
                region=self.region,
                start=start,
                end=end,
                step="5m",
                monitored_step=300.0,
            )
            if values := [point.value for curve in told.curves for point in curve.points]:
                return Utilisation(max(values), round(_MEASURED.total_seconds() / 60), of)
        return None

    @property
    def _since(self) -> datetime | None:
        """The run's beginning: PAI's own window begins a week ago."""
        return self.run.created_at


def _queue(place: Place, quota: Quota) -> Queue:
    ahead = tuple(map(_who, place.ahead))
    reason = ": ".join(filter(None, (place.workload.code, place.workload.reason)))
    return Queue(place.number, ahead, reason, _usage(quota))


def _who(one: Workload) -> str:
    name = one.name or one.workload_id
    return f"{name} of {one.user}" if one.user else name


def _usage(quota: Quota) -> str:
    """How much of the quota is held, in accelerators; empty where that is not known."""
    held, size = quota.held.accelerators, quota.size.accelerators
    if held is None or size is None:
        return ""
    return f"{held:g} of {size:g} accelerators of {quota.name or quota.quota_id} are in use"


def _said(lines: Iterable[TextLine]) -> tuple[Said, ...]:
    return tuple(Said(line.text, line.at) for line in lines)


def _masked(found: Diagnosis, hidden: Collection[str]) -> Diagnosis:
    """The same without secrets, on one line each: texts of programs and of the service are strangers'."""

    def shown(text: str, longest: int = _LONGEST_LINE) -> str:
        return _middle_cut(redacted(text, hidden, longest=_LONGEST_READ), longest)

    return replace(
        found,
        what=shown(found.what, _LONGEST_VERDICT),
        evidence=tuple(replace(one, text=shown(one.text)) for one in found.evidence),
        consequences=tuple(replace(one, text=shown(one.text)) for one in found.consequences),
        last_lines=tuple(
            replace(one, text=_indent(one.text) + shown(one.text, _LONGEST_LOG_LINE))
            for one in found.last_lines
        ),
        history=tuple(_masked_move(one, shown) for one in found.history),
        restarts=tuple(replace(one, reason=shown(one.reason)) for one in found.restarts),
    )


def _indent(text: str) -> str:
    """The blanks that a line begins with: a traceback is read by them."""
    return " " * min(len(text) - len(text.lstrip(" ")), _DEEPEST)


def _masked_move(move: Move, shown: Callable[[str, int], str]) -> Move:
    return replace(
        move,
        status=shown(move.status, _LONGEST_WORD),
        code=shown(move.code, _LONGEST_WORD),
        message=shown(move.message, _LONGEST_LINE),
    )


def _middle_cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    beginning = min(_BEGINNING, longest // 2)
    return f"{text[:beginning]} … {text[beginning - longest :]}"


def _is_for(step: Step, named: NamedRun) -> bool:
    """Whether the step can be taken: a stranger's run is not ours to end, nor to run again."""
    match step.command[:1]:
        case ("stop",):
            return named.is_ours
        case ("rerun",):
            return named.is_ours and named.job is not None
        case _:
            return True


def with_commands(
    found: Diagnosis, target: TargetOptions, name: str, *, job: str, waits_for: str = ""
) -> Diagnosis:
    """The same with the whole commands of its steps, about the run of `job` that `name` means.

    What changes a manifest takes no JobId. By a job's name, `wait` means the run that its manifest asks for
    now, which this one may not be: `waits_for` is the JobId of this one.
    """
    names = {**dict.fromkeys(_WITHOUT_NAME, ""), "rerun": job, "wait": waits_for or name}
    steps = tuple(replace(step, typed=_command(step, target, name, names)) for step in found.next_steps)
    return replace(found, next_steps=steps)


def _command(step: Step, target: TargetOptions, name: str, names: Mapping[str, str]) -> str:
    if not step.command:
        return ""
    verb, *words = step.command
    return typed(verb, target, *words, name=names.get(verb, name))
