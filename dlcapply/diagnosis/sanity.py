"""Whether the sanity check of a run's nodes failed, and on which."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlcapply.diagnosis import signs
from dlcapply.diagnosis.facts import Source
from dlcapply.diagnosis.findings import Found
from dlcapply.diagnosis.texts import Statement
from dlcapply.diagnosis.verdicts import Certainty, Code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.diagnosis.case import Case
    from dlcapply.diagnosis.facts import SanityResult

_MOST_LINES = 4


def failed_check(case: Case) -> Found | None:
    """The run ended in its sanity check: the service says so, or it came no further than that."""
    facts = case.facts
    said = signs.first_of(reversed(case.of_newest_life(case.run_says)), signs.SANITY)
    is_said = said is not None and signs.SANITY_FAILED.search(said.bare) is not None
    statuses = [move.status for move in facts.history]
    is_last = len(statuses) > 1 and statuses[-2] == "SanityChecking" and facts.status != "Stopped"
    if not is_said and not is_last:
        return None
    failed = [_told(one) for one in facts.sanity if signs.FAILED_WORD.search(one.status)]
    lines = ((said,) if said is not None and is_said else case.run_says[-1:]) + tuple(failed[-_MOST_LINES:])
    certainty = Certainty.CERTAIN if is_said or failed else Certainty.LIKELY
    return Found(Code.SANITY_FAILED, lines, certainty, ", ".join(_nodes(case, lines)))


def _nodes(case: Case, lines: Iterable[Statement]) -> list[str]:
    """The nodes of the run that the lines name."""
    text = " ".join(line.text for line in lines)
    nodes = dict.fromkeys(pod.node for pod in case.facts.pods if pod.node)
    return [node for node in nodes if re.search(rf"(?<![\w.-]){re.escape(node)}(?![\w-])", text)]


def _told(result: SanityResult) -> Statement:
    text = " ".join(filter(None, (result.phase, result.status, result.said)))
    return Statement(Source.SANITY, text, text, result.at)
