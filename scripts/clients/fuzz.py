# Says wrong things to `ovid lsp`, `ovid dap` and `ovid mcp`: parameters of the wrong kind, requests out of order, repeated,
# cancelled, while methods change; and broken frames. Each request has to be answered once, and nothing may crash.
#   fuzz.py [--seed N] [--seconds S]      # S for each of the conversations; the same seed says the same things
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = 90
COUNTING = """Counting = (
    | total count |
    add: n = (
        | twice |
        twice := n + n.
        total := total + twice.
        ^twice
    )
    run = (
        total := 0.
        count := 0.
        [ true ] whileTrue: [
            count := count + 1.
            self add: count ]
    )
)
"""
TEST = "CountingTest = TestCase (\n    testAdd = ( self assert: 3 + 4 equals: 7 )\n)\n"


class Fault(Exception):
    pass


class Conversation:
    """A process of ovid, what it was asked, and what it has answered."""

    def __init__(self, words, folder, lines=False):
        self.words, self.lines = words, lines
        self.process = subprocess.Popen(
            words, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.asked, self.answered, self.unwanted = {}, {}, set()
        self.messages, self.errors = [], []
        self.changed = threading.Condition()
        for target in (self.read, self.read_errors):
            threading.Thread(target=target, daemon=True).start()

    def read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line.decode(errors="replace"))

    def read(self):
        stream = self.process.stdout
        while True:
            if self.lines:
                data = stream.readline()
            else:
                length = None
                while (line := stream.readline()) not in (b"\r\n", b""):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                data = stream.read(length) if length is not None else b""
            if not data:
                return
            message = json.loads(data)
            with self.changed:
                self.messages.append(message)
                number = message.get("request_seq", message.get("id"))
                if "method" not in message and message.get("type") != "event" and number is not None:
                    self.answered[number] = self.answered.get(number, 0) + 1
                self.changed.notify_all()

    def write(self, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Fault(f"it is gone: {self.state()}")

    def send(self, message):
        data = json.dumps(message).encode()
        self.write(data + b"\n" if self.lines else b"Content-Length: %d\r\n\r\n" % len(data) + data)

    def expect(self, number):
        with self.changed:
            self.asked[number] = self.asked.get(number, 0) + 1

    def missing(self):
        return [
            n for n, count in self.asked.items()
            if self.answered.get(n, 0) != count and not (n in self.unwanted and self.answered.get(n, 0) < count)
        ]

    def settle(self):
        """Everything is answered, once."""
        end = time.time() + PATIENCE
        with self.changed:
            while self.missing():
                if self.process.poll() is not None or time.time() > end:
                    raise Fault(f"without an answer, or with two: {self.missing()[:5]}; {self.state()}")
                self.changed.wait(0.2)

    def wait(self, wanted):
        end = time.time() + PATIENCE
        with self.changed:
            while not any(wanted(m) for m in self.messages):
                if time.time() > end or self.process.poll() is not None and not self.changed.wait(1):
                    raise Fault(f"it says nothing; {self.state()}")
                self.changed.wait(0.2)

    def state(self):
        return f"status {self.process.poll()}, {''.join(self.errors)[-2000:]}"

    def end(self):
        self.process.stdin.close()
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Fault("it does not end when its input does")
        if status < 0 or status > 2:
            raise Fault(f"it has crashed: {self.state()}")


class Speaker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def value(self, depth=0):
        pick = self.random.randrange(14 if depth < 4 else 10)
        if pick == 10 or pick == 11:
            return [self.value(depth + 1) for _ in range(self.random.randrange(3))]
        if pick >= 12:
            return {self.random.choice(["line", "uri", "id", "name", "x"]): self.value(depth + 1) for _ in range(2)}
        return [None, True, -1, 0, 7, 2**62, 1e308, "", "Counting>>add:", "\u0000\ud83d\ude00 x" * 20][pick]

    def spoil(self, value):
        """Perhaps something in it is another thing, or gone."""
        chance = self.random.random()
        if chance < 0.12:
            return self.value()
        if isinstance(value, dict):
            found = {k: self.spoil(v) for k, v in value.items() if self.random.random() > 0.08}
            if self.random.random() < 0.05:
                found["other"] = self.value()
            return found
        if isinstance(value, list):
            return [self.spoil(v) for v in value]
        return value

    def converse(self, conversation, seconds, requests, say, cancel):
        """Says all of it in any order, spoiled half of the time, with numbers that repeat."""
        number = 1000
        end = time.time() + seconds
        while time.time() < end:
            for _ in range(20):
                name, parameters = self.random.choice(requests)
                if callable(parameters):
                    parameters = parameters()
                if self.random.random() < 0.5:
                    parameters = self.spoil(parameters)
                # A number may be used again, also while its request is under way.
                if self.random.random() > 0.05:
                    number += 1
                conversation.expect(number)
                say(number, name, parameters)
                if self.random.random() < 0.1:
                    cancel(self.random.choice([number, number, number - 1, 5, "x", None]))
            conversation.settle()


def place(speaker):
    return {"line": speaker.random.choice([0, 1, 2, 3, 5, 8, 400]), "character": speaker.random.choice([0, 4, 9, 20, 999])}


def lsp(seed, seconds, folder, attach=False):
    speaker = Speaker(seed)
    conversation = Conversation(["ovid", "lsp"] + (["--attach"] if attach else []), folder)

    def say(number, method, parameters):
        conversation.send({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters})

    def cancel(number):
        conversation.send({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": number}})

    # Before its time, everything is refused.
    for number, method in enumerate(["textDocument/hover", "shutdown", "nonsense"]):
        conversation.expect(number)
        say(number, method, {})
    conversation.settle()
    conversation.expect("start")
    uri = f"file://{folder}"
    say("start", "initialize", {"rootUri": uri, "capabilities": {"textDocument": {"codeAction": {"disabledSupport": True}}}})
    conversation.settle()
    conversation.send({"jsonrpc": "2.0", "method": "initialized", "params": {}})
    document = {"textDocument": {"uri": f"{uri}/Counting.som"}}
    opened = {**document["textDocument"], "languageId": "som", "version": 1, "text": COUNTING}
    conversation.send({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": opened}})

    def at(**more):
        return lambda: {**document, "position": place(speaker), **more}

    def between(**more):
        return lambda: {**document, "range": {"start": place(speaker), "end": place(speaker)}, **more}

    item = {"name": "add:", "kind": 6, "uri": document["textDocument"]["uri"],
            "range": {"start": {"line": 2, "character": 4}, "end": {"line": 2, "character": 8}},
            "selectionRange": {"start": {"line": 2, "character": 4}, "end": {"line": 2, "character": 8}}}
    options = {"options": {"tabSize": 4, "insertSpaces": True}}
    requests = [
        *[(f"textDocument/{name}", at()) for name in (
            "completion", "hover", "signatureHelp", "definition", "declaration", "typeDefinition", "implementation",
            "documentHighlight", "prepareRename", "prepareCallHierarchy", "prepareTypeHierarchy")],
        ("textDocument/references", at(context={"includeDeclaration": True})),
        ("textDocument/rename", at(newName="other:")),
        *[(f"textDocument/{name}", document) for name in (
            "documentSymbol", "foldingRange", "codeLens", "semanticTokens/full")],
        ("textDocument/codeAction", between(context={"diagnostics": []})),
        ("textDocument/inlayHint", between()), ("textDocument/semanticTokens/range", between()),
        ("textDocument/formatting", {**document, **options}), ("textDocument/rangeFormatting", between(**options)),
        ("textDocument/selectionRange", lambda: {**document, "positions": [place(speaker)]}),
        ("workspace/symbol", {"query": "ad"}), ("completionItem/resolve", {"label": "add:"}),
        *[(f"callHierarchy/{name}", {"item": item}) for name in ("incomingCalls", "outgoingCalls")],
        *[(f"typeHierarchy/{name}", {"item": item}) for name in ("supertypes", "subtypes")],
        ("workspace/executeCommand", {"command": "ovid.senders", "arguments": ["add:"]}),
        ("initialize", {"capabilities": {}}), ("textDocument/didSave", document), ("nonsense", {}),
    ]

    def say_or_edit(number, method, parameters):
        say(number, method, parameters)
        if speaker.random.random() < 0.2:
            change = {"range": {"start": place(speaker), "end": place(speaker)},
                      "text": speaker.random.choice(["", "x", "(", "]", "'", '"', "\n    zap = ( ^self add: 3 )", "|"])}
            if speaker.random.random() < 0.3:
                change = {"text": COUNTING}
            parameters = {"textDocument": {**document["textDocument"], "version": number if isinstance(number, int) else 1},
                          "contentChanges": [change]}
            conversation.send({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": parameters})
            kind = speaker.random.choice(["textDocument/didSave", "textDocument/didChange", "workspace/didChangeWatchedFiles"])
            conversation.send({"jsonrpc": "2.0", "method": kind, "params": speaker.spoil(parameters)})

    speaker.converse(conversation, seconds, requests, say_or_edit, cancel)
    conversation.expect("end")
    say("end", "shutdown", None)
    conversation.settle()
    conversation.send({"jsonrpc": "2.0", "method": "exit"})
    conversation.end()
    return len(conversation.answered)


def dap(seed, seconds, folder):
    speaker = Speaker(seed)
    conversation = Conversation(["ovid", "dap"], folder)
    program = f"{folder}/Counting.som"

    def say(number, command, arguments):
        conversation.send({"seq": number, "type": "request", "command": command, "arguments": arguments})

    for number, (command, arguments) in enumerate([
        ("threads", {}), ("initialize", {"adapterID": "ovid", "supportsProgressReporting": True}), ("next", {"threadId": 1}),
        ("configurationDone", {}), ("launch", {"program": "/nowhere"}), ("launch", {"program": program}),
        ("configurationDone", {}),
    ], 1):
        conversation.expect(number)
        say(number, command, arguments)
        conversation.settle()
    cancels = [0]

    def cancel(number):
        cancels[0] -= 1
        conversation.expect(cancels[0])
        say(cancels[0], "cancel", {"requestId": number})

    source = {"path": program}
    frame = lambda: {"frameId": speaker.random.randrange(40)}
    accept = lambda text: {"changes": [{"kind": "method", "className": "Counting", "text": text}]}
    thread = {"threadId": 1}
    requests = [
        ("threads", {}), ("pause", thread), ("continue", thread), ("next", thread), ("stepIn", thread), ("stepOut", thread),
        ("stackTrace", thread), ("stackTrace", {**thread, "startFrame": 1, "levels": 1}), ("exceptionInfo", thread),
        ("setBreakpoints", {"source": source, "breakpoints": [{"line": 5}, {"line": 14, "condition": "count = 3"}]}),
        ("setBreakpoints", {"source": source, "breakpoints": []}),
        ("setFunctionBreakpoints", {"breakpoints": [{"name": "Counting>>add:", "hitCondition": "> 3"}]}),
        ("setFunctionBreakpoints", {"breakpoints": []}),
        ("setExceptionBreakpoints", {"filters": ["unhandled"]}), ("breakpointLocations", {"source": source, "line": 5}),
        ("scopes", frame), ("stepInTargets", frame), ("restartFrame", frame),
        ("variables", lambda: {"variablesReference": speaker.random.randrange(40)}),
        ("setVariable", lambda: {"variablesReference": speaker.random.randrange(40), "name": "n", "value": "3"}),
        ("evaluate", lambda: {"expression": "count + 1", **frame()}), ("evaluate", {"expression": "6 * 7", "context": "repl"}),
        ("evaluate", {"expression": "[ true ] whileTrue: [ ]"}), ("completions", {"text": "Coun", "column": 4}),
        ("gotoTargets", {"source": source, "line": 3}), ("goto", {**thread, "targetId": 1}),
        ("stepIn", {**thread, "targetId": 1}), ("source", {"sourceReference": 1}), ("loadedSources", {}),
        ("ovid/accept", accept("add: n = ( ^n )")), ("ovid/accept", accept("add: n = ( | t | t := n + n. ^t )")),
        ("ovid/undo", {}), ("ovid/redo", {}), ("ovid/history", {"limit": 3}), ("ovid/versions", {"method": "Counting>>add:"}),
        ("nonsense", {}), ("initialize", {}), ("launch", {"program": program}),
    ]

    def say_and_end(number, command, arguments):
        say(number, command, arguments)
        # What never ends is cancelled, or the answer would not come.
        if command == "evaluate":
            cancel(number)

    speaker.converse(conversation, seconds, requests, say_and_end, cancel)
    conversation.expect(999_999_999)
    say(999_999_999, "disconnect", {"terminateDebuggee": True})
    conversation.settle()
    conversation.end()
    return len(conversation.answered)


def mcp(seed, seconds, folder, words=None):
    speaker = Speaker(seed)
    conversation = Conversation(["ovid", "mcp"] + (words or [f"{folder}/Counting.som"]), folder, lines=True)

    def say(number, method, parameters):
        conversation.send({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters})

    def cancel(number):
        if number != "x" and number is not None:
            conversation.unwanted.add(number)
        conversation.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}})

    for number, method in enumerate(["tools/list", "initialize", "initialize"]):
        conversation.expect(number)
        say(number, method, {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "f", "version": "1"}})
        conversation.settle()
    method = "Counting>>add:"
    change = lambda text: {"kind": "method", "className": "Counting", "text": text}
    tools = [
        ("program_state", {}), ("classes", {}), ("class", {"name": "Counting"}), ("method", {"method": method}),
        ("versions", {"method": method}), ("difference", {"method": method, "old": "v1", "new": "v1"}),
        ("senders", {"selector": "add:"}), ("implementors", {"selector": "add:"}), ("references", {"name": "Counting"}),
        ("search", {"text": "add"}), ("explain", {"method": method}), ("old_activations", {}), ("history", {"limit": 2}),
        ("receipt", {"entry": 1}), ("check", {"className": "Counting", "text": "add: n = ( ^n zork )"}),
        ("accept", {"changes": [change("add: n = ( ^n )")]}), ("undo", {}), ("redo", {}),
        ("accept", {"changes": [change("add: n = ( ^n + n )")], "probation": 1, "policy": "restart"}),
        ("accept", {"changes": [change("add: n = ( ^n )")], "dryRun": True}), ("revert", {"method": method, "version": "v1"}),
        ("evaluate", {"text": "6 * 7"}), ("evaluate", {"text": "[ true ] whileTrue: [ ]", "seconds": 1}),
        ("wait", {"for": "output", "seconds": 0.2}), ("wait", {"for": "first_execution", "receipt": 1, "seconds": 0.2}),
        ("run_tests", {"classes": ["CountingTest"], "seconds": 5}), ("processes", {}), ("stack", {"process": 1}),
        ("pause", {}), ("step", {"process": 1, "kind": "over"}), ("resume", {"process": 1}), ("breakpoints", {}),
        ("add_breakpoint", {"method": method, "condition": "n = 3"}), ("remove_breakpoint", {"id": 1}),
        ("frame", {"activation": {"process": 1, "stop": 1, "index": 0}}), ("nonsense", {}),
    ]
    requests = [("tools/call", {"name": n, "arguments": a, "_meta": {"progressToken": 1}}) for n, a in tools] + [
        ("tools/list", {}), ("resources/list", {}), ("resources/templates/list", {}), ("ping", {}), ("nonsense", {}),
        ("resources/read", {"uri": "ovid://class/Counting"}), ("resources/read", {"uri": "ovid://receipt/1"}),
    ]

    def cancel_known(number):
        cancel(number)

    # One that may be wanted no more has a number of its own: two answers could not be told apart.
    speaker.converse(conversation, seconds, requests, say, cancel_known)
    conversation.end()
    return len(conversation.answered)


ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
PROGRAMS = ["Basics", "Blocks", "Sends", "Control", "Collections", "Numbers", "Strings", "Exceptions", "Arrays", "Errors"]


def offset(text, position):
    """Of a place of the protocol; UTF-16 does not matter in these programs."""
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: position["line"]]) + position["character"]


def refactorings(seed, seconds, folder):
    """What is extracted and inlined leaves what a program prints as it is."""
    speaker = Speaker(seed)
    programs = [
        os.path.join(path, name) for group in PROGRAMS for path, _, names in os.walk(f"{ROOT}/Tests/Corpus/{group}")
        for name in names if name.endswith(".som")]
    programs = [p for p in sorted(programs) if open(p).read().isascii()]
    server = Conversation(["ovid", "lsp"], folder)
    number = 0

    def ask(method, parameters):
        nonlocal number
        number += 1
        server.expect(number)
        server.send({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters})
        server.settle()
        return next(m for m in reversed(server.messages) if m.get("id") == number and "method" not in m).get("result")

    def run(path):
        done = subprocess.run(["ovid", "--jit=off", path], capture_output=True, text=True, timeout=60)
        # (An error's traceback names the method.)
        return done.returncode, done.stdout

    ask("initialize", {"rootUri": f"file://{folder}/none", "capabilities": {}})
    count, end = 0, time.time() + seconds
    while time.time() < end or count < 5:
        program = speaker.random.choice(programs)
        text = open(program).read()
        before = run(program)
        if before[0] != 0 or "0x" in text:
            continue
        uri = f"file://{program}"
        server.send({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {
            "textDocument": {"uri": uri, "languageId": "som", "version": 1, "text": text}}})
        for _ in range(30):
            at = speaker.random.randrange(len(text))
            position = {"line": text.count("\n", 0, at), "character": at - text.rfind("\n", 0, at) - 1}
            around, ranges = ask("textDocument/selectionRange", {"textDocument": {"uri": uri}, "positions": [position]})[0], []
            while around:
                ranges.append(around["range"])
                around = around.get("parent")
            actions = ask("textDocument/codeAction", {
                "textDocument": {"uri": uri}, "range": speaker.random.choice(ranges),
                "context": {"diagnostics": [], "only": ["refactor.extract", "refactor.inline"]}}) or []
            if actions:
                break
        else:
            continue
        action = speaker.random.choice(actions)
        new = text
        edits = action["edit"]["changes"][uri]
        for edit in sorted(edits, key=lambda e: (offset(text, e["range"]["start"]), offset(text, e["range"]["end"])), reverse=True):
            new = new[: offset(text, edit["range"]["start"])] + edit["newText"] + new[offset(text, edit["range"]["end"]):]
        # Beside what it may load.
        for name in os.listdir(os.path.dirname(program)):
            if name.endswith(".som"):
                shutil.copy(os.path.join(os.path.dirname(program), name), folder)
        copy = os.path.join(folder, os.path.basename(program))
        with open(copy, "w") as out:
            out.write(new)
        after = run(copy)
        if after != before:
            raise Fault(f"{action['title']} in {program} changes what it prints: {before} {after}\n{new}")
        count += 1
        server.send({"jsonrpc": "2.0", "method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})
    server.end()
    return count


def framing(seed, folder):
    """Streams that cannot be divided into messages end with an error; what can be divided goes on."""
    speaker = Speaker(seed)
    count = 0
    initialize = {
        "lsp": {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}},
        "dap": {"seq": 1, "type": "request", "command": "initialize", "arguments": {"adapterID": "ovid"}},
    }
    broken = [
        b"Content-Length: -5\r\n\r\n{}", b"Content-Length: 99999999999999999999\r\n\r\n", b"Content-Length: x\r\n\r\n{}",
        b"Nonsense\r\n\r\n", b"Content-Type: x\r\n\r\n{}", b"\xff" * 9000, bytes(speaker.random.randrange(256) for _ in range(9000)),
        b"Content-Length: 4000000000\r\n\r\n", b"A" * 20000,
    ]
    for command, first in initialize.items():
        for data in broken:
            conversation = Conversation(["ovid", command], folder)
            conversation.expect(1)
            conversation.send(first)
            conversation.settle()
            try:
                conversation.write(data)
            except Fault:
                pass
            conversation.end()
            count += 1
        # A byte at a time, and bodies that are no JSON, or no message.
        conversation = Conversation(["ovid", command], folder)
        body = json.dumps(first).encode()
        for byte in b"Content-Length: %d\r\n\r\n" % len(body) + body:
            conversation.write(bytes([byte]))
        conversation.expect(1)
        conversation.settle()
        before = len(conversation.messages)
        for body in (b"{", b"\xff\xfe", b"[]", b"null", b"{}", b'{"id": {}}', b"[" * 300 + b"]" * 300, b'"' + b"x" * 100000):
            conversation.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        conversation.wait(lambda m: len(conversation.messages) >= before + 8)
        conversation.end()
    return count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--only", help="one of the conversations: framing, lsp, dap, mcp, refactorings, attached")
    parser.add_argument("-v", action="store_true", help="tells how many answers there were")
    options = parser.parse_args()
    failed = False
    trials = [
        ("framing", lambda folder: framing(options.seed, folder)),
        ("lsp", lambda folder: lsp(options.seed, options.seconds, folder)),
        ("dap", lambda folder: dap(options.seed, options.seconds, folder)),
        ("mcp", lambda folder: mcp(options.seed, options.seconds, folder)),
        ("refactorings", lambda folder: refactorings(options.seed, options.seconds, folder)),
        ("attached", lambda folder: attached(options, folder)),
    ]
    for name, trial in trials:
        if options.only not in (None, name):
            continue
        folder = os.path.realpath(tempfile.mkdtemp(prefix="ovid-fuzz-"))
        os.environ["XDG_RUNTIME_DIR"] = folder
        for file, text in (("Counting", COUNTING), ("CountingTest", TEST)):
            with open(f"{folder}/{file}.som", "w") as out:
                out.write(text)
        try:
            count = trial(folder)
            print(f"fuzz {name}: ok" + (f", {count} answers" if options.v else ""), flush=True)
        except Fault as fault:
            failed = True
            print(f"fuzz {name}, seed {options.seed}: {fault}", flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(failed)


def attached(options, folder):
    """The language server and an agent with the same program, which runs."""
    live = subprocess.Popen(["ovid", "live", "Counting.som"], cwd=folder, stdout=subprocess.PIPE)
    try:
        live.stdout.readline()
        found, faults = [], []

        def begin(trial, *words):
            try:
                found.append(trial(options.seed, options.seconds, folder, *words))
            except Fault as fault:
                faults.append(fault)

        threads = [threading.Thread(target=begin, args=(lsp, True)), threading.Thread(target=begin, args=(mcp, ["--attach"]))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if faults:
            raise faults[0]
        if live.poll() is not None:
            raise Fault(f"ovid live has ended with {live.returncode}")
        return sum(found)
    finally:
        live.terminate()
        live.wait(30)


main()
