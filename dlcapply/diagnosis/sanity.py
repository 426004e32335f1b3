"""Whether the sanity check of a run's nodes failed, and on which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.diagnosis import signs
from dlcapply.diagnosis.facts import Source
from dlcapply.diagnosis.findings import Found
from dlcapply.diagnosis.texts import Statement
from dlcapply.diagnosis.verdicts import Certainty, Code

if TYPE_CHECKING:
    from dlcapply.diagnosis.case import Case
    from dlcapply.diagnosis.facts import SanityResult

_MOST_NODES = 4


def failed_check(case: Case) -> Found | None:
    """The run ended in its sanity check: the service says so, or it came no further than that."""
    facts = case.facts
    said = signs.first_of(reversed(case.of_newest_life(case.run_says)), signs.SANITY)
    is_said = said is not None and signs.FAILED_WORD.search(said.bare) is not None
    statuses = [move.status for move in facts.history]
    is_last = len(statuses) > 1 and statuses[-2] == "SanityChecking" and facts.status != "Stopped"
    if not is_said and not is_last:
        return None
    failed = [one for one in facts.sanity if signs.FAILED_WORD.search(one.status)]
    nodes = tuple(dict.fromkeys(one.node for one in failed if one.node))
    lines = (
        *((said,) if said is not None and is_said else case.run_says[-1:]),
        *map(_told, failed[:_MOST_NODES]),
    )
    certainty = Certainty.CERTAIN if is_said or failed else Certainty.LIKELY
    return Found(Code.SANITY_FAILED, lines, certainty, ", ".join(nodes[:_MOST_NODES]))


def _told(result: SanityResult) -> Statement:
    text = " ".join(filter(None, (result.phase, result.node, result.status, result.said)))
    return Statement(Source.SANITY, text, text, result.at)
