"""Between a command and a service: at its n-th request, something happens to the command."""

from __future__ import annotations

import http.client
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_NOT_PASSED_ON = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Gate:
    """Passes requests on to the service at `endpoint`; `address` is where it listens.

    `happens` is called once, at the request that was named: before the service has it, or after, when its
    answer is not given back yet.
    """

    def __init__(self, endpoint):
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._left, self._happens, self._comes_after = None, None, False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        serve = {"target": self._server.serve_forever, "kwargs": {"poll_interval": 0.01}}
        threading.Thread(**serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def at(self, number, happens, *, comes_after):
        """At the request of this number from now on, `happens()`."""
        with self._lock:
            self._left, self._happens, self._comes_after = number, happens, comes_after

    def open(self):
        """From here on nothing happens; whether what was to happen has happened."""
        with self._lock:
            has_happened = self._left is None
            self._left = None
            return has_happened

    def pass_on(self, method, path, headers, body):
        """The answer of the service."""
        is_it = self._is_it()
        if is_it and not self._comes_after:
            self._happens()
        connection = http.client.HTTPConnection(self._endpoint, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        if is_it and self._comes_after:
            self._happens()
        return answer.status, answer.getheaders(), data

    def _is_it(self):
        with self._lock:
            if self._left is None:
                return False
            self._left -= 1
            if self._left < 0:
                self._left = None
                return True
            return False


def _handler(gate):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_):
            pass

        def handle(self):
            with suppress(ConnectionError):  # whoever asked is gone
                super().handle()

        def _handle(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, headers, data = gate.pass_on(self.command, self.path, dict(self.headers), body)
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in _NOT_PASSED_ON:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815  named by http.server

    return Handler
