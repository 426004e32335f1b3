from __future__ import annotations

from dlcapply.model.outcomes import Outcome, Result, Trouble
from dlcapply.model.plans import Action
from dlcapply.rendering.text.lines import to_text
from dlcapply.rendering.text.outcomes import RESULT_LOOKS, outcome_lines, progress_line

REQUEST = "473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E"
OUTCOMES = (
    Outcome("bert", Action.RERUN, Result.CREATED, "dlc4", "R1"),
    Outcome("gpt", Action.BLOCKED, Result.BLOCKED, "dlc3"),
    Outcome("mnist", Action.UNCHANGED, Result.UNCHANGED, "dlc6"),
    Outcome("old-job", Action.STOP, Result.STOPPED, "dlc9"),
    Outcome(
        "ranking",
        Action.UPDATE,
        Result.FAILED,
        "dlc7",
        REQUEST,
        Trouble("InvalidParameter", "Priority is not allowed", "ask the quota's owner"),
    ),
    Outcome(
        "resnet50",
        Action.CREATE,
        Result.UNKNOWN,
        error=Trouble("Timeout", "no answer in 60 s", "dlcapply status --op 0011"),
    ),
    Outcome("wide", Action.REPLACE, Result.REPLACED, "dlc8", stopped_job_id="dlc0"),
    Outcome("xgb", Action.WAITING, Result.WAITING, "dlc5"),
    Outcome("zzz", Action.CREATE, Result.NOT_DONE),
)


def test_every_outcome_says_what_became_of_it():
    assert to_text(outcome_lines(OUTCOMES)) == (
        "  > bert      created   dlc4\n"
        "  ! gpt       blocked   dlc3\n"
        "  - old-job   stopped   dlc9\n"
        "  x ranking   failed    dlc7\n"
        f"      InvalidParameter: Priority is not allowed (request {REQUEST})\n"
        "      hint: ask the quota's owner\n"
        "  ? resnet50  unknown\n"
        "      Timeout: no answer in 60 s\n"
        "      hint: dlcapply status --op 0011\n"
        "-/+ wide      replaced  dlc8 instead of dlc0\n"
        "  . xgb       waiting   dlc5\n"
        "  x zzz       not-done\n"
        "\n"
        "Outcome: 1 created, 1 replaced, 1 stopped, 1 failed, 1 unknown, 1 blocked, 1 waiting, 1 not-done,"
        " 1 unchanged.\n"
    )


def test_code_and_request_id_are_not_said_twice():
    trouble = Trouble("InvalidParameter", f"InvalidParameter: no such image, request {REQUEST}")
    outcome = Outcome("a", Action.CREATE, Result.REFUSED, request_id=REQUEST, error=trouble)
    assert to_text(outcome_lines([outcome])).splitlines()[1] == f"      {trouble.message}"


def test_unchanged_jobs_are_listed_only_in_full():
    unchanged = Outcome("mnist", Action.UNCHANGED, Result.UNCHANGED, "dlc6")
    assert to_text(outcome_lines([unchanged])) == "Nothing to do: 1 job unchanged.\n"
    assert to_text(outcome_lines([unchanged], full=True)) == (
        "  = mnist  unchanged  dlc6\n\nNothing to do: 1 job unchanged.\n"
    )


def test_no_outcomes():
    assert to_text(outcome_lines([])) == "Nothing to do: 0 jobs unchanged.\n"


def test_progress_is_one_line():
    assert to_text([progress_line("resnet50", "Queuing", "dlc1")]) == "resnet50  Queuing             dlc1\n"
    assert to_text([progress_line("a", "Running\n", "")]) == "a  Running\\n\n"


def test_every_result_has_a_look():
    assert set(RESULT_LOOKS) == set(Result)
