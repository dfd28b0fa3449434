# Who goes through the pages, and what several steps need.

import os
import statistics

from visitor import Visitor

METHOD_A = "methA = (\n    [ self isRunning ] whileTrue: [\n        self count: self methB ]\n)"

# What one send has added to the total, on average, in half a second. Both are asked for in one evaluation: on a machine that
# has much to do, seconds can lie between two.
RATE = """(async () => {
  const text = "TheCase total asString + ' ' + TheCase sends asString";
  const ask = () => ovid.session.do('evaluate', {text, mode: 'do'}).then(({value}) => value.text.match(/\\d+/g).map(Number));
  const [total, sends] = await ask();
  await new Promise(go => setTimeout(go, 500));
  const [totalNow, sendsNow] = await ask();
  return (totalNow - total) / (sendsNow - sends);
})()"""


def method_b(text):
    return f"methB = (\n    {text}\n)"


class Stage:
    """Two people, Anna and Ben, each with a browser; Anna has two code browsers and a window that watches."""

    def __init__(self, server, browser, screenshots):
        self.server, self.browser, self.screenshots = server, browser, screenshots

    async def open(self):
        self.anna = Visitor(await self.browser.page(self.server.address))
        self.ben = Visitor(await self.browser.page(self.server.address, apart=True, theme="dark"))

    async def picture(self, name):
        if self.screenshots:
            await self.anna.page.screenshot(os.path.join(self.screenshots, f"{name}.png"))

    async def compiled(self):
        """methA's loop runs compiled code that has methB inlined."""
        await self.anna.page.until(
            "ovid.session.request('lens', {method: 'LiveCase>>methB'}).then(({tier}) => tier.inlined.some(place => place.caller.startsWith('LiveCase>>methA')))",
            "methB is inlined in methA",
            60,
        )

    async def latency_with(self, clients, count=30):
        await self.anna.show(1, "LiveCase>>methB")
        await self.compiled()
        answered, seen = [], []
        for i in range(count):
            number = await self.anna.accept(1, method_b(f"^{200 + clients + i}"))
            record = await self.anna.page.until(
                f"(() => {{ const r = ovid.session.epilogues.of({number}); return r.seen && {{seen: r.seen, answered: r.answered}}; }})()",
                "its effect",
            )
            answered.append(record["answered"])
            seen.append(record["seen"])
        ordered = sorted(seen)
        self.latency = (
            f"{clients} clients: receipt after {statistics.median(answered):.1f} ms, first run seen after {statistics.median(seen):.1f} ms "
            f"(medians of {count}; 90 % within {ordered[int(count * 0.9) - 1]:.1f} ms)"
        )
