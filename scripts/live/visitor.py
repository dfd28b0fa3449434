# What a person does with a page: opens methods, types, presses keys, reads what the windows say.

import json


class Visitor:
    def __init__(self, page):
        self.page = page

    async def arrive(self):
        """The windows are there, and connected."""
        await self.page.until(
            "window.ovid?.isArranged && ovid.session.connection.state === 'open'", "the page is open", 30
        )

    def code(self, number):
        return f"ovid.desk.all.filter(window => window.kind === 'code')[{number}]"

    async def show(self, number, place):
        """Shows a method in a code browser, and puts the keyboard there."""
        window = self.code(number)
        await self.page.run(f"{window}.show({json.dumps(place)}), ovid.desk.focus({window}), 1")
        await self.page.until(
            f"{window}.pane.place === {json.dumps(place)} && {window}.pane.document.accepted !== null",
            f"{place} is shown",
        )

    async def write(self, number, text):
        """Replaces the text of the editor by typing."""
        window = self.code(number)
        await self.page.run(f"ovid.desk.focus({window}), 1")
        await self.page.key("Ctrl-A")
        await self.page.type(text)
        await self.page.until(
            f"{window}.pane.editor.text === {json.dumps(text)}",
            f"the editor has the text {text!r}; it has " + await self.text(number),
        )

    async def text(self, number):
        return await self.page.run(f"{self.code(number)}.pane.editor.text")

    async def foot(self, number):
        return await self.page.run(f"{self.code(number)}.pane.foot.element.innerText")

    async def bar(self, number):
        return await self.page.run(f"{self.code(number)}.pane.marks.innerText")

    async def accept(self, number, text=None, key="Ctrl-S"):
        """Types a text, accepts it, and waits for the receipt below; answers its number. Without a key a script accepts."""
        if text is not None:
            await self.write(number, text)
        last = await self.page.run("ovid.session.lastAccept ?? 0")
        if key:
            await self.page.key(key)
        else:
            await self.page.run("ovid.run('accept', performance.now()), 1")
        window = self.code(number)
        return await self.page.until(
            f"(() => {{ const n = {window}.pane.foot.lastReceipts.get({window}.pane.place); return n > {last} ? n : 0; }})()",
            "the receipt is shown",
        )

    async def reads(self, number, *words, seconds=15):
        """Waits until the foot of a code browser says all of these."""
        for word in words:
            await self.page.until(
                f"{self.code(number)}.pane.foot.element.innerText.includes({json.dumps(word)})",
                f"“{word}” below {number}; it says: {await self.foot(number)}",
                seconds,
            )

    async def debugger(self):
        return await self.page.run("ovid.desk.all.find(window => window.kind === 'debugger')?.element.innerText ?? ''")
