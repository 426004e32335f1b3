"""Every status against every difference under every policy: what a plan does, written out in full."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from dlcapply.model.jobs import OnChange, RerunOn, RunRules, State
from dlcapply.model.plans import Action
from dlcapply.model.runs import PHASES
from dlcapply.planning.decisions import Difference
from tests.builders import NOW, a_job, a_run, only_change, without_marks

# `x`: there is no such history.
GRID = """
                      plain wait repl allow prot token again left used late late+ stop keep rival twice
none        equal       +    +    +     +    +     +     +    +    +    =     =    =    =     !     x
none        next-run    +    +    +     +    +     +     +    +    +    =     =    =    =     !     x
none        ignored     +    +    +     +    +     +     +    +    +    =     =    =    =     !     x
none        circumst    +    +    +     +    +     +     +    +    +    =     =    =    =     !     x
none        in-place    +    +    +     +    +     +     +    +    +    =     =    =    =     !     x
none        needs-run   +    +    +     +    +     +     +    +    +    =     =    =    =     !     x

active      equal       =    =    =     =    =     =     !    =    =    =     =    -    !     =     !
active      next-run    =    =    =     =    =     =     !    =    =    =     =    -    !     =     !
active      ignored     =    =    =     =    =     =     !    =    =    =     =    -    !     =     !
active      circumst    =    =    =     R    !     =     !    =    =    =     =    -    !     =     !
active      in-place    ~    ~    ~     ~    ~     ~     !    ~    ~    ~     ~    -    !     ~     !
active      needs-run   !    .    !     R    !     =     !    !    !    !     !    -    !     !     !

stopping    equal       .    .    .     .    .     .     .    .    .    .     .    .    .     .     !
stopping    next-run    .    .    .     .    .     .     .    .    .    .     .    .    .     .     !
stopping    ignored     .    .    .     .    .     .     .    .    .    .     .    .    .     .     !
stopping    circumst    .    .    .     .    .     .     .    .    .    .     .    .    .     .     !
stopping    in-place    .    .    .     .    .     .     .    .    .    .     .    .    .     .     !
stopping    needs-run   .    .    .     .    .     .     .    .    .    .     .    .    .     .     !

succeeded   equal       =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
succeeded   next-run    =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
succeeded   ignored     =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
succeeded   circumst    =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
succeeded   in-place    =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
succeeded   needs-run   >    >    >     >    >     =     >    >    >    =     =    =    =     !     !

reserving   equal       =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
reserving   next-run    =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
reserving   ignored     =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
reserving   circumst    =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
reserving   in-place    =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
reserving   needs-run   >    >    >     >    >     =     >    >    >    =     =    =    =     !     !

failed      equal       =    =    =     =    =     =     >    >    =    =     =    =    =     =     !
failed      next-run    =    =    =     =    =     =     >    >    =    =     =    =    =     =     !
failed      ignored     =    =    =     =    =     =     >    >    =    =     =    =    =     =     !
failed      circumst    >    >    >     >    >     =     >    >    >    =     =    =    =     !     !
failed      in-place    =    =    =     =    =     =     >    >    =    =     =    =    =     =     !
failed      needs-run   >    >    >     >    >     =     >    >    >    =     =    =    =     !     !

stopped     equal       =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
stopped     next-run    =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
stopped     ignored     =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
stopped     circumst    =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
stopped     in-place    =    =    =     =    =     =     >    =    =    =     =    =    =     =     !
stopped     needs-run   >    >    >     >    >     =     >    >    >    =     =    =    =     !     !

unknown     equal       =    =    =     =    =     =     !    =    =    =     =    !    !     =     !
unknown     next-run    =    =    =     =    =     =     !    =    =    =     =    !    !     =     !
unknown     ignored     !    !    !     !    !     !     !    !    !    !     !    !    !     !     !
unknown     circumst    !    !    !     !    !     !     !    !    !    !     !    !    !     !     !
unknown     in-place    !    !    !     !    !     !     !    !    !    !     !    !    !     !     !
unknown     needs-run   !    !    !     !    !     !     !    !    !    !     !    !    !     !     !
"""

SYMBOLS = {
    Action.CREATE: "+",
    Action.RERUN: ">",
    Action.UPDATE: "~",
    Action.REPLACE: "R",
    Action.STOP: "-",
    Action.BLOCKED: "!",
    Action.WAITING: ".",
    Action.UNCHANGED: "=",
}
IMPOSSIBLE = "x"

STATUSES = {
    "none": (None,),
    "active": (
        "Creating",
        "Queuing",
        "Bidding",
        "EnvPreparing",
        "SanityChecking",
        "Running",
        "Restarting",
    ),
    "stopping": ("Stopping",),
    "succeeded": ("Succeeded",),
    "reserving": ("SucceededReserving", "FailedReserving"),
    "failed": ("Failed",),
    "stopped": ("Stopped",),
    "unknown": ("Hibernating", "", "running"),
}

BEFORE = {"Accessibility": "PUBLIC", "Description": "old", "UserCommand": "train"}
AFTER = {
    "equal": {},
    "next-run": {"Settings": {"Tags": {"cost-center": "cv-4212"}}},
    "ignored": {"Accessibility": "PRIVATE"},
    "circumst": {"JobMaxRunningTimeMinutes": 2000},
    "in-place": {"Description": "new"},
    "needs-run": {"UserCommand": "train --more"},
}


@dataclass(frozen=True)
class Policy:
    """What a job's rules, its other runs and the command line say; `rules` are those of RunRules."""

    rules: dict = field(default_factory=dict)
    allowed: bool = False
    failed_before: bool = False
    rival: bool = False
    others_active: int = 0


