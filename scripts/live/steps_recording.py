# Steps about recordings: a session of its own is recorded, and looked at in a page.

import asyncio
import os

import accessibility
from client import Client
from server import Replay, Server
from stage import method_b
from visitor import Visitor

folder = os.path.dirname(os.path.abspath(__file__))
MOMENT = "ovid.session.connection.moment"


def pages(stage):
    """The flags that say where pages come from."""
    flags = stage.server.flags
    return flags[flags.index("--pages") :][:2] if "--pages" in flags else []


async def record(stage):
    """The path of a recording of some seconds: two accepts, one of them taken back, a draft, a watch, frames, output."""
    path = os.path.join(stage.server.folder, "session.jsonl")
    async with Server(
        stage.server.ovid,
        os.path.join(folder, "program", "LiveCase.som"),
        "--speed",
        "TheCase sends",
        "--record",
        path,
        *pages(stage),
    ) as server:
        async with Client(server.socket, "Anna") as anna:
            await anna.ask("presence", looksAt=["LiveCase>>methB"])
            await anna.ask("watch", text="TheCase total")
            await asyncio.sleep(2)
            await anna.accept("LiveCase", method_b("^2"))
            await asyncio.sleep(2)
            await anna.ask("lens", method="LiveCase>>methB")
            await anna.ask("senders", selector="methB")
            await look_at_a_stop(anna)
            await anna.ask("draft", place="LiveCase>>methB", text=method_b('^3 "half a dr'), basedOn=2)
            await asyncio.sleep(1)
            await anna.ask("draft", place="LiveCase>>methB", text=None)
            await anna.accept("LiveCase", method_b("^3"))
            await asyncio.sleep(1)
            await anna.ask("undo")
            await asyncio.sleep(2)
    return path


async def look_at_a_stop(client):
    """The program is paused, its stack looked at, and it goes on."""
    await client.ask("pause")
    while not (stops := [event["stop"] for event in client.events if event["kind"] == "stopped"]):
        await asyncio.sleep(0.05)
    process = stops[-1]["process"]
    stack = (await client.ask("stack", process=process, count=200))["activations"]
    for activation in stack:
        await client.ask("activation", activation=activation["id"])
    await asyncio.sleep(0.5)
    await client.ask("resume", process=process)


async def open_replay(stage, replay, **look):
    page = await stage.browser.page(replay.address, apart=True, **look)
    await Visitor(page).arrive()
    return page


