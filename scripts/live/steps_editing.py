# Steps about code: editing it, seeing what the compiler makes of it, and losing nothing.

import asyncio
import json

from stage import RATE, method_b


async def both_come_in(stage):
    """Two browsers come in; two code browsers and the watch are there"""
    await stage.anna.arrive()
    await stage.ben.arrive()
    for visitor, name in ((stage.anna, "Anna"), (stage.ben, "Ben")):
        await visitor.page.run(f"ovid.session.name = {json.dumps(name)}, ovid.present(), 1")
    await stage.anna.page.until("ovid.session.clients.length === 2", "both are told of")
    kinds = await stage.anna.page.run("ovid.desk.all.map(window => window.kind).join()")
    assert kinds == "code,code,watch,guide,history,debugger,workspace", kinds
    assert "methA" in await stage.anna.text(0), await stage.anna.text(0)
    assert "methB" in await stage.anna.text(1), await stage.anna.text(1)
    await stage.anna.page.until(
        "document.querySelector('.watching').innerText.includes('the case begins')", "the output is shown"
    )
    await stage.anna.page.until(
        "document.querySelector('.watching .title').innerText.includes('sends/s')", "the speed is shown"
    )


async def picture_moves(stage):
    """The picture moves"""
    await stage.anna.page.until(
        "parseInt(document.querySelector('.view-picture .number').innerText) > 5", "frames are drawn"
    )
    colours = await stage.anna.page.run(
        "(() => { const c = document.querySelector('.picture-place canvas'); const d = c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data; return [...d].join(); })()"
    )
    assert colours.endswith("255"), f"the middle of the picture is {colours}"


async def three_windows(stage):
    """methB is edited while methA runs it inlined in compiled code: the receipt says so, and what follows"""
    await stage.compiled()
    await stage.picture("1-before")
    number = await stage.anna.accept(1, method_b("^2"))
    await stage.anna.reads(
        1,
        f"Accept {number}",
        "LiveCase>>methB v1 → v2",
        "invalidated LiveCase>>methA",
        "LiveCase>>methB was inlined in LiveCase>>methA",
        "ran first after",
        "optimized again:",
        "settled after",
    )
    rate = await stage.anna.page.run(RATE)
    assert 1.7 < rate < 2.3, f"each send adds {rate}"
    await stage.picture("2-accepted")


async def seen_at_once(stage):
    """The second browser has the accepted text at once, and says whose it is"""
    await stage.ben.show(1, "LiveCase>>methB")
    number = await stage.anna.accept(1, method_b("^3"))
    await stage.ben.page.until(f"{stage.ben.code(1)}.pane.editor.text.includes('^3')", "Ben sees it", 5)
    assert "v3" in await stage.ben.bar(1)
    await stage.ben.reads(1, f"Accept {number}", "by Anna")
    # Another window of the same page, too.
    await stage.anna.show(0, "LiveCase>>methB")
    await stage.anna.accept(1, method_b("^4"))
    assert "^4" in await stage.anna.text(0)
    await stage.anna.show(0, "LiveCase>>methA")


async def lens_is_shown(stage):
    """The lens marks compiled lines, what is inlined there, and where methB is inlined"""
    await stage.compiled()
    await stage.anna.page.until(
        "document.querySelectorAll('.CodeMirror-gutter-elt .lens.compiled.inlines').length > 0",
        "marks of inlined sends",
    )
    await stage.anna.page.until(
        "document.querySelectorAll('.CodeMirror-gutter-elt .lens.inlined').length > 0", "marks of inlined lines", 20
    )
    await stage.anna.page.run(f"ovid.desk.focus({stage.anna.code(1)}), 1")
    await stage.anna.page.key("Alt-L")
    await stage.anna.page.until(
        "document.querySelector('.card')?.innerText.includes('inlined in LiveCase>>methA')", "the card has words"
    )
    await stage.anna.page.key("Escape")
    await stage.anna.page.until("!document.querySelector('.card')", "Esc closes the card")


async def errors_have_places(stage):
    """A text with an error is told while typing, and refused with its place; nothing changes"""
    before = await stage.anna.page.run("ovid.session.lastAccept")
    await stage.anna.write(1, "methB = (\n    ^2 + \n)")
    await stage.anna.page.until(
        f"{stage.anna.code(1)}.pane.finding.innerText.includes('line')", "a finding while typing"
    )
    await stage.anna.page.key("Ctrl-S")
    await stage.anna.reads(1, "refused", "Nothing has changed")
    await stage.anna.page.until("document.querySelectorAll('.wrong-place').length > 0", "the place is underlined")
    await stage.anna.page.key("Alt-R")
    await stage.anna.page.until(f"!{stage.anna.code(1)}.pane.document.isDraft", "the draft is given up")
    assert "^4" in await stage.anna.text(1)
    assert before <= await stage.anna.page.run("ovid.session.lastAccept")


