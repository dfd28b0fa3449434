# A program under `ovid live`, on a copy of its folder, since accepts are written into class files.

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.parse


class Server:
    def __init__(self, ovid, program, *flags):
        self.ovid, self.program, self.flags = ovid, program, flags
        self.port = None

    async def __aenter__(self):
        self.folder = tempfile.mkdtemp(prefix="ovid-live-test-")
        shutil.copytree(os.path.dirname(self.program), self.folder, dirs_exist_ok=True)
        await self.start()
        return self

    def words(self, port):
        return ["live", "--no-cache", *port, *self.flags, os.path.join(self.folder, os.path.basename(self.program))]

    async def start(self):
        """The same port again, if it was started before."""
        port = ["--port", str(self.port)] if self.port else []
        self.process = subprocess.Popen(
            [self.ovid, *self.words(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        self.output = []
        self.address = None
        threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True).start()
        for _ in range(1500):
            if self.address or self.process.poll() is not None:
                break
            await asyncio.sleep(0.02)
        if not self.address:
            sys.exit("ovid has printed no address:\n" + "".join(self.output))
        found = urllib.parse.urlparse(self.address)
        self.port = found.port
        self.token = urllib.parse.parse_qs(found.query).get("token", [""])[0]

    def _read(self, stream):
        for line in stream:
            self.output.append(line)
            found = re.search(r"http://\S+", line)
            if found and not self.address:
                self.address = found[0]

    @property
    def socket(self):
        return f"ws://127.0.0.1:{self.port}/session?token={self.token}"

    async def stop(self):
        self.process.terminate()
        try:
            await asyncio.to_thread(self.process.wait, 10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("ovid live has not ended within 10 s of SIGTERM")

    async def __aexit__(self, *_):
        if self.process.poll() is None:
            await self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Replay(Server):
    """A recording that is served."""

    def __init__(self, ovid, recording, *flags):
        super().__init__(ovid, None, *flags)
        self.recording = recording

    async def __aenter__(self):
        self.folder = tempfile.mkdtemp(prefix="ovid-replay-test-")
        await self.start()
        return self

    def words(self, port):
        return ["replay", *port, *self.flags, self.recording]
