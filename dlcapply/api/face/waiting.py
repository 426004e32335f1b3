"""Waiting for runs, from Python."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.api.options import FINISHED, IMAGE_PULL_TIMEOUT, WaitOptions, several
from dlcapply.api.waiting.wait import wait as waited_for
from dlcapply.api.waiting.wait import wanted_runs

if TYPE_CHECKING:
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.waiting.progress import Progress
    from dlcapply.api.waiting.wait import Waited


def wait(
    manifests: Manifests,
    service: Service,
    *names: str,
    until: str = FINISHED,
    timeout: float | None = None,
    on_timeout: str = "report",
    image_pull_timeout: float = IMAGE_PULL_TIMEOUT,
    logs: bool = False,
    progress: Progress | None = None,
) -> Waited:
    """What became of the runs that the names of jobs, or JobIds, mean; without names, of selected jobs.

    `until` is `accepted`, `running` or `finished`. Times are in seconds, `timeout` None for no end;
    `on_timeout="stop"` stops runs of ours that are not done by then. With `logs`, `progress.lines` is given
    what they print. Raises DlcapplyError for a name that means no run, UsageError where nothing is named.
    """
    options = WaitOptions(until, timeout, on_timeout, image_pull_timeout, logs)
    wanted = wanted_runs(manifests, service, several("names", names))
    done = waited_for(manifests, service, wanted, options, progress=progress)
    return replace(done, remarks=wanted.remarks, blocked=wanted.blocked)
