"""What has to be seen of an idle run before it may be stopped for that.

The use of accelerators may be told as 0 where it is not measured (an accelerator of another kind, a part of
one, an exporter that died), or in another unit. So the run's own past has to show that its numbers mean what
they seem to, and that it does not merely pause as it did before.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from dlcapply.diagnosis.idleness import covers, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dlcapply.diagnosis.idleness import Measured
    from dlcapply.model.jobs import Utilization

# Percent that a pod must have used at some time: no fraction of 1, also summed over a pod's cards, is more.
_WORKED = 20.0
# So many times longer than any pause that it got over.
_LONGER = 2


def doubt(
    asked: Utilization,
    pods: Iterable[str],
    used: Iterable[Measured],
    held: Iterable[Measured],
    *,
    since: datetime,
    step: timedelta,
    now: datetime,
) -> str:
    """Why the run is not to be stopped although it is idle; empty where nothing speaks for leaving it alone.

    `used` is how its accelerators were used since it runs, `held` how much of their memory over the window.
    """
    use = {one.pod_id: within(one.points, since, now) for one in used}
    memory = {one.pod_id: within(one.points, now - asked.window, now) for one in held}
    level = max(asked.least, _WORKED)
    for pod in sorted(pods):
        points = use.get(pod, {})
        if max(points.values(), default=0.0) < level:
            return f"{pod} never used {level:g} % since it runs: it may still load, or is not measured"
        signs = {at: 1.0 for at, value in [*points.items(), *memory.get(pod, {}).items()] if value > 0}
        start = now - asked.window
        if not covers(within(signs.items(), start, now), start, now, step):
            return f"all that is measured of {pod} is 0: it may be measured no longer"
    return _paused(sorted({at for one in use.values() for at in _busy(one, asked.least)}), since, step, now)


def _busy(points: Mapping[datetime, float], least: float) -> Iterable[datetime]:
    return (at for at, value in points.items() if value >= least)


def _paused(busy: Sequence[datetime], since: datetime, step: timedelta, now: datetime) -> str:
    """That it was quiet before for nearly as long, and went on; what was not measured may be such a pause.

    So may be what it did before it worked first: data that was loaded or prepared once may be so again.
    """
    pauses = (later - earlier - step for earlier, later in pairwise((since, *busy)))
    longest = max(pauses, default=timedelta())
    if not busy or now - busy[-1] >= _LONGER * longest:
        return ""
    minutes = round(longest.total_seconds() / 60)
    return f"it was quiet for {minutes} min before, and went on"
