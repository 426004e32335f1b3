"""The HTTP server in front of the gateway, in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

from dlcapply.emulator.answers import Answer, Refusal, refused
from dlcapply.emulator.wire.allowed_hosts import AllowedHosts, check_sender
from dlcapply.emulator.wire.received import Received

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

Answering = Callable[[Received], Answer]

_BACKLOG = 512
_MAX_BODY = 1_048_576  # far more than any operation takes
_MAX_LINE = 131_072  # a query may be as long as the parameters of CreateJob
_BODY_SECONDS = 20.0  # in which a whole body must have come
_IDLE_SECONDS = 60.0  # in which the head of a request must have come, the first one too
_GRACE_SECONDS = 0.05  # for answers under way; aiohttp takes 0 for no limit
# No page may embed, sniff or keep an answer, and nobody take it for PAI's.
_HEADERS = {
    "Server": "dlcapply-emulator",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_CLOSED = {"Connection": "close"}
# Bytes that are not a request are not logged: whoever sent them knows.
_NOBODY = logging.getLogger("dlcapply.emulator.nobody")
_NOBODY.addHandler(logging.NullHandler())
_NOBODY.propagate = False


@contextmanager
def serving(answer: Answering, host: str, port: int, allowed: AllowedHosts) -> Iterator[str]:
    """Answers requests within the block; yields the address, such as `127.0.0.1:40123`.

    Raises OSError for a port that is taken, or a host that does not exist.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=_BACKLOG) as listener:
        loop, stop = asyncio.new_event_loop(), asyncio.Event()
        loop.set_exception_handler(lambda *_: None)  # of connections: broken off, or too many at once
        thread = threading.Thread(
            target=_run,
            args=(loop, _serve(answer, listener, stop, allowed)),
            name="dlcapply-emulator",
            daemon=True,
        )
        thread.start()
        try:
            name = f"[{host}]" if ":" in host else host
            yield f"{name}:{listener.getsockname()[1]}"
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()


def _run(loop: asyncio.AbstractEventLoop, serve: Coroutine[Any, Any, None]) -> None:
    """Runs until stopped, then closes the loop; what is under way, such as a slow answer, is cancelled."""
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(serve)


async def _serve(
    answer: Answering, listener: socket.socket, stop: asyncio.Event, allowed: AllowedHosts
) -> None:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        try:
            received = await _receive(request, allowed)
        except Refusal as refusal:
            return await _send(request, refused(refusal, request.headers.get("Host", ""), _CLOSED))
        return await _send(request, answer(received))

    server = web.Server(
        handle,
        access_log=None,
        logger=_NOBODY,
        keepalive_timeout=_IDLE_SECONDS,
        max_line_size=_MAX_LINE,
        auto_decompress=False,
    )
    runner = web.ServerRunner(server, shutdown_timeout=_GRACE_SECONDS)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    await stop.wait()
    await runner.cleanup()


async def _receive(request: web.BaseRequest, allowed: AllowedHosts) -> Received:
    """The whole request; raises Refusal, before it reads on, for a foreign Host and for an endless body."""
    headers = [(name.lower(), value) for name, value in request.headers.items()]
    check_sender(allowed, headers)
    path, _, query = request.raw_path.partition("?")
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            body = await _read(request)
    except TimeoutError as error:
        message = f"The body has not come within {_BODY_SECONDS:g} seconds."
        raise Refusal(408, "RequestTimeout", message) from error
    except (web.RequestPayloadError, ValueError) as error:
        raise Refusal(400, "InvalidBody", "The body can't be read: its chunks are broken.") from error
    return Received(request.method, path, query, dict(headers), body)


async def _read(request: web.BaseRequest) -> bytes:
    """The body; raises Refusal for one that is too long."""
    body = bytearray()
    async for part in request.content.iter_any():
        body += part
        if len(body) > _MAX_BODY:
            raise Refusal(413, "RequestEntityTooLarge", f"The body is longer than {_MAX_BODY} bytes.")
    return bytes(body)


async def _send(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    await asyncio.sleep(answer.delay)
    if answer.lost and request.transport:
        request.transport.abort()
    return web.Response(
        status=answer.status or 200,
        body=answer.body,
        headers={"Content-Type": answer.content_type, **_HEADERS, **answer.headers},
    )
