# What `ovid live` promises, measured: latency from the key to the effect, what clients cost the program, floods of output.

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import sys
import time

from chromium import Browser, executable
from client import Client
from server import Server
from stage import method_b
from visitor import Visitor

programs = os.path.join(os.path.dirname(os.path.abspath(__file__)), "program")

# When an effect was there: told to the browser, shown by the page as soon as the browser gave it its turn, on the display; and how
# long the page's scripts worked from when the browser had it. All in milliseconds.
WATCH_EFFECTS = """(() => {
  window.effects = new Map();
  let works = [];
  const working = action => (...values) => {
    const begin = performance.now();
    try { return action(...values); } finally { works.push({begin, time: performance.now() - begin}); }
  };
  const channel = new MessageChannel(), waiting = [], frame = window.requestAnimationFrame;
  window.requestAnimationFrame = action => frame(working(action));
  const connection = ovid.session.connection;
  connection.event = working(connection.event);
  channel.port1.onmessage = () => { for (const show of waiting.splice(0)) show(); };
  ovid.session.on('epilogue', record => {
    if (!record.seen || effects.has(record.number)) return;
    const effect = {receipt: record.answered, seen: record.seen, turn: record.shown - record.seen,
      machine: record.receipt.latency.total / 1000};
    effects.set(record.number, effect);
    // Behind the next frame, the display has it.
    frame(() => {
      waiting.push(() => {
        const told = record.asked + record.seen;
        effect.work = works.filter(({begin}) => begin >= told).reduce((sum, {time}) => sum + time, 0);
        effect.ours = effect.seen + effect.work;
        works = [];
        effect.display = performance.now() - record.asked - record.shown;
        effect.all = performance.now() - record.asked;
      });
      channel.port2.postMessage(null);
    });
  });
  return 1;
})()"""


def quantiles(values):
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 2),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 2),
        "count": len(ordered),
    }


def told(values):
    return f"median {values['median']:.1f} ms, 95 % within {values['p95']:.1f} ms"


class Report:
    def __init__(self):
        self.values = {}

    def add(self, name, value, words):
        self.values[name] = value
        print(f"{name:<42}{words}", flush=True)


async def is_compiled(client):
    while True:
        tier = (await client.ask("lens", method="LiveCase>>methB"))["tier"]
        if any(place["caller"].startswith("LiveCase>>methA") for place in tier["inlined"]):
            return
        await asyncio.sleep(0.1)


def live_case(ovid):
    return Server(ovid, os.path.join(programs, "LiveCase.som"), "--speed", "TheCase sends")


async def effect_of(page, number):
    return await page.until(f"effects.get({number})?.display && effects.get({number})", "its effect", 30)


async def latency_in_chromium(ovid, count, report):
    async with live_case(ovid) as server, Browser() as browser, Client(server.socket, "bench") as client:
        page = await browser.page(server.address)
        visitor = Visitor(page)
        # Most people have nobody read the page to them, which costs each frame some of its time.
        await page.send("Accessibility.disable")
        await visitor.arrive()
        await visitor.show(1, "LiveCase>>methB")
        await page.run(WATCH_EFFECTS)
        effects, scripted = [], []
        for i in range(count + 5):
            await is_compiled(client)
            number = await visitor.accept(1, method_b(f"^{2 * i + 2}"))
            effect = await effect_of(page, number)
            await is_compiled(client)
            number = await visitor.accept(1, method_b(f"^{2 * i + 3}"), key=None)
            without = await effect_of(page, number)
            # The first ones warm up.
            if i >= 5:
                effects.append(effect)
                scripted.append(without)
        for name, found, part, what in (
            ("key to effect, ours", effects, "ours", "until the browser is told, and the work of the page's scripts from then"),
            ("of that, until the browser is told", effects, "seen", "by a worker, which waits for no frame"),
            ("of that, in the machine", effects, "machine", "as receipts tell it: waiting, parsing, installing, invalidating"),
            ("key to receipt", effects, "receipt", "the same of the answer"),
            ("the browser: until the page has its turn", effects, "turn", "behind a key, Chromium waits for its next frame"),
            ("the browser: its next frame", effects, "display", "from there until it is shown"),
            ("key to display, all", effects, "all", "with the browser's part"),
            ("accept to effect, without a key", scripted, "ours", "the same of an accept by a script"),
        ):
            values = quantiles([effect[part] for effect in found])
            report.add(name, values, f"{told(values)} ({what})")


async def latency_of_requests(ovid, count, report):
    """Without a browser: what the session itself takes."""
    async with live_case(ovid) as server, Client(server.socket, "bench") as client:
        pings, accepts, undos = [], [], []
        for i in range(count):
            await is_compiled(client)
            begin = time.perf_counter()
            await client.ask("ping")
            pings.append((time.perf_counter() - begin) * 1000)
            begin = time.perf_counter()
            number = (await client.accept("LiveCase", method_b(f"^{i + 2}")))["id"]
            # Its effect is told by an event, which may come before the answer.
            await client.event(lambda e: e["kind"] == "effect" and e["receipt"] == number)
            accepts.append((time.perf_counter() - begin) * 1000)
            if i % 4 == 0:
                begin = time.perf_counter()
                await client.ask("undo")
                undos.append((time.perf_counter() - begin) * 1000)
        for name, values in (("ping", pings), ("accept to its effect", accepts), ("undo to its receipt", undos)):
            values = quantiles(values)
            report.add(f"WebSocket client: {name}", values, told(values))


