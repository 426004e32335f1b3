"""What the checks of a run's hardware found, and the nodes at fault."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.api.inspecting.run_heads import head_of
from dlcapply.cloud.sanity import sanity_results
from dlcapply.cloud.wire.redaction import redacted, secret_texts
from dlcapply.model.answers import maps
from dlcapply.rendering.rows.inspection import Checked, CheckRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.runs.named import NamedRun
    from dlcapply.model.runs import Run

_LONGEST = 1_500  # of a message that is shown
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def checked(manifests: Manifests, service: Service, named: NamedRun) -> Checked:
    """Every phase of every check of the run; raises ServiceError where PAI gives no answer.

    PAI names nodes at fault in its messages alone: they are found there by the names, pods and addresses of
    the run's own nodes.
    """
    checks = sanity_results(service.connection, named.run.job_id)
    run = service.jobs.detail(named.run) if checks else named.run
    known = dict(_nodes(run))
    hidden = secret_texts(run.body)
    rows = tuple(
        CheckRow(
            replace(one, message=redacted(one.message, hidden, longest=_LONGEST)),
            tuple(nodes_in(one.message, known)),
        )
        for one in checks
    )
    return Checked(head_of(manifests, service, named), rows, _is_enabled(run))


def _is_enabled(run: Run) -> bool | None:
    settings = run.body.get("Settings")
    enabled = settings.get("EnableSanityCheck") if isinstance(settings, dict) else None
    return enabled if isinstance(enabled, bool) else None


def _nodes(run: Run) -> Iterator[tuple[str, str]]:
    """By the names that a message may use, the node of each pod, lives that are over included."""
    pods = run.body.get("Pods")
    for pod in maps(pods):
        for one in (pod, *maps(pod.get("HistoryPods"))):
            node = one.get("NodeName")
            if isinstance(node, str) and node:
                names = (node, one.get("PodId"), one.get("Ip"))
                yield from ((name, node) for name in names if isinstance(name, str) and name)


def nodes_in(message: str, known: Mapping[str, str]) -> Iterator[str]:
    """The nodes that the message names, in its order, each once."""
    words = (word.rstrip(".-_") for word in _WORD.findall(message))
    yield from dict.fromkeys(known[word] for word in words if word in known)
