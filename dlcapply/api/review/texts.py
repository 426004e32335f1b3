"""What is told of a plan where it is reviewed, or in place of one that could not be made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dlcapply.api.plans.saved import not_approved_by, opened
from dlcapply.disk import MAX_BYTES, read_bytes, reason
from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.forge.checks import LONGEST_SUMMARY
from dlcapply.forge.consents import options_of
from dlcapply.manifest.files.saved_plan import read_saved_plan
from dlcapply.planning.restored_plans import plan_of
from dlcapply.planning.visibility import is_denied
from dlcapply.rendering.markdown.escape import code, inline
from dlcapply.rendering.markdown.fitting import COMMENT, SIZES, Size, first_lines
from dlcapply.rendering.markdown.plans import plan_markdown
from dlcapply.rendering.text.plan_words import counts_text
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dlcapply.forge.surroundings import Surroundings
    from dlcapply.model.plans import Plan

# For a text that is told with a foot below; a comment's size leaves room for the mark in front.
ABOVE_A_FOOT = Size(COMMENT.limit - 1_024, COMMENT.measure)
IN_A_CHECK = Size(LONGEST_SUMMARY - 1_024, SIZES["summary"].measure)
_MOST_LABELS = 5
_LONGEST_OPTION = 60
_CUT = "\n\n*The rest is left out, as it did not fit.*"


@dataclass(frozen=True, slots=True)
class Told:
    """Markdown about an owner's plan; of none, it says why there is none, and `plan` is None."""

    owner: str
    origin: str
    headline: str
    text: str
    plan: Plan | None = None
    hash: str = ""
    expires: datetime | None = None


def told_of(file: str, *, size: Size = ABOVE_A_FOOT) -> Told:
    """What is told of the saved plan in the file; raises DlcapplyError for another, or an edited one."""
    document = read_saved_plan(file)
    saved = opened(file, document)
    told = told_of_document(document["plan"], file, size=size)
    return replace(told, plan=saved.plan, hash=document["hash"], expires=saved.expires)


def told_of_document(document: Mapping[str, Any], file: str, *, size: Size = ABOVE_A_FOOT) -> Told:
    """What is told of a plan by its JSON document; raises UsageError for one that nobody owns."""
    plan = plan_of(document)
    if not plan.scope.owner:
        raise UsageError(f"{file} is a plan of nobody's: without an owner, no two can be told apart")
    text = plan_markdown(document, size=size)
    return Told(plan.scope.owner, plan.scope.origin, counts_text(plan), text, plan)


def told_instead(file: str, owner: str, *, size: Size = ABOVE_A_FOOT) -> Told:
    """What a report in Markdown tells of an owner; raises DlcapplyError for a file that can't be read."""
    try:
        data = read_bytes(file)
        text = (data if len(data) <= MAX_BYTES else data[:MAX_BYTES].rpartition(b"\n")[0]).decode("utf-8")
    except OSError as error:
        raise DlcapplyError(f"{file} can't be read: {reason(error)}") from error
    except UnicodeDecodeError as error:
        raise DlcapplyError(f"{file} is not UTF-8 text") from error
    if not text.strip():
        raise DlcapplyError(f"{file} says nothing", hint="write it with -o markdown=FILE")
    return Told(owner, "", "no plan could be made", _fitted(text, size))


def with_foot(told: Told, around: Surroundings) -> str:
    """The text with what holds for this review alone: which run, by whose consents, and for how long."""
    foot = "  \n".join(_foot(told, around))
    return f"{told.text.rstrip()}\n\n{foot}\n"


def _foot(told: Told, around: Surroundings) -> list[str]:
    lines = []
    if around.labels and (consents := _consents(around.labels)):
        lines.append(consents)
    if told.plan is not None and told.expires is not None and not is_denied(told.plan):
        less = not_approved_by(told.plan, "this plan")
        approved = f"Once merged, this is approved until {told.expires:%Y-%m-%d %H:%M} UTC"
        lines.append(f"{approved}, but {less}." if less else f"{approved}.")
    return [*lines, told_by(around)]


def told_by(around: Surroundings) -> str:
    """Which run tells it, and of which commit."""
    run = f"run {around.run_number}, attempt {around.run_attempt}"
    link = f"[{run}]({around.run_link})" if around.run_link else run
    of = f" for commit `{around.commit[:12]}`" if around.commit else ""
    return f"<sub>dlcapply, {link}{of}</sub>"


def _consents(labels: tuple[str, ...]) -> str:
    """What the labels consent to; one that is not written as it is meant is told, and fails nothing."""
    try:
        options = options_of(labels)
    except DlcapplyError as error:
        return f"**No label consents to anything**: {inline(error.message)}; {inline(error.hint)}."
    named = ", ".join(code(option[:_LONGEST_OPTION]) for option in options[:_MOST_LABELS])
    more = f" and {len(options) - _MOST_LABELS} more" if len(options) > _MOST_LABELS else ""
    return f"Labels of this pull request consent to {named}{more}." if options else ""


def _fitted(text: str, size: Size) -> str:
    if size.measure(text) <= size.limit:
        return text
    return f"{first_lines(text, replace(size, limit=size.limit - size.measure(_CUT))).rstrip()}{_CUT}"


def headline_of(told: Told) -> str:
    """What the plan comes to, in plain words, and first whether it is denied."""
    if told.plan is None or not is_denied(told.plan):
        return told.headline
    count = len(told.plan.denials)
    why = counted(count, "finding") if count else "it may not see every run"
    return f"denied, {why}: {told.headline}"
