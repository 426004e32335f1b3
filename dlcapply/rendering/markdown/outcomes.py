"""What became of a plan, for the summary of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.outcomes import Result
from dlcapply.rendering.markdown.errors import caution, exit_part
from dlcapply.rendering.markdown.escape import block, code, inline
from dlcapply.rendering.markdown.fitting import COMMENT, Loss, Part, Size, brief, fitted
from dlcapply.rendering.text.lines import cut
from dlcapply.rendering.text.outcomes import RESULT_LOOKS, trouble_text
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.errors import DlcapplyError, ExitCode
    from dlcapply.model.outcomes import Outcome
    from dlcapply.model.plans import Plan
    from dlcapply.rendering.rows.waiting import WaitedRow

# What somebody has to do something about comes first.
_ORDER = (
    Result.UNKNOWN,
    Result.FAILED,
    Result.REFUSED,
    Result.STALE,
    Result.NOT_DONE,
    Result.NOT_APPROVED,
    Result.BLOCKED,
    Result.REPLACED,
    Result.STOPPED,
    Result.CREATED,
    Result.UPDATED,
    Result.WAITING,
    Result.UNCHANGED,
)
_TROUBLED = frozenset(_ORDER[: _ORDER.index(Result.REPLACED)])
_HEADER = "\n| job | change | result | run | why |\n| --- | --- | --- | --- | --- |\n"
_WAITED_HEADER = "\n| job | run | status | |\n| --- | --- | --- | --- |\n"
_LONGEST = 1_000
_LONGEST_NAME = 80


def apply_markdown(
    plan: Plan,
    outcomes: Sequence[Outcome],
    *,
    exit_code: ExitCode,
    waited: Sequence[WaitedRow] = (),
    refused: DlcapplyError | None = None,
    size: Size = COMMENT,
) -> str:
    """What became of each change and of the runs that were waited for; `refused` is why nothing was begun."""
    shown = sorted(
        (outcome for outcome in outcomes if outcome.result is not Result.UNCHANGED),
        key=lambda outcome: (_ORDER.index(outcome.result), outcome.name),
    )
    head = [
        _title(plan),
        *([caution(refused.message, refused.hint)] if refused else []),
        _headline(outcomes, waited),
    ]
    body = [
        exit_part(exit_code),
        *_unknown(shown),
        *_rows(shown, refused),
        *_waited(waited),
        Part(f"\nDigest of the plan: {code(cut(plan.digest, _LONGEST_NAME))}\n"),
    ]
    return fitted(head, body, size, whole="`-o json` has all of it.")


def _title(plan: Plan) -> Part:
    name = plan.scope.owner or plan.environment.name
    title, shorter = (f"### dlcapply apply for {code(text)}\n" for text in (name, cut(name, _LONGEST_NAME)))
    return brief(title, shorter)


def _headline(outcomes: Sequence[Outcome], waited: Sequence[WaitedRow]) -> Part:
    results = [outcome.result for outcome in outcomes]
    groups = [f"{results.count(result):,} {result}" for result in RESULT_LOOKS if result in results]
    idle = set(results) <= {Result.UNCHANGED}
    failed = sum(one.failed for one in waited)
    runs = f"; {failed:,} of {counted(len(waited), 'waited-for run')} failed" if failed else ""
    return Part(f"\n**{'Nothing to do: ' if idle else ''}{', '.join(groups) or 'no jobs'}{runs}.**\n")


def _unknown(outcomes: Sequence[Outcome]) -> Iterator[Part]:
    """What must not be started again before somebody has looked, and how to look."""
    unknown = [outcome for outcome in outcomes if outcome.result is Result.UNKNOWN]
    if unknown:
        yield Part(
            "\n> [!CAUTION]\n> Nobody knows what became of"
            f" {counted(len(unknown), 'job')}. Start nothing again before these say what did:\n"
        )
    for outcome in unknown:
        hint = outcome.error.hint if outcome.error else ""
        yield Part(f"\n{code(outcome.name)}\n\n{block(hint, language='shell')}\n", ((Loss.ENTRIES, ""),))


def _rows(outcomes: Sequence[Outcome], known: DlcapplyError | None) -> Iterator[Part]:
    for number, outcome in enumerate(outcomes):
        header = "" if number else _HEADER
        whole, shorter = (f"{header}{_row(outcome, known, longest)}" for longest in (None, _LONGEST))
        yield Part(whole, ((Loss.TEXTS, shorter), (Loss.ROWS, "")))


def _row(outcome: Outcome, known: DlcapplyError | None, longest: int | None) -> str:
    instead = f" instead of {code(outcome.stopped_job_id)}" if outcome.stopped_job_id else ""
    result = f"**{outcome.result}**" if outcome.result in _TROUBLED else outcome.result.value
    why = _why(outcome, known, longest)
    cells = (code(outcome.name), outcome.action.value, result, f"{code(outcome.job_id)}{instead}", why)
    return f"| {' | '.join(cells)} |\n"


def _why(outcome: Outcome, known: DlcapplyError | None, longest: int | None) -> str:
    """What is said of it, unless it is `known` of all."""
    error = outcome.error
    if error is None or (known is not None and error.message == known.message):
        return ""
    said = inline(cut(trouble_text(error, outcome.request_id), longest))
    hint = f"<br>Hint: {_hint(cut(error.hint, longest))}" if error.hint else ""
    return f"{said}{hint}"


def _hint(hint: str) -> str:
    return code(hint) if hint.startswith("dlcapply ") else inline(hint)


def _waited(rows: Sequence[WaitedRow]) -> Iterator[Part]:
    for number, one in enumerate(rows):
        header = "" if number else f"\n#### Runs that were waited for\n{_WAITED_HEADER}"
        verdict = "**failed**" if one.failed else "" if one.reached else "goes on"
        note = inline(cut(one.row.note, _LONGEST))
        told = "; ".join(filter(None, (verdict, note)))
        cells = (code(one.row.name), code(one.row.job_id), inline(one.row.status), told)
        yield Part(f"{header}| {' | '.join(cells)} |\n", ((Loss.ROWS, ""),))