REPLACE = {"on_change": OnChange.REPLACE}
LATE = {"not_after": NOW - timedelta(seconds=1)}

POLICIES = {
    "plain": Policy(),
    "wait": Policy({"on_change": OnChange.WAIT}),
    "repl": Policy(REPLACE),
    "allow": Policy(REPLACE, allowed=True),
    "prot": Policy({**REPLACE, "protect": True}, allowed=True),
    "token": Policy({"rerun_on": RerunOn.TOKEN}),
    "again": Policy({"rerun_on": RerunOn.TOKEN, "token": "2"}),
    "left": Policy({"retries": 1}),
    "used": Policy({"retries": 1}, failed_before=True),
    "late": Policy(LATE),
    "late+": Policy({**LATE, **REPLACE}, allowed=True),
    "stop": Policy({"state": State.STOPPED}),
    "keep": Policy({"state": State.STOPPED, "protect": True}),
    "rival": Policy(rival=True),
    "twice": Policy(others_active=2),
}


def read(grid):
    """The cells by (status group, difference, policy)."""
    head, *rows = (line.split() for line in grid.splitlines() if line)
    return {(*row[:2], policy): cell for row in rows for policy, cell in zip(head, row[2:], strict=True)}


CELLS = read(GRID)


def live_runs(status, policy):
    """The history that the policy tells of; its newest run of ours has the status."""
    before = a_job(**BEFORE)
    older = [a_run(before, "Failed", number=1)] * (policy.failed_before and status is not None)
    older += [a_run(before, number=number) for number in range(2, 2 + policy.others_active)]
    newest = [] if status is None else [a_run(before, status, number=5)]
    rival = replace(without_marks(a_run(before, number=9)), job_id="dlc-rival")
    return (*older, *newest, *[rival] * policy.rival)


def planned(status, difference, policy):
    """The symbol of what a plan does to one job, and nothing else."""
    job = a_job(**(BEFORE | AFTER[difference]), rules=RunRules(**policy.rules))
    allowed = frozenset({job.name} if policy.allowed else ())
    return SYMBOLS[only_change(job, live=live_runs(status, policy), allow_replace=allowed).action]


def test_the_grid_has_every_cell_once_and_no_other():
    rows = [tuple(line.split()[:2]) for line in GRID.splitlines()[2:] if line]
    assert len(rows) == len(set(rows))
    assert set(CELLS) == {
        (group, difference, policy) for group in STATUSES for difference in AFTER for policy in POLICIES
    }
    assert set(CELLS.values()) == {*SYMBOLS.values(), IMPOSSIBLE}
    assert len(AFTER) == len(set(Difference) - {Difference.NEEDS_TOKEN})


def test_the_groups_have_every_documented_status_and_one_that_is_not():
    named = [status for group in STATUSES.values() for status in group]
    assert len(named) == len(set(named))
    assert set(named) - {None, *STATUSES["unknown"]} == set(PHASES)
    assert not set(STATUSES["unknown"]) & set(PHASES)


def test_only_a_job_without_a_run_cannot_have_several():
    impossible = {cell for cell, symbol in CELLS.items() if symbol == IMPOSSIBLE}
    assert impossible == {("none", difference, "twice") for difference in AFTER}


@pytest.mark.parametrize("difference", AFTER)
@pytest.mark.parametrize(
    ("group", "status"), [(group, status) for group, statuses in STATUSES.items() for status in statuses]
)
def test_what_a_plan_does(group, status, difference):
    row = {policy: CELLS[group, difference, policy] for policy in POLICIES}
    possible = {policy: cell for policy, cell in row.items() if cell != IMPOSSIBLE}
    assert {policy: planned(status, difference, POLICIES[policy]) for policy in possible} == possible
