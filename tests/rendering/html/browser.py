"""A headless Chromium, driven over a pipe in the DevTools protocol: it takes no port."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
from contextlib import contextmanager, suppress
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
# Where Chromium reads commands, and where it answers.
_COMMANDS, _ANSWERS = 3, 4
_PIECE = 1 << 16
_PATIENCE = 60
KEYS = {"Tab": 9, "Enter": 13, " ": 32, "/": 191}


class Page:
    """One page of the browser, and what it logged and asked for."""

    def __init__(self, browser, session):
        self._browser, self._session = browser, session
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method, **params):
        return self._browser.send(method, self._session, **params)

    def open(self, file):
        self._browser.events.clear()
        self.send("Page.navigate", url=Path(file).resolve().as_uri())
        self._browser.await_event("Page.loadEventFired")

    def ask(self, expression):
        """The value of an expression of JavaScript."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key):
        code = KEYS.get(key, ord(key[0].upper()))
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        common = {"key": key, "windowsVirtualKeyCode": code}
        self.send("Input.dispatchKeyEvent", type="keyDown", **common, **({"text": text} if text else {}))
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text):
        for key in text:
            self.press(key)

    def show(self, *, width, dark=False, height=900, media="screen", script=True):
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", media=media, features=[scheme])
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.send("Emulation.setDeviceMetricsOverride", **size)
        self.send("Emulation.setScriptExecutionDisabled", value=not script)

    def photograph(self, file):
        shot = self.send("Page.captureScreenshot", format="png")
        Path(file).write_bytes(base64.b64decode(shot["data"]))

    @property
    def troubles(self):
        """What the console, the policy and the scripts complained of."""
        told = []
        for event in self._browser.events:
            match event["method"]:
                case "Log.entryAdded":
                    told.append(event["params"]["entry"]["text"])
                case "Runtime.exceptionThrown" | "Runtime.consoleAPICalled":
                    told.append(json.dumps(event["params"])[:400])
        return told

    @property
    def requests(self):
        events, asked = self._browser.events, "Network.requestWillBeSent"
        return [event["params"]["request"]["url"] for event in events if event["method"] == asked]


class Browser:
    def __init__(self, commands, answers):
        self._commands, self._answers = commands, answers
        self._received, self._number, self.events = b"", 0, []

    def page(self):
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session)

    def send(self, method, session=None, **params):
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        message |= {"sessionId": session} if session else {}
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data) :]
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def await_event(self, method):
        while not any(event["method"] == method for event in self.events):
            self.events.append(self._read())

    def _read(self):
        while b"\0" not in self._received:
            assert select.select([self._answers], [], [], _PATIENCE)[0], "the browser does not answer"
            piece = os.read(self._answers, _PIECE)
            assert piece, "the browser is gone"
            self._received += piece
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)


@contextmanager
def chromium(profile):
    """The browser with a profile in that empty folder; it is gone after the block."""
    (read_commands, commands), (answers, write_answers) = os.pipe(), os.pipe()
    theirs = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 10) for one in (read_commands, write_answers)]
    nowhere = os.open(os.devnull, os.O_RDWR)
    child = os.posix_spawn(
        CHROMIUM,
        [CHROMIUM, *FLAGS, f"--user-data-dir={profile}"],
        {**os.environ, "HOME": str(profile)},
        file_actions=[
            *((os.POSIX_SPAWN_DUP2, nowhere, number) for number in (0, 1, 2)),
            (os.POSIX_SPAWN_DUP2, theirs[0], _COMMANDS),
            (os.POSIX_SPAWN_DUP2, theirs[1], _ANSWERS),
        ],
        setpgroup=0,
    )
    for one in (read_commands, write_answers, nowhere, *theirs):
        os.close(one)
    try:
        yield Browser(commands, answers)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(commands)
        os.close(answers)
