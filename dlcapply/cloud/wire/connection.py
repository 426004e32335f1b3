"""The one way to a service: every call is paced and counted, and its failure is classified.

Answers are read as raw JSON, by the SDK's generic `call_api`: its models drop keys that they do not know and
turn what is absent into empty lists, and a plan compares what is there. Reads are retried here, and not by
the SDK or a library such as tenacity: whether a call may be repeated, and after how long, is read from the
answer (the kind of failure, its retry-after), and waiting goes through a clock that tests turn.
"""

from __future__ import annotations

import random
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any

from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions
from Tea.exceptions import TeaException

from dlcapply.cloud.wire.failures import (
    not_understood,
    reported_failure,
    request_id_of,
    to_service_error,
    unwatched,
)
from dlcapply.cloud.wire.heard import Heard
from dlcapply.cloud.wire.json_reader import TooManyValuesError, id_of, json_object
from dlcapply.cloud.wire.pacing import LONGEST_PAUSE, Pacer, pause
from dlcapply.cloud.wire.products import PAI_DLC
from dlcapply.cloud.wire.redaction import redacted, secret_texts
from dlcapply.cloud.wire.session import READ_TIMEOUT_MS, open_client
from dlcapply.cloud.wire.subjects import subject
from dlcapply.cloud.wire.transport import bound_the_sdk, is_bounded
from dlcapply.errors import TOO_LARGE, FailureKind, ServiceError
from dlcapply.model.calls import Answered, Call, CallWatcher, Unwatched
from dlcapply.planning.readable import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dlcapply.cloud.wire.products import Product
    from dlcapply.cloud.wire.session import StaticKeys
    from dlcapply.model.clock import Clock
    from dlcapply.model.jobs import Environment, Spec

TRIES = 5
_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 8.0


def connect(
    environment: Environment,
    *,
    clock: Clock,
    product: Product = PAI_DLC,
    keys: StaticKeys | None = None,
    read_timeout_ms: int = READ_TIMEOUT_MS,
    pacer: Pacer | None = None,
    watcher: CallWatcher | None = None,
    heard: Heard | None = None,
) -> Connection:
    """A connection to the product in the environment; nothing but credentials is asked for yet.

    `heard` is shared by the connections to one service.
    Raises UsageError for an unusable region or endpoint, CredentialsError when there is nothing to sign with.
    """
    client = open_client(environment, product=product, keys=keys, read_timeout_ms=read_timeout_ms)
    return Connection(client, clock=clock, product=product, pacer=pacer, watcher=watcher, heard=heard)


class Connection:
    """Calls to one product; answers are its JSON as it came."""

    def __init__(
        self,
        client: Any,
        *,
        clock: Clock,
        product: Product = PAI_DLC,
        pacer: Pacer | None = None,
        watcher: CallWatcher | None = None,
        heard: Heard | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        bound_the_sdk()
        self._client = client
        self._product = product
        self._clock = clock
        self._pacer = pacer or Pacer(clock)
        self._watcher = watcher or Unwatched()
        self._jitter = jitter
        self._lock = Lock()
        self._calls = 0
        # All that was sent: an answer to a later call may repeat it.
        self._secrets: frozenset[str] = frozenset()
        self.heard = heard or Heard()

    @property
    def calls(self) -> int:
        """How many requests were sent or tried."""
        return self._calls

    def read(self, operation: str, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The answer to a GET, tried up to five times unless PAI refuses it; raises ServiceError."""
        for failures in range(1, TRIES):
            try:
                return self._send(operation, "GET", path, query=query)
            except ServiceError as error:
                if error.kind is FailureKind.REFUSED or error.code == TOO_LARGE:
                    raise
                seconds = self._backoff(failures, error.retry_after)
                self._watcher.pausing(Call(operation, subject(path, query)), seconds, error.code)
            pause(self._clock, seconds)
        return self._send(operation, "GET", path, query=query)

    def write(
        self,
        operation: str,
        method: str,
        path: str,
        body: Spec | None = None,
        *,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The answer to a call that is sent once, its body verbatim; raises ServiceError."""
        return self._send(operation, method, path, query=query, body=body)

    def _send(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Spec | None = None,
    ) -> dict[str, Any]:
        call = Call(operation, subject(path, query, body))
        self._watcher.began(call)
        slot = self._pacer.wait()
        with self._lock:
            self._calls += 1
            self._secrets |= secret_texts(body)
        request = OpenApiRequest(query=dict(query or {}), body=body)
        sent = self._clock.monotonic()
        try:
            answer = self._answered(self._params(operation, method, path), request, slot)
        except ServiceError as error:
            seconds = self._clock.monotonic() - sent
            self._watcher.ended(call, Answered(seconds, error.status, error.request_id, error.code))
            raise
        seconds = self._clock.monotonic() - sent
        self._watcher.ended(call, Answered(seconds, HTTPStatus.OK, request_id_of(answer)))
        return answer

    def _answered(self, params: Params, request: OpenApiRequest, slot: float) -> dict[str, Any]:
        operation = params.action
        try:
            answer = self._client.call_api(params, request, RuntimeOptions())
        except TeaException as error:
            failure = to_service_error(error, operation, hidden=self._secrets, ram=self._product.ram)
            if failure.status and failure.kind is FailureKind.NOT_EXECUTED:
                self._pacer.was_throttled(slot, failure.retry_after)
            raise failure from None  # the SDK's own text carries the whole answer
        if not is_bounded(answer["headers"]):
            raise unwatched(operation)
        self._pacer.went_through()
        self.heard.note(answer["headers"])
        try:
            body = json_object(answer["body"])
        except ValueError as error:
            request_id = id_of(answer["headers"], "x-acs-request-id")
            code = TOO_LARGE if isinstance(error, TooManyValuesError) else UNREADABLE
            raise not_understood(operation, str(error), request_id=request_id, code=code) from None
        if problem := reported_failure(body):
            raise not_understood(operation, problem, request_id=request_id_of(body))
        return self._readable(body)

    def _readable(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer with a request id that may be shown."""
        return (
            answer | {"RequestId": redacted(answer["RequestId"], self._secrets)}
            if "RequestId" in answer
            else answer
        )

    def _backoff(self, failures: int, retry_after: float) -> float:
        longest = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0 ** (failures - 1))
        return max(min(retry_after, LONGEST_PAUSE), longest * (1 + self._jitter()) / 2)

    def _params(self, operation: str, method: str, path: str) -> Params:
        return Params(
            action=operation,
            version=self._product.version,
            protocol="HTTPS",
            pathname=path,
            method=method,
            auth_type="AK",
            style="ROA",
            req_body_type="json",
            body_type="byte",
        )
