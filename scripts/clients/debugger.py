# Debugs a program with `dap-python`, whose types check every message, and prints what has come of it.
import subprocess
import sys

from dap import Client
from dap.events import ExitedEvent, InitializedEvent, OutputEvent, StoppedEvent, TerminatedEvent
from dap.base import ErrorResponse
from pydantic import ValidationError

path = sys.argv[1]
adapter = subprocess.Popen(["ovid", "dap"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
client = Client("ovid", path_format="path", lines_start_at1=True, columns_start_at1=True)
waiting = []
check = client.handler.handle_response


def handle(response):
    """The library takes the bodies of some answers for the whole of them, and misses fields that are not theirs."""
    if response.success and not response.body:
        client._pending_requests.pop(response.request_seq)
        return response
    try:
        return check(response)
    except ValidationError as error:
        if {problem["loc"] for problem in error.errors()} == {("seq",), ("request_seq",), ("success",), ("command",)}:
            return response
        raise


def hear(event):
    """It wants texts in hitBreakpointIds, which are numbers, and knows no stop for the reason restart."""
    if event.body:
        event.body.pop("hitBreakpointIds", None)
        if event.body.get("reason") == "restart":
            event.body["reason"] = "entry"
    return told(event)


told = client.handler.handle_event
client.handler.handle_response, client.handler.handle_event = handle, hear


def send():
    adapter.stdin.write(client.send())
    adapter.stdin.flush()


def read(wanted):
    """The first message of that kind; others of it may come later."""
    while True:
        for message in waiting:
            if isinstance(message, wanted):
                waiting.remove(message)
                return message
        data = adapter.stdout.read1(1 << 16)
        if not data:
            sys.exit("the adapter is gone")
        waiting.extend(client.receive(data))


def ask(number):
    """Sends what was asked, and waits for its answer."""
    send()
    before = set(client._pending_requests)
    answer = None
    while number in client._pending_requests:
        data = adapter.stdout.read1(1 << 16)
        for message in client.receive(data):
            # Answers come in order here: the one that empties the place of our request is ours.
            if answer is None and number not in client._pending_requests and number in before:
                answer = message
            else:
                waiting.append(message)
    if isinstance(answer, ErrorResponse):
        sys.exit(f"refused: {answer.message}")
    return answer


ask(1)
ask(client.send_request("launch", {"program": path, "args": []}))
read(InitializedEvent)
line = next(n for n, text in enumerate(open(path), 1) if "twice := n + n" in text)
ask(client.set_breakpoints({"path": path}, [{"line": line, "condition": "n = 3"}]))
ask(client.set_exception_breakpoints(["unhandled"], None, None))
ask(client.configuration_done())
stop = read(StoppedEvent)
print("stopped", stop.reason)
frames = ask(client.stack_trace(stop.threadId)).stackFrames
print("frame", frames[0].name, frames[0].line == line)
scopes = ask(client.scopes(frames[0].id)).scopes
variables = ask(client.variables(scopes[0].variablesReference)).variables
print("variables", *sorted(f"{v.name}={v.value}" for v in variables))
ask(client.next(stop.threadId))
print("stopped", read(StoppedEvent).reason)
frame = ask(client.stack_trace(stop.threadId)).stackFrames[0]
print("evaluated", ask(client.evaluate("twice * 10", frame.id, context="repl")).result)
accept = client.send_request(
    "ovid/accept",
    {"changes": [{"kind": "method", "className": "Doubling", "text": "double: n = ( ^n * 100 )", "basedOn": 1}]},
)
ask(accept)
print("frame", ask(client.stack_trace(stop.threadId)).stackFrames[0].name)
frame = ask(client.stack_trace(stop.threadId)).stackFrames[0]
ask(client.restart_frame(frame.id))
print("stopped", read(StoppedEvent).reason)
ask(client.continue_(stop.threadId))
print("exit", read(ExitedEvent).exitCode)
read(TerminatedEvent)
print("output", *"".join(m.output for m in waiting if isinstance(m, OutputEvent)).split())
ask(client.disconnect())
print("status", adapter.wait(30))