async def completion(stage):
    """Ctrl-Space completes a word"""
    window = stage.anna.code(1)
    await stage.anna.write(1, method_b("^self isRun"))
    await stage.anna.page.run(f"{window}.pane.editor.goTo(1, 15), {window}.pane.editor.focus(), 1")
    await stage.anna.page.key("Ctrl-Space")
    await stage.anna.page.until(f"{window}.pane.editor.text.includes('^self isRunning')", "the word is complete")
    await stage.anna.page.key("Alt-R")


async def guide(stage):
    """A suggestion of the guide is written into a code browser as a draft"""
    await stage.anna.page.run("ovid.desk.reveal('guide'), 1")
    await stage.anna.page.click("(document.querySelector('.guide button.link'))")
    await stage.anna.page.until(f"{stage.anna.code(1)}.pane.document.isDraft", "a draft")
    assert "^42" in await stage.anna.text(1), await stage.anna.text(1)
    assert await stage.anna.page.run(f"{stage.anna.code(1)}.pane.place") == "LiveCase>>methB"
    await stage.anna.page.key("Alt-R")


async def stale_accept(stage):
    """An accept on an old version is refused with both texts; it can be repeated on purpose"""
    await stage.anna.write(1, method_b("^5"))
    await stage.ben.accept(1, method_b("^6"))
    await stage.anna.page.until(
        f"{stage.anna.code(1)}.pane.notice.innerText.includes('was accepted since you began')", "the draft is marked"
    )
    assert "^5" in await stage.anna.text(1), "the draft is lost"
    await stage.anna.page.key("Ctrl-S")
    await stage.anna.page.until(
        "document.querySelector('dialog[open]')?.innerText.includes('was changed meanwhile')", "both texts and a choice"
    )
    words = await stage.anna.page.run("document.querySelector('dialog[open]').innerText")
    assert "^5" in words and "^6" in words and "Ben" in words, words
    await stage.picture("3-stale")
    await stage.anna.page.click("dialog[open] button.main")
    await stage.anna.page.until("!document.querySelector('dialog[open]')")
    await stage.ben.page.until(f"{stage.ben.code(1)}.pane.editor.text.includes('^5')", "the repeated accept counts")


async def taken_back(stage):
    """One key takes the last accept of the method back; History tells of it, and does it again"""
    await stage.anna.accept(1, method_b("^7"))
    last = await stage.anna.page.run("ovid.session.lastAccept")
    await stage.anna.page.key("Alt-U")
    await stage.anna.page.until(f"{stage.anna.code(1)}.pane.editor.text.includes('^5')", "the text of before")
    await stage.anna.page.run("ovid.desk.reveal('history'), 1")
    await stage.anna.page.until(
        f"ovid.desk.active.element.innerText.includes('takes back {last}')", "History tells of it"
    )
    await stage.anna.page.run(
        f"(() => {{ const w = ovid.desk.active; w.list.choose(w.entries.find(e => e.id === {last})); }})(), 1"
    )
    await stage.anna.page.until("ovid.desk.active.detail.innerText.includes('Do it again')")
    await stage.picture("4-history")


async def draft_survives(stage):
    """A draft survives a lost connection and a reload of the page; what was missed comes"""
    await stage.anna.write(1, method_b('^8 "a draft"'))
    await stage.anna.page.run("ovid.session.connection.socket.close(), 1")
    await stage.anna.page.until("ovid.session.connection.state !== 'open'", "the connection is lost", 5)
    await stage.ben.show(0, "LiveCase>>count:")
    await stage.ben.accept(1, method_b("^9"))
    await stage.anna.arrive()
    await stage.anna.page.until(f"{stage.anna.code(1)}.pane.document.isStale", "what was missed is told")
    assert "a draft" in await stage.anna.text(1), "the draft is lost"
    await asyncio.sleep(0.7)
    await stage.anna.page.reload()
    await asyncio.sleep(0.2)
    await stage.anna.arrive()
    await stage.anna.page.until(
        f"{stage.anna.code(1)}?.pane.editor.text.includes('a draft')", "the draft is there after a reload"
    )
    # A browser that has forgotten everything gets it from the session.
    await stage.anna.page.run(
        "Object.keys(localStorage).filter(key => key.includes('drafts')).forEach(key => localStorage.removeItem(key)), 1"
    )
    await stage.anna.page.run("dispatchEvent(new Event('pagehide')), 1")
    await stage.anna.page.reload()
    await asyncio.sleep(0.2)
    await stage.anna.arrive()
    await stage.anna.page.until(
        f"{stage.anna.code(1)}?.pane.editor.text.includes('a draft')", "the session knows the draft"
    )
    await stage.anna.page.run(f"ovid.desk.focus({stage.anna.code(1)}), 1")
    await stage.anna.page.key("Alt-R")
    await stage.anna.page.until(f"{stage.anna.code(1)}.pane.editor.text.includes('^9')", "the accepted text")