def crowd(address, count, ready, over):
    """A process with clients that look at everything; less urgent than the program, whose speed is asked for."""
    os.nice(10)

    async def look():
        clients = [Client(address, f"crowd {i}") for i in range(count)]
        for client in clients:
            await client.__aenter__()
            await client.ask("canvas", isWatched=True)
        ready.set()
        while not over.is_set():
            await asyncio.sleep(0.1)
            for client in clients:
                client.events.clear()
        for client in clients:
            await client.__aexit__()

    asyncio.run(look())


def processor_seconds(process):
    """Of the program's thread: the one that has had most, since the program never waits."""
    times = []
    for thread in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{thread}/schedstat", encoding="ascii") as file:
            times.append(int(file.read().split()[0]))
    return max(times) / 1e9


async def rate(server, expression, count, seconds):
    """How much a number grows in a second, and in a second of the program's processor time, while so many clients are connected."""
    address = server.socket
    apart = multiprocessing.get_context("spawn")
    ready, over = apart.Event(), apart.Event()
    process = apart.Process(target=crowd, args=(address, count, ready, over), daemon=True)
    if count:
        process.start()
        await asyncio.to_thread(ready.wait, 30)
    samples = []
    for _ in range(2):
        async with Client(address, "counter") as counter:
            value = await counter.ask("evaluate", text=expression)
            samples.append((int(value["value"]["text"]), time.perf_counter(), processor_seconds(server.process.pid)))
        if len(samples) == 1:
            await asyncio.sleep(seconds)
    over.set()
    if count:
        await asyncio.to_thread(process.join, 30)
    grown, seconds, processor = (after - before for before, after in zip(*samples))
    return grown / seconds, grown / processor


async def slow_down(ovid, rounds, seconds, report):
    async with live_case(ovid) as server:
        async with Client(server.socket, "bench") as client:
            await is_compiled(client)
        rates = {0: [], 1: [], 10: []}
        for _ in range(rounds):
            for count, found in rates.items():
                found.append(await rate(server, "TheCase sends", count, seconds))
        alone = statistics.median(by_clock for by_clock, _ in rates[0])
        report.add("the program alone", alone, f"{alone / 1e6:.1f} M sends/s (median of {rounds} rounds, {seconds} s each)")
        for count in (1, 10):
            # Of each round by itself: a busy machine is slower now, and faster then.
            for measure, words in enumerate(("by the clock", "in the program's own processor time, which others do not take")):
                lost = [1 - found[measure] / alone[measure] for found, alone in zip(rates[count], rates[0])]
                share = statistics.median(lost)
                name = f"with {count} client{'s' if count > 1 else ''}" + (", processor time" if measure else "")
                rounds_told = f"rounds from {min(lost) * 100:+.1f} to {max(lost) * 100:+.1f} %"
                report.add(name, share, f"{share * 100:+.1f} % slower (aim: 3 %; {rounds_told}; {words})")


async def flood(ovid, rounds, seconds, report):
    async with Server(ovid, os.path.join(programs, "Flood.som")) as server:
        async with Client(server.socket, "bench") as client:
            while not any(event["kind"] == "output" for event in client.events):
                await asyncio.sleep(0.05)
            pings = []
            for _ in range(50):
                begin = time.perf_counter()
                await client.ask("ping")
                pings.append((time.perf_counter() - begin) * 1000)
                await asyncio.sleep(0.02)
                client.events.clear()
        rates = {0: [], 10: []}
        for _ in range(rounds):
            for count, found in rates.items():
                found.append(await rate(server, "TheLines", count, seconds))
        lines = {count: statistics.median(by_clock for by_clock, _ in found) for count, found in rates.items()}
        bytes_each = 56
        for count, value in lines.items():
            report.add(
                f"flood of output, {count} clients", value, f"{value * bytes_each / 1e6:.1f} MB/s, {value / 1e3:.0f} k lines/s"
            )
        values = quantiles(pings)
        report.add("a request in the flood", values, told(values))


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("--ovid", default=".build/release/ovid")
    options.add_argument("--quick", action="store_true", help="a few of everything, to try the harness")
    options.add_argument("--json", metavar="FILE")
    arguments = options.parse_args()
    report = Report()
    count, rounds, seconds = (10, 1, 1) if arguments.quick else (100, 7, 3)
    if executable():
        print(f"In headless Chromium, with {os.cpu_count()} cores:")
        await latency_in_chromium(arguments.ovid, count, report)
    else:
        print("There is no Chromium (apt-get install chromium): a client of the WebSocket measures instead.")
    await latency_of_requests(arguments.ovid, count, report)
    await slow_down(arguments.ovid, rounds, seconds, report)
    await flood(arguments.ovid, rounds, seconds, report)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"chromium": bool(executable()), "figures": report.values}, file, indent=2)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
