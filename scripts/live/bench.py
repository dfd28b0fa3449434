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

# When an effect was there: as the page has heard of it and has changed what it shows, and when the display had that, in
# milliseconds from the key.
WATCH_EFFECTS = """(() => {
  window.effects = new Map();
  const channel = new MessageChannel(), waiting = [];
  channel.port1.onmessage = () => { for (const show of waiting.splice(0)) show(); };
  ovid.session.on('epilogue', record => {
    if (!record.seen || effects.has(record.number)) return;
    const effect = {ours: record.seen, receipt: record.answered, machine: record.receipt.latency.total / 1000};
    effects.set(record.number, effect);
    // Behind the next frame, the display has it.
    requestAnimationFrame(() => {
      waiting.push(() => { effect.display = performance.now() - record.asked - effect.ours; });
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
            effect = await page.until(f"effects.get({number})?.display && effects.get({number})", "its effect", 30)
            await is_compiled(client)
            number = await visitor.accept(1, method_b(f"^{2 * i + 3}"), key=None)
            without = await page.until(f"effects.get({number})?.ours", "its effect", 30)
            # The first ones warm up.
            if i >= 5:
                effects.append(effect)
                scripted.append(without)
        for name, part, what in (
            ("key to effect, ours", "ours", "until the page has changed what it shows"),
            ("and the display's frame", "display", "from there until the frame is shown"),
            ("key to receipt", "receipt", "the answer is there"),
            ("of that, the machine's", "machine", "as receipts tell it: waiting, parsing, installing, invalidating"),
        ):
            values = quantiles([effect[part] for effect in effects])
            report.add(name, values, f"{told(values)} ({what})")
        values = quantiles(scripted)
        report.add("accept to effect, without a key", values, f"{told(values)} (behind a key, Chromium waits for its next frame)")


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


async def rate(address, expression, count, seconds):
    """How fast a number grows while so many clients are connected."""
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
            samples.append((time.perf_counter(), int(value["value"]["text"])))
        if len(samples) == 1:
            await asyncio.sleep(seconds)
    over.set()
    if count:
        await asyncio.to_thread(process.join, 30)
    (begin, first), (end, last) = samples
    return (last - first) / (end - begin)


async def slow_down(ovid, rounds, seconds, report):
    async with live_case(ovid) as server:
        async with Client(server.socket, "bench") as client:
            await is_compiled(client)
        rates = {0: [], 1: [], 10: []}
        for _ in range(rounds):
            for count, found in rates.items():
                found.append(await rate(server.socket, "TheCase sends", count, seconds))
        alone = statistics.median(rates[0])
        report.add("the program alone", alone, f"{alone / 1e6:.1f} M sends/s (median of {rounds} rounds, {seconds} s each)")
        for count in (1, 10):
            # Of each round by itself: a busy machine is slower now, and faster then.
            lost = [1 - with_clients / without for with_clients, without in zip(rates[count], rates[0])]
            share = statistics.median(lost)
            report.add(
                f"with {count} client{'s' if count > 1 else ''}",
                share,
                f"{share * 100:+.1f} % slower (aim: 3 %; rounds from {min(lost) * 100:+.1f} to {max(lost) * 100:+.1f} %)",
            )


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
                found.append(await rate(server.socket, "TheLines", count, seconds))
        lines = {count: statistics.median(found) for count, found in rates.items()}
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
