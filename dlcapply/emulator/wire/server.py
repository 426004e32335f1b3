"""The gateway behind an HTTP server on loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

from dlcapply.emulator.wire.signature import Received

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from dlcapply.emulator.answers import Answer
    from dlcapply.emulator.wire.gateway import Gateway

_BACKLOG = 512
_GRACE_SECONDS = 0.05  # for answers under way; aiohttp takes 0 for no limit


@contextmanager
def serving(gateway: Gateway, host: str, port: int) -> Iterator[str]:
    """Answers requests within the block; yields the address, such as `127.0.0.1:40123`.

    Raises OSError for a port that is taken.
    """
    with socket.create_server((host, port), backlog=_BACKLOG) as listener:
        loop, stop = asyncio.new_event_loop(), asyncio.Event()
        thread = threading.Thread(
            target=_run,
            args=(loop, _serve(gateway, listener, stop)),
            name="dlcapply-emulator",
            daemon=True,
        )
        thread.start()
        try:
            yield f"{host}:{listener.getsockname()[1]}"
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()


def _run(loop: asyncio.AbstractEventLoop, serve: Coroutine[Any, Any, None]) -> None:
    """The loop is closed, and what was still under way in it is cancelled: a slow answer, say."""
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(serve)


async def _serve(gateway: Gateway, listener: socket.socket, stop: asyncio.Event) -> None:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await _send(request, gateway.answer(await _receive(request)))

    runner = web.ServerRunner(web.Server(handle, access_log=None), shutdown_timeout=_GRACE_SECONDS)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    await stop.wait()
    await runner.cleanup()


async def _receive(request: web.BaseRequest) -> Received:
    path, _, query = request.raw_path.partition("?")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Received(request.method, path, query, headers, await request.content.read())


async def _send(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    await asyncio.sleep(answer.delay)
    if answer.lost and request.transport:
        request.transport.abort()
    return web.Response(
        status=answer.status or 200,
        body=answer.body,
        headers={"Content-Type": answer.content_type, **answer.headers},
    )
