"""`--changed REF`: the options of a command with the jobs that a change reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.errors import UsageError

if TYPE_CHECKING:
    from dlcapply.api.options import PlanOptions, TargetOptions
    from dlcapply.cli.shell import Shell


def narrowed(ref: str, target: TargetOptions, shell: Shell) -> tuple[TargetOptions, bool]:
    """The options as they are without a REF, otherwise as the change has them; and whether it reaches no job.

    What was found is told on stderr.
    """
    if not ref:
        return target, False
    from dlcapply.api.comparing.diff import narrowed_to_changes
    from dlcapply.cli.printing import say
    from dlcapply.cli.streams import stderr

    found = narrowed_to_changes(ref, target, shell.environ)
    say(stderr(), shell, *found.notes)
    return found.target, found.is_empty


def check_beside(ref: str, chosen: PlanOptions, plan_file: str = "") -> None:
    """Raises UsageError for what can't be said together with --changed."""
    if ref and chosen.prune:
        raise UsageError("--prune with --changed would stop jobs that were only left out")
    if ref and plan_file:
        hint = "leave --changed out: a saved plan names its jobs"
        raise UsageError("--plan says what to apply: --changed can't be given beside it", hint=hint)
