# Goes through the pages, step by step; each step is told with its time, and the first that fails ends the test with a
# screenshot of what was there.

import argparse
import asyncio
import os
import sys
import time
import traceback

from chromium import Browser
import film
from server import Server
import steps
from stage import Stage

folder = os.path.dirname(os.path.abspath(__file__))


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("--short", action="store_true", help="the scenario itself only, below a minute")
    options.add_argument("--screenshots", metavar="FOLDER", help="where screenshots go")
    options.add_argument("--ovid", default=".build/release/ovid")
    options.add_argument("--pages", metavar="FOLDER", help="pages from a folder, not those that are built in")
    options.add_argument("--film", metavar="FILE", help="no test: makes an animated PNG of the windows")
    arguments = options.parse_args()
    if arguments.screenshots:
        os.makedirs(arguments.screenshots, exist_ok=True)
    flags = ["--pages", arguments.pages] if arguments.pages else []
    if arguments.film:
        print(await film.make(arguments.ovid, arguments.film, *flags))
        return 0
    begin = time.monotonic()
    async with Server(
        arguments.ovid, os.path.join(folder, "program", "LiveCase.som"), "--speed", "TheCase sends", *flags
    ) as server, Browser() as browser:
        stage = Stage(server, browser, arguments.screenshots)
        await stage.open()
        for step in steps.short if arguments.short else steps.everything:
            start = time.monotonic()
            try:
                more = await step(stage)
            except Exception:
                traceback.print_exc()
                print(f"FAILED  {step.__doc__}")
                await stage.picture("failed")
                print(
                    "state:",
                    await stage.anna.page.run(
                        "JSON.stringify({breakpoints: ovid.session.breakpoints, stops: [...ovid.session.stops.values()], program: ovid.session.program})"
                    ),
                )
                print("page:", *stage.anna.page.problems[:5], sep="\n  ")
                print("ovid live:", *server.output[-5:], sep="\n  ")
                return 1
            print(f"ok      {time.monotonic() - start:5.1f} s  {step.__doc__}{': ' + more if more else ''}", flush=True)
        problems = stage.anna.page.problems + stage.ben.page.problems
        if problems:
            print("FAILED  the pages have raised:", *problems[:8], sep="\n  ")
            return 1
    print(f"{len(steps.short if arguments.short else steps.everything)} steps in {time.monotonic() - begin:.0f} s")
    return 0


sys.exit(asyncio.run(main()))
