"""Names that somebody chose, in sentences of the service: a job may be called `oom`, or `workspace-rule`."""

from __future__ import annotations

import re

# A name that may stand in any sentence, or nothing: to take it out would take out the sentence.
_ORDINARY = re.compile(r"\s*|[a-z]+|.{1,2}")
# Where it is a name all the same: of a job, and with quotes around it, or a verb behind it.
_NAMED = (
    r"(?<=[Jj]ob )(?:{name}(?= (?:is|was|has|failed|exited|ended|stopped|succeeded)\b)"
    r"|[\"'`]{name}[\"'`])"
)


def names_pattern(job: str, others: tuple[str, ...] = ()) -> re.Pattern[str] | None:
    """Finds the job's name, and the others, where they are names; None where nothing is to be found."""
    chosen = sorted({name for name in (job, *others) if not _ORDINARY.fullmatch(name)}, key=len, reverse=True)
    anywhere = "|".join(map(re.escape, chosen))
    told = [rf"(?<![\w.-])(?:{anywhere})(?![\w-])"] if chosen else []
    if job and job not in chosen:
        told.append(_NAMED.format(name=re.escape(job)))
    return re.compile("|".join(told)) if told else None


def without_name(text: str, job: str) -> str:
    """The text without the job's name, which tells nothing of what happened."""
    pattern = names_pattern(job)
    return pattern.sub(" ", text) if pattern else text
