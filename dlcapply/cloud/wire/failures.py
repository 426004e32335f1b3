"""What the SDK raised, as a ServiceError: one line for users, and whether the call may have had an effect."""

from __future__ import annotations

import re
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from alibabacloud_credentials.exceptions import CredentialException
from darabonba.exceptions import RetryError
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from dlcapply.cloud.wire.json_reader import id_of, is_number_or_text, json_object
from dlcapply.cloud.wire.pacing import LONGEST_PAUSE
from dlcapply.cloud.wire.products import PAI_DLC
from dlcapply.cloud.wire.redaction import redacted
from dlcapply.cloud.wire.transport import AnsweredError
from dlcapply.errors import TOO_LARGE, FailureKind, ServiceError
from dlcapply.http_bounds import TooLargeError, UnusableError
from dlcapply.model.answers import text_of
from dlcapply.planning.readable import HINT, UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dlcapply.cloud.wire.transport import Answer

_LONGEST_CODE = 100
_LONGEST_ID = 100

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,99}")
_RAM_ACTION = re.compile(r"[A-Za-z-]{1,40}:[A-Za-z*]{1,60}")
_MILLISECONDS = re.compile(r"[0-9]{1,18}")

# How services of Alibaba Cloud that answer 200 to everything tell what became of a request. No answer of PAI
# that is read here has any of these keys (the SDKs' models of them).
_OUTCOMES = ("Code", "code", "HttpStatusCode", "httpStatusCode")
_SUCCESSES = ("Success", "success")
_WELL = frozenset({"", "0", "200", "ok", "success"})

_NETWORK_HINT = "check the region or --endpoint, and the network from here to it"
_CREDENTIALS_HINT = (
    "check the credentials in use: key, secret and session token must be valid and belong together"
)

# Their messages repeat the signed headers, the session token among them.
_SIGNING = ("SignatureDoesNotMatch", "IncompleteSignature", "InvalidSecurityToken", "InvalidAccessKeyId")
_FORBIDDEN = ("NoPermission", "Forbidden", "OperationForbidden", "OperationDenied")


def to_service_error(
    error: Exception, operation: str, *, hidden: Iterable[str] = (), ram: Sequence[str] = PAI_DLC.ram
) -> ServiceError:
    """The SDK's exception as ours; none of the `hidden` texts, nor the answer's body, is in it.

    `ram` is what RAM may call the product.
    """
    if getattr(error, "status_code", None):  # an error that the SDK read: it did not come to us first
        return unwatched(operation)
    inner = getattr(error, "inner_exception", None)
    request = getattr(error, "last_request", None)
    if request is None:  # the SDK keeps the request only once it is signed and about to be sent
        return _unsigned(inner, operation)
    host = request.headers.get("host")
    match inner:
        case AnsweredError(answer=answer):
            return _answered(answer, operation, host, hidden, [f"{name}:{operation}" for name in ram])
        case TooLargeError():
            return _ambiguous(f"{operation}: {host} {inner}", code=TOO_LARGE)
        case UnusableError():
            return _ambiguous(f"{operation}: {host} {inner}")
        case _:
            return _unanswered(inner, operation, host)


def failure_kind(status: int, code: str, *, retry_after: float = 0.0) -> FailureKind:
    """What an error answered in JSON says about the call's effect."""
    refusal = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    if _is_throttling(status, code) or (refusal and retry_after):
        return FailureKind.NOT_EXECUTED
    if refusal and status != HTTPStatus.REQUEST_TIMEOUT and code != "OperationTimeout":
        return FailureKind.REFUSED
    return FailureKind.AMBIGUOUS


def _is_throttling(status: int, code: str) -> bool:
    # The status is not documented: 429 is usual, 400 was seen.
    return status == HTTPStatus.TOO_MANY_REQUESTS or code.startswith("Throttling")


def not_understood(
    operation: str, problem: str, *, request_id: str = "", code: str = UNREADABLE
) -> ServiceError:
    """The error for an answer of 200 that does not say what it must; `problem` follows what is asked."""
    return ServiceError(
        redacted(f"{operation}: PAI's answer {problem}"),
        kind=FailureKind.AMBIGUOUS,
        code=code,
        status=200,
        request_id=redacted(request_id, longest=_LONGEST_ID),
        hint=HINT,
    )


def reported_failure(answer: Mapping[str, Any]) -> str:
    """What an answer of 200 says of a failure, in words that follow it; empty where it says nothing of one.

    A gateway may tell so of a service that it could not ask, beside an empty list.
    """
    said = (answer.get(key) for key in _OUTCOMES)
    bad = next((one for one in said if is_number_or_text(one) and str(one).lower() not in _WELL), None)
    if bad is None and not any(answer.get(key) is False for key in _SUCCESSES):
        return ""
    code = str(bad or "")
    return f"says that it failed: {code}" if _CODE.fullmatch(code) else "says that it failed"


