# A client of the session that is no browser: another person, as far as the pages can tell.

import asyncio
import json

import websockets


class Refused(Exception):
    def __init__(self, error):
        super().__init__(error["message"])
        self.error = error


class Client:
    """`async with Client(socket, "Ben") as ben: await ben.ask("accept", …)`; events are kept in `events`."""

    def __init__(self, address, name):
        self.address, self.name = address, name

    async def __aenter__(self):
        self.socket = await websockets.connect(self.address, max_size=1 << 26)
        self.number, self.waiting, self.events, self.frames = 0, {}, [], 0
        self.came = asyncio.Event()
        self.reader = asyncio.create_task(self._read())
        self.hello = await self.ask("hello", protocol=1, client=f"test-{self.name}", name=self.name)
        return self

    async def __aexit__(self, *_):
        self.reader.cancel()
        await self.socket.close()

    async def _read(self):
        async for text in self.socket:
            if isinstance(text, bytes):
                self.frames += 1
                await self.socket.send(
                    json.dumps({"request": "drawn", "parameters": {"frame": int.from_bytes(text[4:8], "little")}})
                )
                continue
            message = json.loads(text)
            if "event" in message:
                self.events.append(message)
                self.came.set()
            elif "progress" not in message:
                waiting = self.waiting.pop(message.get("id"), None)
                if waiting:
                    waiting.set_result(message)

    async def ask(self, request, **parameters):
        self.number += 1
        waiting = self.waiting[self.number] = asyncio.get_running_loop().create_future()
        await self.socket.send(json.dumps({"id": self.number, "request": request, "parameters": parameters}))
        answer = await asyncio.wait_for(waiting, 20)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    async def event(self, matches):
        """The first of the last events, or of those that come, that `matches`."""
        while not (found := next((e for e in reversed(self.events[-200:]) if matches(e)), None)):
            self.came.clear()
            await self.came.wait()
        return found

    async def accept(self, class_name, text, **more):
        change = {"kind": "method", "className": class_name, "text": text}
        return (await self.ask("accept", changes=[change], force=True, **more))["receipt"]
