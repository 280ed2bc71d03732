"""A headless Chromium for tests marked ``browser``, driven over its debugging pipe: no port, no driver."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
STEP_WITHIN_S = 30.0
OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--disable-gpu",
    "--no-sandbox",  # which root has to do without
    "--disable-dev-shm-usage",
    "--disable-background-networking",
)
ON_PIPES = """
import fcntl, os, sys
commands, answers = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(commands, 3)  # where the browser reads
os.dup2(answers, 4)  # where it writes
os.execv(sys.argv[3], sys.argv[3:])
"""


class Page:
    """One tab. Each step waits for what it needs, and fails with what the page shows instead."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to_browser = to_browser
        self._from_browser = os.fdopen(from_browser, "rb", buffering=0)
        self._numbers = itertools.count(1)
        self._answers: dict[int, dict] = {}
        self._events: list[dict] = []
        self._came = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Runtime", "Log", "Page"):
            self._call(f"{domain}.enable", session=self._session)

    def goto(self, url: str) -> None:
        """Open a URL."""
        self._call("Page.navigate", session=self._session, url=url)

    def evaluate(self, script: str) -> object:
        """The value of a JavaScript expression in the page."""
        answer = self._call("Runtime.evaluate", session=self._session, expression=script, returnByValue=True)
        return answer["result"].get("value")

    def text(self) -> str:
        """What the page shows."""
        return str(self.evaluate("document.body ? document.body.innerText : ''"))

    def wait_for(self, script: str) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + STEP_WITHIN_S
        while not self.evaluate(f"!!({script})"):
            assert time.monotonic() < end, f"{script} did not come true; the page shows: {self.text()}"
            time.sleep(0.05)

    def wait_for_text(self, text: str) -> None:
        """Wait until the page shows ``text``."""
        self.wait_for(f"document.body && document.body.innerText.includes({json.dumps(text)})")

    def fill(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.wait_for(f"document.querySelector({json.dumps(selector)})")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).value = {json.dumps(text)}")

    def click(self, selector: str) -> None:
        """Click on an element."""
        self.wait_for(f"document.querySelector({json.dumps(selector)})")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def press(self, key: str, *, code: int = 0, text: str = "", ctrl: bool = False) -> None:
        """Press a key of the keyboard, for whatever has the focus: ``press("Tab", code=9)``."""
        held = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": 2 if ctrl else 0}
        down = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
        self._call("Input.dispatchKeyEvent", session=self._session, **held, **down)
        self._call("Input.dispatchKeyEvent", session=self._session, **held, type="keyUp")

    def type(self, text: str) -> None:
        """Type text into whatever has the focus."""
        self._call("Input.insertText", session=self._session, text=text)

    def look_like(self, *, scheme: str = "light", width: int = 1440, height: int = 900) -> None:
        """Prefer a colour scheme and have a size, in CSS pixels."""
        preference = {"name": "prefers-color-scheme", "value": scheme}
        self._call("Emulation.setEmulatedMedia", session=self._session, features=[preference])
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", session=self._session, **size)

    def without_script(self) -> None:
        """Run no script of any page from now on."""
        self._call("Emulation.setScriptExecutionDisabled", session=self._session, value=True)

    def complaints(self) -> list[str]:
        """Errors and warnings in the console of every page so far: exceptions, refused policies, failed fetches."""
        with self._came:
            events = list(self._events)
        found = []
        for event in events:
            said = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                found.append(str(said["exceptionDetails"]))
            elif event["method"] == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
                found.append(f"{said['entry']['text']} ({said['entry'].get('url')})")
            elif event["method"] == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
                found.append(str(said["args"]))
        return found

    def screenshot(self) -> bytes:
        """The page as PNG."""
        import base64

        return base64.b64decode(self._call("Page.captureScreenshot", session=self._session)["data"])

    def _call(self, method: str, *, session: str | None = None, **params: object) -> dict:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._to_browser, json.dumps(message).encode() + b"\0")
        with self._came:
            assert self._came.wait_for(lambda: number in self._answers, STEP_WITHIN_S), f"{method} got no answer"
            answer = self._answers.pop(number)
        assert "error" not in answer, answer
        return answer["result"]

    def _listen(self) -> None:
        buffer = b""
        while piece := self._from_browser.read(65536):
            *messages, buffer = (buffer + piece).split(b"\0")
            for message in map(json.loads, messages):
                with self._came:
                    if "id" in message:
                        self._answers[message["id"]] = message
                    else:
                        self._events.append(message)
                    self._came.notify_all()


@contextmanager
def chromium() -> Iterator[Page]:
    """A page of a fresh browser; skips the test where there is none."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None or os.name != "posix":
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    commands_in, commands_out = os.pipe()
    answers_in, answers_out = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen(
            [sys.executable, "-c", ON_PIPES, str(commands_in), str(answers_out), program, *OPTIONS,
             f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(commands_in, answers_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(commands_in)
        os.close(answers_out)
        try:
            yield Page(commands_out, answers_in)
        finally:
            os.close(commands_out)  # the browser ends with its pipe
            try:
                browser.wait(20)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait(20)
