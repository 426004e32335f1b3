"""The pods of a run, and their lives: each restart gives a pod another uid, under the same id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcapply.model.answers import maps, pod_name
from dlcapply.model.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from dlcapply.model.runs import Run

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,255}")
# Of the documented statuses of pods, and of `Stopped`, which examples of the metadata have.
_OVER = frozenset({"Succeeded", "Failed", "Stopped"})


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a pod, the first of which has the number 0; `ended` may be unknown of one that `is_over`.

    `name` is the id without the JobId that it begins with. `uid` is empty where PAI shows none. One that
    `is_past` was followed by another.
    """

    pod_id: str
    name: str
    role: str
    uid: str
    number: int
    created: datetime | None
    ended: datetime | None
    is_over: bool
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Which pods are meant: all, or those of these ids, names or roles."""

    pods: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    def has(self, life: Life) -> bool:
        is_named = not self.pods or bool({life.pod_id, life.name} & set(self.pods))
        roles = {role.lower() for role in self.roles}
        return is_named and (not roles or life.role.lower() in roles)


EVERY_POD = Choice()


def pods_of(run: Run) -> dict[str, tuple[Life, ...]]:
    """The lives of each pod that GetJob shows, by the pod's id, the oldest first."""
    pods: dict[str, dict[str, Mapping[str, Any]]] = {}
    for pod in maps(run.body.get("Pods")):
        pod_id = _id(pod.get("PodId"))
        if not pod_id:
            continue
        lives = pods.setdefault(pod_id, {})
        for life in (*_by_age(maps(pod.get("HistoryPods"))), pod):
            lives[_id(life.get("PodUid"))] = life
    return {pod_id: tuple(_lives(run, pod_id, lives)) for pod_id, lives in pods.items()}


def _lives(run: Run, pod_id: str, lives: Mapping[str, Mapping[str, Any]]) -> Iterator[Life]:
    newest = len(lives) - 1
    role = next((role for one in lives.values() if (role := _id(one.get("Type")))), "")
    for number, (uid, told) in enumerate(lives.items()):
        yield Life(
            pod_id,
            pod_name(pod_id, run.job_id),
            role,
            uid,
            number,
            moment(told.get("GmtCreateTime")),
            moment(told.get("GmtFinishTime")),
            is_over=number < newest or _id(told.get("Status")) in _OVER,
            is_past=number < newest,
        )


def _by_age(lives: Iterable[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The oldest first, where all say when they were created."""
    known = [(moment(one.get("GmtCreateTime")), one) for one in lives]
    if not all(at for at, _ in known):
        return [one for _, one in known]
    return [one for _, one in sorted(known, key=lambda pair: str(pair[0]))]


def _id(value: object) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""
