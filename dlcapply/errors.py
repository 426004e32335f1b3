"""The expected failures, and the one table of exit codes."""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExitCode(IntEnum):
    """How a command ends; `EXIT_MEANINGS` says what each means."""

    OK = 0
    FAILED = 1
    PENDING = 2
    BLOCKED = 3
    INVALID = 4
    DENIED = 5
    STALE = 6
    PARTIAL = 7
    UNKNOWN = 8
    RUN_FAILED = 9
    NO_MANIFESTS = 10
    NOT_IN_TIME = 11
    USAGE = 64
    INTERRUPTED = 130
    TERMINATED = 143


EXIT_MEANINGS: dict[ExitCode, str] = {
    ExitCode.OK: "done, valid, or nothing to do",
    ExitCode.FAILED: "any failure without a code of its own: credentials, network, internal",
    ExitCode.PENDING: "changes pending, or drift (plan --drift), only with --detailed-exitcode",
    ExitCode.BLOCKED: "blocked, conflicting or not approved changes; the rest is carried out",
    ExitCode.INVALID: "validation findings",
    ExitCode.DENIED: "denied by a policy or a limit",
    ExitCode.STALE: "stale: the plan is no longer the approved one; nothing written",
    ExitCode.PARTIAL: "partly applied: some changes done, some failed or stale",
    ExitCode.UNKNOWN: "a create whose outcome is unknown",
    ExitCode.RUN_FAILED: "a waited-for run failed, during this command or before it",
    ExitCode.NO_MANIFESTS: "no manifests found",
    ExitCode.NOT_IN_TIME: "a waited-for run was not done in time",
    ExitCode.USAGE: "wrong usage",
    ExitCode.INTERRUPTED: "interrupted by SIGINT",
    ExitCode.TERMINATED: "interrupted by SIGTERM, or by SIGHUP: a terminal that was closed",
}

_STRONGEST_FIRST = (130, 143, 64, 10, 8, 7, 6, 5, 4, 1, 9, 11, 3, 2, 0)


def strongest(codes: Iterable[ExitCode]) -> ExitCode:
    """The code to exit with where several hold; OK when none does."""
    return min(codes, key=_STRONGEST_FIRST.index, default=ExitCode.OK)


_MOST_TOLD = 5  # of the findings of an error


class DlcapplyError(Exception):
    """An expected failure: one line for the user, with a way out, and an exit code."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(DlcapplyError):
    exit_code = ExitCode.USAGE


class NoManifestsError(DlcapplyError):
    exit_code = ExitCode.NO_MANIFESTS


class DeniedError(DlcapplyError):
    """A limit, a policy or the view denies the whole command; what PAI refuses is a ServiceError."""

    exit_code = ExitCode.DENIED


class StaleError(DlcapplyError):
    """The plan is no longer the approved one."""

    exit_code = ExitCode.STALE


class InvalidManifestsError(DlcapplyError):
    """The project file or the manifests are wrong; `findings` are of the model, which is a layer above."""

    exit_code = ExitCode.INVALID

    def __init__(self, findings: Iterable[Any], message: str = "the manifests are not valid") -> None:
        super().__init__(message)
        self.findings = tuple(findings)

    def __str__(self) -> str:
        """The message with the first findings: of an error that nobody catches, this is what is read."""
        told = [_briefly(finding) for finding in self.findings[:_MOST_TOLD]]
        more = [f"and {len(self.findings) - _MOST_TOLD} more"] if len(self.findings) > _MOST_TOLD else []
        return "\n".join([self.message, *told, *more])


def _briefly(finding: Any) -> str:
    place = finding.place
    where = f"{place.file}:{place.line}: " if place else ""
    return f"  {where}{finding.level}[{finding.rule}]: {finding.message}"


class CredentialsError(DlcapplyError):
    """The SDK's credential chain found nothing to sign with."""


class FailureKind(StrEnum):
    """What a failed call says about its effect."""

    REFUSED = "refused"  # PAI answered: it did not do it
    NOT_EXECUTED = "not-executed"  # throttled, or never reached PAI
    AMBIGUOUS = "ambiguous"  # it may have been done


# Unauthorized, payment required, forbidden.
_CALLERS_STATUSES = frozenset({401, 402, 403})
# PAI documents no codes for quotas and debts; those of keys are the gateway's, whatever their status.
_CALLERS_CODE = re.compile(
    "AccessKey|Signature|SecurityToken|Forbidden|NoPermission|Unauthorized|Quota|Balance|Arrear|Overdue|Debt",
    re.IGNORECASE,
)
_LONGEST_SEARCHED = 2_000
_ACCOUNTS_WORDS = re.compile(
    r"balance|arrears|overdue|(exceed|insufficient|not enough)[^.]*quota"
    r"|quota[^.]*(exceed|insufficient|not enough)",
    re.IGNORECASE,
)


# The code of an error about an answer that has more than is read: to ask again would give no other.
TOO_LARGE = "AnswerTooLarge"


class ServiceError(DlcapplyError):
    """A call to PAI that gave no usable answer; `kind` says whether it may have taken effect.

    `retry_after` is in seconds, 0 when PAI named none.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: FailureKind,
        code: str = "",
        status: int = 0,
        request_id: str = "",
        retry_after: float = 0.0,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.code = code
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after

    @property
    def meets_all(self) -> bool:
        """Whether other calls would fare alike: PAI refuses the caller or the account, or does not answer."""
        return (
            self.kind is not FailureKind.REFUSED
            or self.status in _CALLERS_STATUSES
            or _CALLERS_CODE.search(self.code) is not None
            or _ACCOUNTS_WORDS.search(self.message[:_LONGEST_SEARCHED]) is not None
        )
