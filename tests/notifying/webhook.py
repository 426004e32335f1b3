"""A webhook on loopback that keeps what it is sent, and answers as it is told to."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Sent:
    path: str
    headers: dict
    content: bytes

    @property
    def body(self):
        return json.loads(self.content)


class FakeWebhook:
    """`answers` are taken one after the other, the last again and again: (status, headers, content).

    `on_sent` is called with the address of each message that came, before it is answered.
    """

    def __init__(self, *answers):
        self.answers = list(answers or [(200, {}, b'{"errcode": 0, "code": 0}')])
        self.sent = []
        self.on_sent = lambda _: None
        self.over = threading.Event()

    def __enter__(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                fake.sent.append(Sent(self.path, headers, self.rfile.read(length)))
                fake.on_sent(self.path)
                status, headers, content = fake.answers.pop(0) if len(fake.answers) > 1 else fake.answers[0]
                if status is None:  # nobody answers: the connection ends, at once or late
                    fake.over.wait(content)
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self):
        return f"http://127.0.0.1:{self._server.server_port}"