def unwatched(operation: str) -> ServiceError:
    """The error for an answer that came by a way that nothing bounds."""
    return ServiceError(
        f"{operation}: the installed SDK sends in a way that dlcapply does not know, and can't keep safe",
        kind=FailureKind.AMBIGUOUS,
        code="UnknownSdk",
        hint="install darabonba-core 1.0.9, or a newer dlcapply",
    )


def _answered(
    answer: Answer, operation: str, host: str, hidden: Iterable[str], actions: Sequence[str]
) -> ServiceError:
    try:
        body = json_object(answer.content)
    except ValueError:
        return _ambiguous(f"{operation}: {host} gave an answer that is not PAI's JSON ({answer.status})")
    secrets = tuple(hidden)
    code = code if _CODE.fullmatch(code := text_of(body, "Code", "code")) else ""
    named = redacted(code, secrets, longest=_LONGEST_CODE)
    said = "" if code.startswith(_SIGNING) else redacted(text_of(body, "Message", "message"), secrets)
    pause = _pause(answer.headers)
    request_id = request_id_of(body) or id_of(answer.headers, "x-acs-request-id")
    return ServiceError(
        ": ".join(part for part in (f"{operation} failed with {answer.status}", named, said) if part),
        kind=failure_kind(answer.status, code, retry_after=pause),
        code=named,
        status=answer.status,
        request_id=redacted(request_id, secrets, longest=_LONGEST_ID),
        retry_after=pause,
        hint=_hint(code, answer.status, actions, body, secrets),
    )


def request_id_of(body: Mapping[str, Any]) -> str:
    return id_of(body, "RequestId", "requestId", "requestid")


def _pause(headers: Mapping[str, str]) -> float:
    """The seconds that PAI asks to wait, within reason; 0 where it names none."""
    named = headers.get("x-acs-retry-after", "").strip()
    return min(int(named) / 1000, LONGEST_PAUSE) if _MILLISECONDS.fullmatch(named) else 0.0


def _hint(
    code: str, status: int, actions: Sequence[str], answer: dict[str, Any], hidden: Iterable[str]
) -> str:
    if code.startswith(_SIGNING):
        return _CREDENTIALS_HINT
    if _is_throttling(status, code):
        return "PAI throttles this account: try again later, or with less --parallelism"
    if code.startswith(_FORBIDDEN):
        detail = answer.get("AccessDeniedDetail")
        named = redacted(text_of(detail, "AuthAction"), hidden) if isinstance(detail, dict) else ""
        first, *others = actions
        known = f"{first} (or {', '.join(others)})" if others else first
        action = named if _RAM_ACTION.fullmatch(named) else known
        return f"allow the RAM action {action}, and give the caller a role in the workspace"
    return "PAI has trouble of its own: try again later" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ""


def _unanswered(inner: Exception | None, operation: str, host: str) -> ServiceError:
    # Only this one context is certain to be the call's own; a deeper one may be what our caller is handling.
    cause = inner.__context__ if isinstance(inner, RetryError) else inner
    if not isinstance(cause, OSError | HTTPError):
        return _ambiguous(f"{operation}: {host} gave an answer that is not PAI's JSON")
    reason = _reason(cause)
    if _is_never_sent(reason):
        return ServiceError(
            f"{operation} could not reach {host}: {_obstacle(reason)}",
            kind=FailureKind.NOT_EXECUTED,
            hint=_NETWORK_HINT,
        )
    if isinstance(reason, ReadTimeoutError):
        return _ambiguous(f"{operation}: {host} did not answer in time")
    return _ambiguous(f"{operation}: the connection to {host} broke before an answer came")


def _unsigned(inner: Exception | None, operation: str) -> ServiceError:
    if isinstance(inner, CredentialException):
        return ServiceError(
            f"{operation} was not sent: the credentials could not be renewed",
            kind=FailureKind.NOT_EXECUTED,
            hint=_CREDENTIALS_HINT,
        )
    return ServiceError(
        f"{operation} was not sent: the SDK could not make a request of it ({type(inner).__name__})",
        kind=FailureKind.NOT_EXECUTED,
    )


def _ambiguous(message: str, *, code: str = "") -> ServiceError:
    return ServiceError(message, kind=FailureKind.AMBIGUOUS, code=code, hint=_NETWORK_HINT)


def _reason(cause: BaseException) -> object:
    """What urllib3 says; requests wraps it while it waits for an answer, and we read the rest ourselves."""
    if isinstance(cause, HTTPError):
        return cause
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
