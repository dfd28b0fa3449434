# The peer of the processes' figures. Usage: python3 tasks.py switch|timer|crowd n
import asyncio, resource, sys, time

what, n = sys.argv[1], int(sys.argv[2])


async def switches():
    async def body():
        for _ in range(n):
            await asyncio.sleep(0)
    await asyncio.gather(body(), body())


async def timers():
    # Beside two that compute, and let others run every thousand rounds.
    async def compute():
        i = 0
        while True:
            i = (i + 1) & 1048575
            if i % 1000 == 0:
                await asyncio.sleep(0)
    others = [asyncio.create_task(compute()) for _ in range(2)]
    for _ in range(n):
        start = time.perf_counter()
        await asyncio.sleep(0.005)
        print("late: %d us" % max(0, (time.perf_counter() - start - 0.005) * 1e6))
    for other in others:
        other.cancel()


async def crowd():
    gate = asyncio.Event()
    all = [asyncio.create_task(gate.wait()) for _ in range(n)]
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == n + 1
    for each in all:
        each.cancel()


start = time.perf_counter()
asyncio.run({"switch": switches, "timer": timers, "crowd": crowd}[what]())
print("%s: %d us" % (what, (time.perf_counter() - start) * 1e6))
print("memory: %d us" % resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
