# A short film of the windows, for README: an animated PNG, of which each frame is the part of a screenshot that has changed.

import asyncio
import base64
import os
import struct
import zlib

from chromium import Browser
from server import Server
from visitor import Visitor

WIDTH, HEIGHT = 1000, 640
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def chunks(png):
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def animated(frames):
    """An animated PNG of (png, (x, y, width, height), milliseconds); the first one is the whole picture."""
    head = next(data for kind, data in chunks(frames[0][0]) if kind == b"IHDR")
    parts = [SIGNATURE, chunk(b"IHDR", head), chunk(b"acTL", struct.pack(">II", len(frames), 0))]
    number = 0
    for i, (png, (x, y, width, height), milliseconds) in enumerate(frames):
        own = next(data for kind, data in chunks(png) if kind == b"IHDR")
        assert own[8:] == head[8:], "screenshots have one kind of pixels"
        assert struct.unpack(">II", own[:8]) == (width, height)
        control = struct.pack(">IIIIIHHBB", number, width, height, x, y, milliseconds, 1000, 0, 0)
        parts.append(chunk(b"fcTL", control))
        number += 1
        for data in (data for kind, data in chunks(png) if kind == b"IDAT"):
            if i == 0:
                parts.append(chunk(b"IDAT", data))
            else:
                parts.append(chunk(b"fdAT", struct.pack(">I", number) + data))
                number += 1
    return b"".join([*parts, chunk(b"IEND", b"")])


class Film:
    def __init__(self, page):
        self.page, self.frames = page, []

    async def take(self, milliseconds, selector=None):
        """A frame: of the element, with what is around its windows left as it was; else of all."""
        box = (0, 0, WIDTH, HEIGHT)
        if selector:
            box = await self.page.run(
                f"(() => {{ const b = ({selector}).getBoundingClientRect(); const x = Math.floor(b.x), y = Math.floor(b.y);"
                " return [x, y, Math.ceil(b.right) - x, Math.ceil(b.bottom) - y]; })()"
            )
        x, y, width, height = box
        clip = {"x": x, "y": y, "width": width, "height": height, "scale": 1}
        data = (await self.page.send("Page.captureScreenshot", format="png", clip=clip))["data"]
        self.frames.append((base64.b64decode(data), tuple(box), milliseconds))

    async def watch(self, count, milliseconds):
        """The window that watches, while nothing else happens."""
        for _ in range(count):
            await asyncio.sleep(milliseconds / 1000)
            await self.take(milliseconds, "document.querySelector('.watching')")


async def make(ovid, path, *flags):
    """methB is changed under a picture that moves, and taken back."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Examples", "Live")
    async with Server(
        ovid, os.path.join(os.path.realpath(folder), "Flow.som"), "--speed", "Flow count", *flags
    ) as server, Browser() as browser:
        page = await browser.page(server.address, width=WIDTH, height=HEIGHT, theme="dark")
        anna = Visitor(page)
        await anna.arrive()
        await anna.show(1, "Flow>>methB")
        below = f"{anna.code(1)}.element"
        # The lists of classes and methods are hidden: what counts is the text.
        await page.run("[0, 1].forEach(i => ovid.desk.all.filter(w => w.kind === 'code')[i].element.classList.add('bare')), 1")
        for view in ("expressions", "output"):
            await page.click(f".view-{view} .fold")
        await page.run(f"ovid.desk.focus({anna.code(1)}), 1")
        await asyncio.sleep(6)
        film = Film(page)
        await film.take(800)
        await film.watch(3, 400)
        for text in ("methB = ( ^2 )", "methB = ( ^count / 20000000 % 8 )"):
            await anna.write(1, text)
            await film.take(900, below)
            number = await anna.accept(1)
            await asyncio.sleep(0.3)
            await film.take(400, below)
            await film.watch(2, 400)
            # On a busy machine that takes longer than anybody would watch.
            await page.until(f"ovid.session.epilogues.of({number}).reoptimized.length", "it is optimized again", 60)
            await film.take(400, below)
            await film.watch(3, 500)
        await page.key("Alt-U")
        await asyncio.sleep(0.4)
        await film.take(400, below)
        await film.watch(3, 500)
        await film.take(2500)
        with open(path, "wb") as file:
            file.write(animated(film.frames))
    return f"{len(film.frames)} frames, {os.path.getsize(path) // 1024} KB"
