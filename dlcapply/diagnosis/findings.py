"""What detectors hand on: a cause, the lines that it rests on, and what the verdict's sentence needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.diagnosis.verdicts import Certainty, Code

if TYPE_CHECKING:
    from dlcapply.diagnosis.exit_codes import Exit
    from dlcapply.diagnosis.facts import Pod
    from dlcapply.diagnosis.last_words import Raised
    from dlcapply.diagnosis.texts import Statement


@dataclass(frozen=True, slots=True)
class Found:
    """A cause of a run's state.

    `detail` completes the sentence of the cause. `is_alone` is whether the pod failed by itself while others
    went on, `lasted` how long a hang has; `after` are lines of others that follow from it.
    """

    code: Code
    lines: tuple[Statement, ...] = ()
    certainty: Certainty = Certainty.CERTAIN
    detail: str = ""
    pod: Pod | None = None
    exit: Exit | None = None
    raised: Raised | None = None
    is_alone: bool = False
    lasted: str = ""
    after: tuple[Statement, ...] = ()
