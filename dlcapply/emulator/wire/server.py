"""The gateway behind an HTTP server on loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

from dlcapply.emulator.answers import Answer, Refusal, refused
from dlcapply.emulator.wire.signature import Received

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

Answering = Callable[[Received], Answer]

_BACKLOG = 512
_MAX_BODY = 1_048_576  # far more than any operation takes
_GRACE_SECONDS = 0.05  # for answers under way; aiohttp takes 0 for no limit


@contextmanager
def serving(answer: Answering, host: str, port: int) -> Iterator[str]:
    """Answers requests within the block; yields the address, such as `127.0.0.1:40123`.

    Raises OSError for a port that is taken, or a host that is none.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=_BACKLOG) as listener:
        loop, stop = asyncio.new_event_loop(), asyncio.Event()
        thread = threading.Thread(
            target=_run,
            args=(loop, _serve(answer, listener, stop)),
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
    """The loop is closed, and what was still under way in it is cancelled: a slow answer, say."""
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(serve)


async def _serve(answer: Answering, listener: socket.socket, stop: asyncio.Event) -> None:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        received = await _receive(request)
        if len(received.body) > _MAX_BODY:
            refusal = Refusal(413, "RequestEntityTooLarge", f"The body is longer than {_MAX_BODY} bytes.")
            return await _send(request, refused(refusal, received.host, {"Connection": "close"}))
        return await _send(request, answer(received))

    runner = web.ServerRunner(web.Server(handle, access_log=None), shutdown_timeout=_GRACE_SECONDS)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    await stop.wait()
    await runner.cleanup()


async def _receive(request: web.BaseRequest) -> Received:
    path, _, query = request.raw_path.partition("?")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Received(request.method, path, query, headers, await _read(request))


async def _read(request: web.BaseRequest) -> bytes:
    """The body, or more than is allowed of it."""
    body = bytearray()
    async for part in request.content.iter_any():
        body += part
        if len(body) > _MAX_BODY:
            break
    return bytes(body)


async def _send(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    await asyncio.sleep(answer.delay)
    if answer.lost and request.transport:
        request.transport.abort()
    return web.Response(
        status=answer.status or 200,
        body=answer.body,
        headers={"Content-Type": answer.content_type, **answer.headers},
    )
