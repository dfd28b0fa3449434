"""What scripts/test-live-hostile does: a list of attacks, each a function; after each the session must still answer."""

import asyncio
import json
import os
import random
import re
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time
from urllib.parse import urlparse

import websockets

PROGRAM = """Loop = (
    | count |
    count = ( ^count )
    step  = ( ^1 )
    run   = ( count := 0. Loop current: self. [ true ] whileTrue: [ count := count + self step ] )
    ----
    | current |
    current    = ( ^current )
    current: l = ( current := l )
)
"""
failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
        print("  FAILED:", what)


class Target:
    """A running `ovid live`."""

    def __init__(self, ovid, *flags):
        folder = tempfile.mkdtemp(prefix="ovid-hostile-")
        path = os.path.join(folder, "Loop.som")
        with open(path, "w") as file:
            file.write(PROGRAM)
        self.process = subprocess.Popen(
            [ovid, "live", "--no-cache", *flags, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        parts = urlparse(self.url)
        self.port, self.token = parts.port, parts.query.removeprefix("token=")
        self.host = f"127.0.0.1:{self.port}"

    def memory(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) // 1024

    def raw(self, data, patience=15.0):
        """Sends bytes and answers all that comes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience) as s:
            try:
                s.sendall(data)
                answer = b""
                while True:
                    more = s.recv(65536)
                    if not more:
                        return answer
                    answer += more
            except (ConnectionError, TimeoutError):
                return answer if "answer" in locals() else b""

    def http(self, path, *headers, method="GET", host=None):
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or self.host}", *headers, "Connection: close", "", ""]
        return self.raw("\r\n".join(lines).encode())

    def connect(self, **options):
        return websockets.connect(
            f"ws://{self.host}/session?token={self.token}", max_size=None, compression=None, **options)


class Client:
    def __init__(self, ws):
        self.ws, self.last = ws, 0

    async def ask(self, request, patience=15, **parameters):
        self.last += 1
        await self.ws.send(json.dumps({"id": self.last, "request": request, "parameters": parameters}))
        while True:
            message = json.loads(await asyncio.wait_for(self.ws.recv(), patience))
            if message.get("id") == self.last and "progress" not in message:
                return message


async def is_alive(target):
    """Somebody who behaves is answered, and the program runs."""
    async with target.connect() as ws:
        client = Client(ws)
        await client.ask("hello", protocol=1, client="good", name="good")
        first = await client.ask("evaluate", text="Loop current count")
        await asyncio.sleep(0.05)
        second = await client.ask("evaluate", text="Loop current count")
        return int(first["result"]["text"]) < int(second["result"]["text"])


def upgrade(target, path, *headers, host=None):
    return target.http(
        path, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *headers, host=host)


async def wrong_tokens(target):
    for path in ["/", "/session", "/modules/main.js", "/codemirror/lib/codemirror.js", "/?token=", "/?token=x",
                 f"/?token={target.token[:-1]}", f"/?token={target.token}x", f"/?token={target.token.swapcase()}",
                 f"/?Token={target.token}", f"/?token=x&token={target.token}"]:
        for answer in (target.http(path), upgrade(target, path)):
            check(answer.startswith(b"HTTP/1.1 403 "), f"{path}: {answer[:40]!r}")
            check(target.token.encode() not in answer, f"{path}: the answer has the token")
    for header in ["Cookie: ovid=x", f"Cookie: ovid-{target.port}=x", "Authorization: Bearer x",
                   f"Authorization: Basic {target.token}", f"X-Token: {target.token}"]:
        check(target.http("/", header).startswith(b"HTTP/1.1 403 "), header)


async def wrong_hosts_and_origins(target):
    good = f"/session?token={target.token}"
    for host in ["evil.example", f"evil.example:{target.port}", "127.0.0.1", f"127.0.0.1:{target.port}.evil.example",
                 f"[::1]:{target.port}", f"0.0.0.0:{target.port}"]:
        check(upgrade(target, good, host=host).startswith(b"HTTP/1.1 403 "), f"host {host}")
    for origin in ["null", "http://evil.example", f"https://{target.host}", f"http://localhost:{target.port}",
                   f"http://{target.host}.evil.example", "file://", ""]:
        check(upgrade(target, good, f"Origin: {origin}").startswith(b"HTTP/1.1 403 "), f"origin {origin}")
    check(upgrade(target, good, f"Origin: http://{target.host}", "Origin: x").startswith(b"HTTP/1.1 400 "), "two origins")


async def paths(target):
    cookie = f"Cookie: ovid-{target.port}={target.token}"
    for path in ["/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/codemirror/../../../../etc/passwd",
                 "/codemirror/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/.git/config", "/modules/..%2f..%2fx"]:
        answer = target.http(path, cookie)
        check(answer.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 ")) and b"root:" not in answer, path)


async def garbage(target):
    random.seed(1)
    for size in [1, 10, 1000, 100_000]:
        target.raw(random.randbytes(size) + b"\r\n\r\n", 12)
    target.raw(b"\0" * 200_000)
    target.raw(b"GET / HTTP/1.1\r\n" + b"A: " + b"b" * 1_000_000)
    target.raw(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100_000)
    target.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + random.randbytes(500), 12)
    check(target.http("/", "Content-Length: 1000000000", method="POST").startswith(b"HTTP/1.1 413 "), "a body")
    check(target.http("/", "Transfer-Encoding: chunked", method="POST").startswith(b"HTTP/1.1 413 "), "chunks")


def frame(opcode, payload, fin=True, mask=True, length=None, reserved=0):
    count = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    flag = 0x80 if mask else 0
    if count < 126:
        head += bytes([flag | count])
    elif count < 65536:
        head += bytes([flag | 126]) + struct.pack(">H", count)
    else:
        head += bytes([flag | 127]) + struct.pack(">Q", count)
    key = b"\1\2\3\4" if mask else b""
    return head + key + (bytes(b ^ key[i % 4] for i, b in enumerate(payload)) if mask else payload)


def web_socket(target):
    s = socket.create_connection(("127.0.0.1", target.port), timeout=15)
    s.sendall((
        f"GET /session?token={target.token} HTTP/1.1\r\nHost: {target.host}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += s.recv(1)
    assert head.startswith(b"HTTP/1.1 101 "), head
    return s


def close_code(s):
    """The code with which the server closes; None: it closes without one."""
    data = b""
    try:
        while more := s.recv(65536):
            data += more
    except (ConnectionError, TimeoutError):
        pass
    at = data.rfind(b"\x88")
    return struct.unpack(">H", data[at + 2:at + 4])[0] if at >= 0 and len(data) >= at + 4 else None


async def frames(target):
    text = b'{"id": 1, "request": "hello"}'
    for what, data, code in [
        ("no mask", frame(1, text, mask=False), 1002), ("reserved bits", frame(1, text, reserved=4), 1002),
        ("opcode 3", frame(3, b""), 1002), ("opcode 15", frame(15, b""), 1002),
        ("a continuation of nothing", frame(0, text), 1002), ("a long ping", frame(9, b"x" * 126), 1002),
        ("a ping in parts", frame(9, b"x", fin=False), 1002), ("no UTF-8", frame(1, b"\xff\xfe"), 1007),
        ("2^63", frame(1, b"", length=2**63 - 1), 1009), ("2^64", frame(1, b"", length=2**64 - 1), 1009),
        ("2 MB", frame(1, b"x" * (2 << 20)), 1009),
        ("2 MB in parts", frame(1, b"x", fin=False) + frame(0, b"x" * 1000, fin=False) * 2100, 1009),
        ("half a close", frame(8, b"\3"), 1002), ("a wrong close", frame(8, b"\3\xed"), 1002),
        ("a message within another one", frame(1, b"x", fin=False) + frame(1, b"x"), 1002),
    ]:
        s = web_socket(target)
        try:
            s.sendall(data)
        except ConnectionError:
            pass
        found = close_code(s)
        check(found in (code, None) if len(data) > 1 << 20 else found == code, f"{what}: {found}")
        s.close()
    # One byte at a time, in the smallest fragments, with pings in between: this is right, and answered.
    s = web_socket(target)
    data = frame(1, text[:1], fin=False) + b"".join(
        frame(9, b"p") + frame(0, text[i:i + 1], fin=False) for i in range(1, len(text))) + frame(0, b"")
    for i in range(len(data)):
        s.sendall(data[i:i + 1])
    answer = b""
    while b'"session"' not in answer:
        answer += s.recv(65536)
    s.close()


async def messages(target):
    bad = [b"", b"{", b"[]", b"null", b'"x"', b"7", b'{"id": 1}', b'{"request": 7}', b'{"id": "x", "request": "ping"}',
           b"[" * 100_000, b'{"a":' * 50_000, b'{"id": 1e999, "request": "ping"}', b'{"id": 1, "request": "' + b"x" * 900_000 + b'"}']
    for data in bad:
        s = web_socket(target)
        s.sendall(frame(1, data))
        s.sendall(frame(1, b'{"id": 7, "request": "hello"}'))
        answer = b""
        while b'"session"' not in answer:
            more = s.recv(65536)
            check(more, f"{data[:40]!r} ends the connection")
            if not more:
                break
            answer += more
        s.close()
    async with target.connect() as ws:
        client = Client(ws)
        await client.ask("hello")
        for request in ["accept", "evaluate", "inspect", "stack", "class", "method", "draft", "watch", "step", "canvas"]:
            for parameters in [{}, {"text": 7}, {"changes": "x"}, {"changes": [{}]}, {"method": "x"}, {"value": {}},
                               {"process": "x"}, {"place": None}, {"isWatched": "x"}, {"name": ["x"]}, {"text": "\0\0"}]:
                answer = await client.ask(request, **parameters)
                check("error" in answer or "result" in answer, f"{request} {parameters}")
        check("error" in await client.ask("process", process=10**18), "a number of no process")
        answer = await client.ask("evaluate", text="(" * 100_000)
        check(answer["error"]["code"] == "text", "deep nesting")
        answer = await client.ask("accept", changes=[{"kind": "class", "text": "X = (" + "a" * 900_000 + ")"}])
        check("error" in answer, "a long name")


async def floods(target):
    before = target.memory()
    # Requests whose answers nobody reads.
    s = web_socket(target)
    s.settimeout(5)
    request = frame(1, b'{"id": 1, "request": "hello"}') + frame(1, b'{"id": 2, "request": "snapshot"}') * 20000
    try:
        s.sendall(request)
    except (TimeoutError, ConnectionError):
        pass
    check(await is_alive(target), "answers that nobody reads hold others up")
    s.close()
    # Events that nobody reads: a program that prints.
    s = web_socket(target)
    s.sendall(frame(1, b'{"id": 1, "request": "hello"}'))
    text = b'{"id": 2, "request": "evaluate", "parameters": {"text": "1 to: 3000000 do: [ :i | i println ]"}}'
    s.sendall(frame(1, text))
    await asyncio.sleep(3)
    check(await is_alive(target), "output that nobody reads holds others up")
    s.close()
    # Pings, and nothing but pings.
    s = web_socket(target)
    s.settimeout(5)
    try:
        s.sendall(frame(9, b"x" * 125) * 50_000)
    except (TimeoutError, ConnectionError):
        pass
    s.close()
    # Evaluations without end.
    async with target.connect() as ws:
        await ws.send(json.dumps({"id": 1, "request": "hello"}))
        for i in range(500):
            await ws.send(json.dumps({"id": 10 + i, "request": "evaluate",
                                      "parameters": {"text": "[ true ] whileTrue: [ ]"}}))
        await asyncio.sleep(0.5)
    check(await is_alive(target), "evaluations of a client that is gone")
    # Watches and drafts without end.
    async with target.connect() as ws:
        client = Client(ws)
        await client.ask("hello")
        answers = [await client.ask("watch", text=f"{i}", interval=60000) for i in range(40)]
        check(answers[-1].get("error", {}).get("code") == "tooMany", "40 watches")
        for answer in answers:
            if "result" in answer:
                await client.ask("unwatch", id=answer["result"]["id"])
        for i in range(12):
            answer = await client.ask("draft", place=f"{i}", text="x" * 900_000)
        check(answer.get("error", {}).get("code") == "tooLarge", "12 MB of drafts")
    check(target.memory() < before + 400, f"memory: {before} MB before, {target.memory()} MB after")


async def half_open(target):
    sockets = []
    for i in range(500):
        try:
            s = socket.create_connection(("127.0.0.1", target.port), timeout=5)
            sockets.append(s)
            if i % 3 == 1:
                s.sendall(b"GET / HT")
            if i % 3 == 2:
                s.sendall(b"GET / HTTP/1.1\r\nHost: ")
        except OSError:
            pass
    # They are let go by themselves.
    began = time.time()
    while time.time() - began < 30:
        try:
            if await is_alive(target):
                break
        except Exception:
            await asyncio.sleep(0.5)
    check(time.time() - began < 25, "500 half-open connections keep others out for long")
    for s in sockets:
        s.close()


async def many_clients(target):
    accepted, refused, open_sockets = 0, 0, []
    for _ in range(500):
        try:
            ws = await asyncio.wait_for(target.connect(open_timeout=5, ping_interval=None), 8)
            await ws.send(json.dumps({"id": 1, "request": "hello"}))
            open_sockets.append(ws)
            accepted += 1
        except (websockets.exceptions.InvalidStatus, ConnectionError, TimeoutError, OSError,
                websockets.exceptions.InvalidMessage):
            refused += 1
    check(accepted == 64 and refused == 436, f"{accepted} of 500 clients got in")
    client = open_sockets[0]
    await client.send(json.dumps({"id": 2, "request": "ping"}))
    while json.loads(await asyncio.wait_for(client.recv(), 10)).get("id") != 2:
        pass
    for ws in open_sockets:
        ws.transport.abort()
    await asyncio.sleep(1)


async def gone_in_mid_accept(target):
    """What was acknowledged is there; of what was not, either all or nothing."""
    acknowledged = []
    for i in range(50):
        s = web_socket(target)
        s.sendall(frame(1, b'{"id": 1, "request": "hello", "parameters": {"name": "gone"}}'))
        text = f"step = ( ^{i + 2} )"
        s.sendall(frame(1, json.dumps({"id": 2, "request": "accept", "parameters": {"changes": [
            {"kind": "method", "className": "Loop", "text": text}]}}).encode()))
        if i % 2:
            answer = b""
            while b'"id":2,"result"' not in answer:
                answer += s.recv(65536)
            acknowledged.append(text)
        else:
            time.sleep(random.random() / 50)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
    async with target.connect() as ws:
        client = Client(ws)
        await client.ask("hello")
        answer = await client.ask("history", limit=1000)
        made = [e["methods"][0]["after"]["text"] for e in answer["result"]["entries"] if e["author"] == "gone"]
        method = await client.ask("method", method="Loop>>step")
        check(set(acknowledged) <= set(made), f"lost: {set(acknowledged) - set(made)}")
        check(method["result"]["text"] == made[-1], f"{method['result']['text']}, and not {made[-1]}")


async def main(ovid):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    target = Target(ovid)
    try:
        for attack in [wrong_tokens, wrong_hosts_and_origins, paths, garbage, frames, messages, floods, half_open,
                       many_clients, gone_in_mid_accept]:
            began = time.time()
            try:
                await attack(target)
            except Exception as error:
                check(False, f"{attack.__name__}: {type(error).__name__} {error}")
            check(target.process.poll() is None, f"{attack.__name__}: ovid has ended: {target.process.poll()}")
            if target.process.poll() is not None:
                print(target.process.stderr.read())
                break
            try:
                check(await is_alive(target), f"{attack.__name__}: the program does not go on")
            except Exception as error:
                check(False, f"{attack.__name__}: nobody is answered: {type(error).__name__} {error}")
            print(f"{attack.__name__}: {time.time() - began:.1f} s, {target.memory()} MB")
    finally:
        target.process.kill()
    print("hostile clients: " + (f"{len(failures)} failures" if failures else "nothing got in, nothing broke"))
    return 1 if failures else 0


sys.exit(asyncio.run(main(sys.argv[1])))