async def recorded(stage):
    """A recorded session is shown again: texts, receipts, drafts, plots, the picture, by slider and keys"""
    stage.recording = await record(stage)
    async with Replay(stage.server.ovid, stage.recording, *pages(stage)) as replay:
        page = await open_replay(stage, replay)
        anna = Visitor(page)
        await page.until("document.querySelector('.player input[type=range]')?.disabled === false", "the slider")
        window = anna.code(1)
        await page.until(f"{window}.pane.place === 'LiveCase>>methB'", "methB is shown")

        async def at(moment, condition, words):
            await page.run(f"ovid.session.connection.seek({moment}), 1")
            await page.until(condition, f"{words}, at {moment}")

        text, foot = f"{window}.pane.editor.text", f"{window}.pane.foot.element.innerText"
        accepts = await page.run(
            "ovid.session.connection.recording.accepts.map(({time}) => time - ovid.session.connection.recording.start)"
        )
        assert len(accepts) == 3, accepts
        await at(0, f"{text}.includes('^1')", "methB is as it was first")
        await at(accepts[0] - 0.2, f"{text}.includes('^1') && !{foot}.includes('Accept 1')", "before the accept")
        await at(accepts[0] + 1, f"{text}.includes('^2') && {foot}.includes('v1 → v2')", "its receipt")
        await page.until(f"{foot}.includes('executed after')", "what followed the receipt")
        await page.until("ovid.measured.accepts.length === 1", "the mark in the plot")
        await page.until("!document.querySelector('.view-picture canvas').hidden", "the picture")
        await page.until("document.querySelector('.watch .value')?.innerText.length > 0", "the watched expression")
        await at(accepts[1] - 0.3, f"{text}.includes('half a dr')", "the draft")
        await page.until(f"{window}.pane.marks.innerText.includes('draft of Anna')", "whose draft it is")
        await picture(stage, page, "replay-draft")
        await at(accepts[1] + 0.5, f"{text}.includes('^3') && !{text}.includes('half')", "the second accept")
        await at(accepts[2] + 0.5, f"{text}.includes('^2')", "it is taken back")
        await page.until(
            "document.querySelector('.history .list')?.innerText.includes('taken back')", "the history knows it"
        )

        # What Anna looked at: a stack, the lens, senders; and the library.
        stopped = await page.run(
            "(({items, start}) => items.find(({kind, value}) => kind === 'event' && value.kind === 'stopped').time - start)"
            "(ovid.session.connection.recording)"
        )
        debugger = "ovid.desk.all.find(window => window.kind === 'debugger')"
        await page.run("ovid.desk.reveal('debugger'), 1")
        await at(stopped + 0.05, f"{debugger}?.element.innerText.includes('LiveCase>>methA')", "the stack that Anna saw")
        await page.until(f"{debugger}.variables.element.innerText.includes('self')", "its variables")
        await picture(stage, page, "replay-stopped")
        lens = "ovid.session.request('lens', {method: 'LiveCase>>methB'}).then(({tier}) => tier.version, ({code}) => code)"
        assert await page.run(lens) == 2, await page.run(lens)
        senders = "ovid.session.request('senders', {selector: 'methB'}).then(({places}) => places[0].method.selector)"
        assert await page.run(senders) == "methA"
        others = "ovid.session.request('senders', {selector: 'count:'}).then(() => '', ({message}) => message)"
        assert "nobody had looked" in await page.run(others), await page.run(others)
        library = "ovid.session.request('classText', {name: 'Canvas'}).then(({text}) => text, ({message}) => message)"
        assert (await page.run(library)).count("primitive") > 3, await page.run(library)
        await at(stopped - 0.5, f"!{debugger}.stop", "it runs")

        await at(1e9, "ovid.measured.speed.length > 0 && ovid.measured.accepts.length === 3", "the plot")

        # By keys: an accept after the other, the slider, play and pause.
        await page.run("document.querySelector('.player input').focus(), 1")
        await page.key("Home")
        await page.until(f"{MOMENT} < 0.3", "the beginning")
        await page.key("Alt-K")
        await page.until(f"Math.abs({MOMENT} - {accepts[0] + 0.3}) < 0.2", "the first accept")
        await page.key("Alt-J")
        await page.until(f"{MOMENT} < 0.2", "the accept before it: the beginning")
        await page.key("ArrowRight")
        await page.until(f"Math.abs({MOMENT} - 1) < 0.2", "a second later")
        value = await page.run("document.querySelector('.player input').getAttribute('aria-valuetext')")
        assert value.startswith("1 second of "), value
        await page.run("document.querySelector('.player select').value = '4', 1")
        await page.run("document.querySelector('.player select').dispatchEvent(new Event('change')), 1")
        await page.key("Ctrl-.")
        await page.until("ovid.session.connection.isPlaying", "it plays")
        await page.until(f"{text}.includes('^2')", "it comes to the accept")
        await page.until("!ovid.session.connection.isPlaying", "it ends", 30)
        # Nothing can be changed.
        refused = await page.run("ovid.session.do('accept', {changes: []}).then(() => null, error => error.code)")
        assert refused == "recording", refused
        await page.run(f"ovid.desk.focus({window}), 1")
        await page.key("Ctrl-S")
        await page.until("document.querySelector('.status').innerText.includes('nothing can be changed')", "it says so")
        assert not await page.run("document.querySelector('.notice') ? document.querySelector('.notice').innerText : ''")
        for theme in ("light", "dark"):
            await page.theme(theme)
            await asyncio.sleep(0.3)
            await picture(stage, page, f"replay-{theme}")
            found = await accessibility.problems(page, focus=theme == "light")
            assert not found, f"{theme}:\n" + "\n".join(found)
        assert not page.problems, page.problems
        return f"{os.path.getsize(stage.recording) // 1024} KB of {await page.run('ovid.session.connection.length'):.0f} s"


async def damaged(stage):
    """Of a damaged recording what is readable is shown, and it is said what is missing"""
    with open(stage.recording, "rb") as file:
        lines = file.read().split(b"\n")
    path = os.path.join(os.path.dirname(stage.recording), "damaged.jsonl")
    lines[10] = b'{"event":\xff\x00 nonsense'
    with open(path, "wb") as file:
        file.write(b"\n".join(lines[: len(lines) * 2 // 3])[:-20])
    async with Replay(stage.server.ovid, path, *pages(stage)) as replay:
        page = await open_replay(stage, replay, theme="dark")
        said = await page.until("document.querySelector('.notice')?.innerText", "the page says it")
        assert "Line 11 is damaged" in said and "The file is cut in line" in said, said
        await page.until(f"{Visitor(page).code(1)}.pane.editor.text.includes('methB')", "the texts are there")
        await page.run("ovid.session.connection.seek(1e9), 1")
        await picture(stage, page, "replay-damaged")
        assert not page.problems, page.problems
    with open(path, "wb") as file:
        file.write(b'{"recording":1,"time":"never"}\n')
    async with Replay(stage.server.ovid, path, *pages(stage)) as replay:
        page = await stage.browser.page(replay.address, apart=True)
        await page.until(
            "document.querySelector('.status').innerText.includes('Nothing in this file can be read')", "it says so"
        )


async def picture(stage, page, name):
    if stage.screenshots:
        await page.screenshot(os.path.join(stage.screenshots, f"{name}.png"))
