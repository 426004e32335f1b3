"""What the SDK raised, told once: one line for the user, and what it says about the call's effect."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.exceptions import RetryError
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from dlcapply.cloud.masking import told
from dlcapply.errors import ServiceError, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_CODE = 100
_LONGEST_ID = 100

_NETWORK_HINT = "check the region or --endpoint, and the network from here to it"
_CREDENTIALS_HINT = (
    "check the credentials in use: key, secret and session token must be valid and belong together"
)

# Their messages repeat the signed headers, the session token among them.
_SIGNING = ("SignatureDoesNotMatch", "IncompleteSignature", "InvalidSecurityToken", "InvalidAccessKeyId")
_FORBIDDEN = ("NoPermission", "Forbidden", "OperationForbidden", "OperationDenied")


def translated(error: Exception, operation: str, *, hidden: Iterable[str] = ()) -> ServiceError:
    """The SDK's exception as ours; none of the `hidden` texts, nor the answer's body, is in it."""
    if isinstance(error, AlibabaCloudException) and error.status_code:
        return _answered(error, operation, hidden)
    return _unanswered(error, operation)


def verdict_of(status: int, code: str, *, retry_after: float = 0.0) -> Verdict:
    """What an error answered in JSON says about the call's effect."""
    refusal = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    if _is_throttling(status, code) or (refusal and retry_after):
        return Verdict.NOT_EXECUTED
    if refusal and status != HTTPStatus.REQUEST_TIMEOUT and code != "OperationTimeout":
        return Verdict.REFUSED
    return Verdict.AMBIGUOUS


def _is_throttling(status: int, code: str) -> bool:
    # The status is not documented: 429 is usual, 400 was seen.
    return status == HTTPStatus.TOO_MANY_REQUESTS or code.startswith("Throttling")


def not_understood(operation: str, problem: str, *, request_id: str = "") -> ServiceError:
    """The error for an answer of 200 that does not say what it must."""
    return ServiceError(
        told(f"{operation}: PAI's answer {problem}"),
        verdict=Verdict.AMBIGUOUS,
        status=200,
        request_id=told(request_id, longest=_LONGEST_ID),
    )


def _answered(error: AlibabaCloudException, operation: str, hidden: Iterable[str]) -> ServiceError:
    answer = error.data or {}
    code = str(answer.get("Code") or answer.get("code") or "")
    request_id = str(answer.get("RequestId") or answer.get("requestId") or answer.get("requestid") or "")
    retry_after = (error.retry_after or 0) / 1000
    secrets = tuple(hidden)
    said = "" if code.startswith(_SIGNING) else told(answer.get("Message") or answer.get("message"), secrets)
    named = told(code, secrets, longest=_LONGEST_CODE)
    parts = (f"{operation} failed with {error.status_code}", named, said)
    return ServiceError(
        ": ".join(part for part in parts if part),
        verdict=verdict_of(error.status_code, code, retry_after=retry_after),
        code=named,
        status=error.status_code,
        request_id=told(request_id, secrets, longest=_LONGEST_ID),
        retry_after=retry_after,
        hint=_hint(code, error.status_code, operation, answer, secrets),
    )


def _hint(code: str, status: int, operation: str, answer: dict[str, Any], hidden: Iterable[str]) -> str:
    if code.startswith(_SIGNING):
        return _CREDENTIALS_HINT
    if _is_throttling(status, code):
        return "PAI throttles this account: try again later, or with less --parallelism"
    if code.startswith(_FORBIDDEN):
        # Alibaba's documents disagree on the prefix: `paidlc` in the table of actions, `pai` in the skill.
        detail = answer.get("AccessDeniedDetail")
        named = detail.get("AuthAction") if isinstance(detail, dict) else None
        action = told(named, hidden, longest=_LONGEST_CODE) or f"pai:{operation} (or paidlc:{operation})"
        return f"allow the RAM action {action}, and give the caller a role in the workspace"
    return "PAI has trouble of its own: try again later" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ""


def _unanswered(error: Exception, operation: str) -> ServiceError:
    request = getattr(error, "last_request", None)
    inner = getattr(error, "inner_exception", None)
    if request is None:  # the SDK keeps the request only once it is signed and about to be sent
        return _unsigned(inner, operation)
    host = request.headers.get("host")
    # Only this one context is certain to be the call's own; a deeper one may be what our caller is handling.
    cause = inner.__context__ if isinstance(inner, RetryError) else None
    if cause is None:
        return _ambiguous(f"{operation}: {host} gave an answer that is not PAI's JSON")
    reason = _reason(cause)
    if _is_never_sent(reason) and _is_first_hop(getattr(cause, "request", None), request):
        return ServiceError(
            f"{operation} could not reach {host}: {_obstacle(reason)}",
            verdict=Verdict.NOT_EXECUTED,
            hint=_NETWORK_HINT,
        )
    if isinstance(reason, ReadTimeoutError):
        return _ambiguous(f"{operation}: {host} did not answer in time")
    return _ambiguous(f"{operation}: the connection to {host} broke before an answer came")


def _unsigned(inner: Exception | None, operation: str) -> ServiceError:
    if isinstance(inner, CredentialException):
        return ServiceError(
            f"{operation} was not sent: the credentials could not be renewed",
            verdict=Verdict.NOT_EXECUTED,
            hint=_CREDENTIALS_HINT,
        )
    return ServiceError(
        f"{operation} was not sent: the SDK could not make a request of it ({type(inner).__name__})",
        verdict=Verdict.NOT_EXECUTED,
    )


def _ambiguous(message: str) -> ServiceError:
    return ServiceError(message, verdict=Verdict.AMBIGUOUS, hint=_NETWORK_HINT)


def _reason(cause: BaseException) -> object:
    wrapped = cause.args[0] if cause.args else None
    return getattr(wrapped, "reason", wrapped)


def _is_never_sent(reason: object) -> bool:
    match reason:
        # urllib3 speaks of a ProxyError only until the proxy is connected.
        case NewConnectionError() | ConnectTimeoutError() | ProxyError():
            return True
        case SSLError(args=(ssl.SSLCertVerificationError(), *_)):
            return True
        case _:
            return False


def _is_first_hop(sent: Any, asked: Any) -> bool:
    """Whether what failed is the request as asked, and not one that a redirect of it led to."""
    parts = urlsplit(getattr(sent, "url", None) or "")
    asked_for = (asked.method, asked.headers["host"], asked.pathname)
    return (getattr(sent, "method", None), parts.netloc, parts.path) == asked_for


def _obstacle(reason: object) -> str:
    match reason:
        case NameResolutionError():
            return "no such host name"
        case NewConnectionError():
            return "no connection"
        case ConnectTimeoutError():
            return "no connection in time"
        case ProxyError():
            return "the proxy gave no connection"
        case _:
            return "its certificate is not trusted"
