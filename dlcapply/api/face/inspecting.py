"""What is known of a run beside its status, and of quotas, from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.api.inspecting.addresses import addresses as addresses_of
from dlcapply.api.inspecting.metrics import DEFAULT_SINCE, measured
from dlcapply.api.inspecting.queues import queues
from dlcapply.api.inspecting.sanity import checked
from dlcapply.api.options import METRICS, check_flag, check_time, given, several, some
from dlcapply.api.runs.named import named_run
from dlcapply.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.runs.named import NamedRun
    from dlcapply.rendering.rows.inspection import Addresses, Checked, Measured, Queues


def metrics(
    manifests: Manifests,
    service: Service,
    name: str,
    *,
    job_id: str | None = None,
    names: str | Iterable[str] | None = None,
    since: float = DEFAULT_SINCE,
    step: str | None = None,
) -> Measured:
    """What was measured of the run that the name of a job, or a JobId, means.

    `names` are those of metrics, all unless given; `since` is in seconds before now, or before the run's end;
    `step` such as `5m`. Raises DlcapplyError where there is no such run, ServiceError where PAI gives no
    answer.
    """
    wanted = METRICS if names is None else some("names", names)
    if unknown := [one for one in wanted if one not in METRICS]:
        raise UsageError(f"{unknown[0]!r} is no metric", hint=f"metrics are {', '.join(METRICS)}")
    check_time("since", since)
    named = _run(manifests, service, name, job_id)
    return measured(manifests, service, named, wanted, since=since, step=given("step", step))


def sanity(manifests: Manifests, service: Service, name: str, *, job_id: str | None = None) -> Checked:
    """What checks of the run's hardware found; raises as `metrics` does."""
    return checked(manifests, service, _run(manifests, service, name, job_id))


def queue(manifests: Manifests, service: Service, *quotas: str) -> Queues:
    """The queues of these quotas, ids or names; without any, of all that are in use here.

    Raises DlcapplyError for a quota that is not there, ServiceError where PAI gives no answer.
    """
    return queues(manifests, service, several("quotas", quotas))


def addresses(
    manifests: Manifests,
    service: Service,
    name: str,
    *,
    job_id: str | None = None,
    terminal: bool = False,
    pod: str | None = None,
    tokens: bool = False,
) -> Addresses:
    """Where a person can look at the run: console, dashboards, TensorBoards.

    An address with its token opens what it is of to whoever has it: only `tokens` shows them, and only with
    `terminal` one of a shell, in the first pod or in `pod`, is asked for. Raises as `metrics` does.
    """
    check_flag("terminal", terminal)
    check_flag("tokens", tokens)
    named = _run(manifests, service, name, job_id)
    return addresses_of(manifests, service, named, terminal=terminal, pod=given("pod", pod), tokens=tokens)


def _run(manifests: Manifests, service: Service, name: str, job_id: str | None) -> NamedRun:
    return named_run(manifests, service, given("name", name), job_id=given("job_id", job_id))
