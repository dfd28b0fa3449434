# Steps about the page as a whole: windows, many clients, latency, accessibility, the end of the server.

import asyncio
import json
import os

import accessibility
from client import Client
from stage import method_b

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "units.js"), encoding="utf-8") as file:
    UNITS = file.read()


async def units(stage):
    """What the modules compute: selectors, indentation, suggestions, arrangements, frames"""
    failures = await stage.ben.page.run(UNITS)
    assert not failures, "\n".join(failures)


async def arranged_by_keys(stage):
    """Windows are opened, moved, closed by key; Ctrl-K finds a method; the layout survives a reload"""
    page = stage.anna.page
    await page.run(f"ovid.desk.focus({stage.anna.code(1)}), 1")
    await page.key("Alt-B")
    await page.until("ovid.desk.all.filter(window => window.kind === 'code').length === 3")
    await page.key("Alt-Shift-ArrowLeft")
    await page.key("Ctrl-K")
    await page.until("Boolean(document.querySelector('dialog.palette'))", "the palette")
    await page.type("isRunning")
    await page.until(
        "document.querySelector('dialog.palette li[aria-selected=true]')?.innerText.includes('LiveCase>>isRunning')",
        "it is found",
    )
    await page.key("Enter")
    await page.until("ovid.desk.active.pane?.place === 'LiveCase>>isRunning'", "it is shown")
    await page.key("F1")
    await page.until("document.querySelector('dialog[open]')?.innerText.includes('Restart the activation')", "the keys")
    await page.key("Escape")
    await page.until("!document.querySelector('dialog[open]')")
    await asyncio.sleep(0.4)
    await page.reload()
    await asyncio.sleep(0.2)
    await stage.anna.arrive()
    assert await page.run("ovid.desk.all.filter(window => window.kind === 'code').length") == 3
    third = await page.run(
        "ovid.desk.all.findIndex(window => window.kind === 'code' && window.pane.place === 'LiveCase>>isRunning')"
    )
    await page.run(f"ovid.desk.focus(ovid.desk.all[{third}]), 1")
    await page.key("Alt-W")
    await page.until("ovid.desk.all.filter(window => window.kind === 'code').length === 2", "it is closed")


async def latency(stage):
    """From the key to the effect, in the page's clock"""
    await stage.latency_with(2)
    return stage.latency


async def ten_clients(stage):
    """Ten clients at once: all hear of the same accepts, in the same order"""
    names = [f"client {i}" for i in range(8)]
    clients = [Client(stage.server.socket, name) for name in names]
    for client in clients:
        await client.__aenter__()
    try:
        await asyncio.gather(*(client.accept("LiveCase", method_b(f"^{100 + i}")) for i, client in enumerate(clients)))
        await asyncio.sleep(1)
        orders = [
            [event["receipt"]["id"] for event in client.events if event["kind"] == "accepted"] for client in clients
        ]
        assert len(orders[0]) == 8 and all(order == orders[0] for order in orders), orders
        last = (await clients[0].ask("method", method="LiveCase>>methB"))["text"]
        for visitor in (stage.anna, stage.ben):
            await visitor.page.until(
                f"{visitor.code(1)}.pane.document.accepted === {json.dumps(last)}", "the pages have the last text"
            )
        await stage.latency_with(10)
    finally:
        for client in clients:
            await client.__aexit__()
    return stage.latency


async def accessible(stage):
    """Names, roles, contrast and focus in light and dark, with every window in front"""
    page = stage.anna.page
    for theme in ("light", "dark"):
        await page.theme(theme)
        for kind in ("history", "debugger", "workspace"):
            await page.run(f"ovid.desk.reveal('{kind}'), 1")
            await asyncio.sleep(0.2)
            found = await accessibility.problems(page, focus=theme == "light")
            assert not found, f"{theme}, {kind}:\n" + "\n".join(found)
    for theme in ("light", "dark"):
        await page.theme(theme)
        for width, height in ((1280, 800), (1920, 1080)):
            await page.size(width, height)
            await asyncio.sleep(0.6)
            await stage.picture(f"all-{theme}-{width}")
            wide = await page.run(
                "document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight"
            )
            assert not wide, f"the page is larger than {width}×{height}"
    await page.size(1280, 800)
    await page.theme("light")


async def server_comes_back(stage):
    """`ovid live` ends, and begins again at the same port: the page says so, and finds its way with the new address"""
    page = stage.anna.page
    await stage.anna.write(1, method_b('^77 "kept"'))
    await stage.server.stop()
    await page.until("document.querySelector('.status').innerText.includes('no connection')", "the page says it")
    await stage.server.start()
    await page.go(stage.server.address)
    await asyncio.sleep(0.3)
    await stage.anna.arrive()
    await page.until(
        f"{stage.anna.code(1)}?.pane.editor.text.includes('kept')", "the draft is there in the new session"
    )
