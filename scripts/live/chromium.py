# Drives Debian's Chromium, headless, by the DevTools protocol: a browser, its pages, keys and screenshots.

import asyncio
import base64
import json
import os
import re
import shutil
import subprocess
import tempfile

import websockets


class PageError(Exception):
    """What a page has thrown."""


def executable():
    """The path of a Chromium; None if there is none."""
    return shutil.which(os.environ.get("CHROMIUM", "chromium")) or shutil.which("google-chrome")


class Browser:
    """`async with Browser() as browser`; a profile of its own, which goes with it."""

    async def __aenter__(self):
        self.profile = tempfile.mkdtemp(prefix="ovid-chromium-")
        self.process = subprocess.Popen(
            [
                executable(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--mute-audio",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-extensions",
                "--disable-background-networking",
                "--disable-background-timer-throttling",
                "--disable-renderer-backgrounding",
                "--disable-backgrounding-occluded-windows",
                "--force-color-profile=srgb",
                "--remote-debugging-port=0",
                f"--user-data-dir={self.profile}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        address = None
        for line in self.process.stderr:
            found = re.search(r"DevTools listening on (ws://\S+)", line)
            if found:
                address = found[1]
                break
        if not address:
            raise RuntimeError("Chromium has ended without telling its address")
        # Nobody reads what it says later; a full pipe would stop it.
        asyncio.get_running_loop().run_in_executor(None, self._drain)
        self.socket = await websockets.connect(address, max_size=1 << 28)
        self.number = 0
        self.waiting = {}
        self.pages = {}
        self.reader = asyncio.create_task(self._read())
        return self

    def _drain(self):
        for _ in self.process.stderr:
            pass

    async def __aexit__(self, *_):
        try:
            await asyncio.wait_for(self.send("Browser.close"), 3)
        except (asyncio.TimeoutError, websockets.WebSocketException):
            pass
        self.reader.cancel()
        await self.socket.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    async def _read(self):
        async for text in self.socket:
            message = json.loads(text)
            if "id" in message:
                waiting = self.waiting.pop(message["id"], None)
                if waiting and not waiting.done():
                    waiting.set_result(message)
            else:
                page = self.pages.get(message.get("sessionId"))
                if page:
                    page.heard(message)

    async def send(self, method, session=None, **parameters):
        self.number += 1
        waiting = self.waiting[self.number] = asyncio.get_running_loop().create_future()
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        await self.socket.send(json.dumps(message))
        answer = await asyncio.wait_for(waiting, 30)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    async def page(self, address, width=1280, height=800, apart=False, theme="light", calm=False):
        """A page at an address. `apart`: as another person's browser, without cookies or storage of the others."""
        context = (await self.send("Target.createBrowserContext"))["browserContextId"] if apart else None
        target = await self.send(
            "Target.createTarget", url="about:blank", **({"browserContextId": context} if context else {})
        )
        session = (await self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True))["sessionId"]
        page = Page(self, session, target["targetId"])
        self.pages[session] = page
        for domain in ("Page", "Runtime", "Network", "Accessibility", "DOM", "Log"):
            await page.send(f"{domain}.enable")
        await page.size(width, height)
        await page.theme(theme, calm)
        await page.go(address)
        return page


KEYS = {
    "Enter": ("Enter", 13, "\r"),
    "Escape": ("Escape", 27, None),
    "Tab": ("Tab", 9, None),
    "ArrowDown": ("ArrowDown", 40, None),
    "ArrowUp": ("ArrowUp", 38, None),
    "ArrowLeft": ("ArrowLeft", 37, None),
    "ArrowRight": ("ArrowRight", 39, None),
    "Home": ("Home", 36, None),
    "End": ("End", 35, None),
    "Backspace": ("Backspace", 8, None),
    "Space": ("Space", 32, " "),
    ".": ("Period", 190, "."),
    **{f"F{n}": (f"F{n}", 111 + n, None) for n in range(1, 13)},
}


class Page:
    def __init__(self, browser, session, target):
        self.browser, self.session, self.target = browser, session, target
        self.problems = []

    def heard(self, message):
        method, parameters = message["method"], message["params"]
        if method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and parameters["type"] == "error":
            self.problems.append(
                " ".join(str(value.get("description", value.get("value"))) for value in parameters["args"])
            )

    def send(self, method, **parameters):
        return self.browser.send(method, self.session, **parameters)

    async def go(self, address):
        await self.send("Page.navigate", url=address)

    async def reload(self):
        await self.send("Page.reload")

    async def close(self):
        await self.browser.send("Target.closeTarget", targetId=self.target)

    async def size(self, width, height):
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    async def theme(self, name, calm=False):
        await self.send(
            "Emulation.setEmulatedMedia",
            features=[
                {"name": "prefers-color-scheme", "value": name},
                {"name": "prefers-reduced-motion", "value": "reduce" if calm else "no-preference"},
            ],
        )

    async def run(self, expression):
        """The value of a JavaScript expression, awaited if it is a promise."""
        result = await self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description") or details["text"])
        return result["result"].get("value")

    async def until(self, expression, what=None, seconds=15):
        """Waits until the expression is true; answers its value."""
        end = asyncio.get_running_loop().time() + seconds
        while True:
            try:
                value = await self.run(expression)
            except (PageError, RuntimeError):
                value = None
            if value:
                return value
            if asyncio.get_running_loop().time() > end:
                raise AssertionError(f"not within {seconds} s: {what or expression}")
            await asyncio.sleep(0.02)

    async def key(self, keys):
        """ "Ctrl-S", "Alt-Shift-ArrowLeft", "F9", "a"."""
        *modifiers, name = re.split(r"-(?=.)", keys)
        bits = sum({"Alt": 1, "Ctrl": 2, "Shift": 8}[modifier] for modifier in modifiers)
        code, number, text = KEYS.get(name) or (
            f"Key{name.upper()}" if name.isalpha() else f"Digit{name}",
            ord(name.upper()),
            name,
        )
        key = (
            name
            if name in KEYS and name != "Space"
            else (" " if name == "Space" else name if "Shift" in modifiers else name.lower())
        )
        event = {"modifiers": bits, "key": key, "code": code, "windowsVirtualKeyCode": number}
        if text and not bits & 3:
            event["text"] = text
        await self.send("Input.dispatchKeyEvent", type="keyDown" if "text" in event else "rawKeyDown", **event)
        event.pop("text", None)
        await self.send("Input.dispatchKeyEvent", type="keyUp", **event)

    async def type(self, text):
        await self.send("Input.insertText", text=text)

    async def click(self, selector):
        """The middle of the first element that the selector finds, or of what a JavaScript expression answers."""
        box = await self.run(
            f"(() => {{ const e = {selector if selector.startswith('(') else f'document.querySelector({json.dumps(selector)})'}; "
            "if (!e) return null; e.scrollIntoView({block: 'nearest'}); const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        if not box:
            raise AssertionError(f"nothing to click: {selector}")
        for kind in ("mousePressed", "mouseReleased"):
            await self.send("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    async def move(self, x, y):
        await self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    async def offline(self, isOff=True):
        await self.send(
            "Network.emulateNetworkConditions", offline=isOff, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )

    async def screenshot(self, path):
        data = (await self.send("Page.captureScreenshot", format="png"))["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
