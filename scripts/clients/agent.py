# An agent with the SDK for Python, which is handed the descriptions of the tools, and knows nothing of the program: it finds
# what has failed, repairs it on probation, and proves that the repaired code has run; a repair that is none is taken back.
import asyncio
import os
import sys

import anyio
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main(arguments):
    # (The SDK hands on only what it knows.)
    environment = {name: os.environ[name] for name in ("PATH", "XDG_RUNTIME_DIR")}
    server = StdioServerParameters(command="ovid", args=["mcp", *arguments], env=environment)
    async with stdio_client(server) as (read, write), ClientSession(read, write) as agent:
        await agent.initialize()
        tools = [tool.model_dump(by_alias=True) for tool in (await agent.list_tools()).tools]
        print("tools", all(tool["description"] and tool["inputSchema"] for tool in tools) and len(tools) > 30)

        async def use(tool, **parameters):
            result = (await agent.call_tool(tool, parameters)).model_dump(by_alias=True)
            if result["isError"]:
                sys.exit(f"{tool}: {result['content'][0]['text']}")
            return result["structuredContent"]

        # What has failed, and where in the program's own classes.
        stop = (await use("wait", **{"for": "error", "seconds": 60}))["event"]["stop"]
        print("error", stop["message"])
        own = {line["name"] for line in (await use("program_state"))["classes"]}
        stack = (await use("stack", process=stop["process"]))["activations"]
        activation = next(a for a in stack if a["method"]["className"] in own)
        name = f"{activation['method']['className']}>>{activation['method']['selector']}"
        frame = await use("frame", activation=activation["id"])
        values = {v["name"]: v["value"]["text"] for v in frame["variables"] if v["kind"] == "argument"}
        print("fault", name, "with", *(f"{k}={v},".rstrip() for k, v in values.items()), "of the program's own classes")

        # Its text, in which the argument that is 0 is divided by.
        found = await use("method", method=name)
        argument = next(k for k, v in values.items() if v == "0" and f"/ {k}" in found["text"])
        head, body = found["text"].split("= (", 1)
        change = {
            "kind": "method", "className": activation["method"]["className"], "basedOn": found["version"],
            "text": f"{head}= ( {argument} = 0 ifTrue: [ ^0 ].{body}",
        }
        assert not (await use("check", className=change["className"], text=change["text"]))["findings"]
        assert (await use("accept", changes=[change], dryRun=True))["dryRun"]["errors"] == []
        unchanged = (await use("method", method=name))["version"] == found["version"]
        print("dry run changes", "nothing" if unchanged else "it!")
        receipt = (await use("accept", changes=[change], probation=2))["receipt"]
        await use("restart", activation=activation["id"])
        event = (await use("wait", **{"for": "first_execution", "receipt": receipt["id"], "seconds": 60}))["event"]
        version = (await use("explain", method=name))["tier"]["version"]
        print("executed", event["method"]["selector"], "in version", version)
        await use("wait", **{"for": "settled", "receipt": receipt["id"], "seconds": 60})
        back = await use("wait", **{"for": "taken_back", "receipt": receipt["id"], "seconds": 3})
        print("settled,", "not taken back" if back.get("timedOut") else "taken back")
        tests = await use("run_tests", classes=[f"{change['className']}Test"])
        print("tests", tests["passed"], "of", tests["run"], "passed")

        # A change that fails is taken back by itself.
        change.update(basedOn=version, text=f"{head}= ( ^self zork )")
        broken = (await use("accept", changes=[change], probation=20))["receipt"]
        await use("wait", **{"for": "taken_back", "receipt": broken["id"], "seconds": 60})
        text = (await use("method", method=name))["text"]
        print("broken version taken back,", f"version {version} runs" if "ifTrue:" in text else "but not gone")

        # Progress is told, and what is cancelled ends without an answer.
        told = []

        async def note(progress, total, message):
            told.append(message)

        with anyio.move_on_after(2.5) as scope:
            await agent.call_tool("evaluate", {"text": "[ true ] whileTrue: [ ]", "seconds": 600}, progress_callback=note)
        assert scope.cancelled_caught and told, told
        for resource in (await agent.list_resources()).resources:
            assert (await agent.read_resource(resource.uri)).contents
        assert (await use("evaluate", text="6 * 7"))["text"] == "42"
        print("cancelled without an answer")
        refused = await agent.call_tool("evaluate", {"text": "3 +"})
        print("refused", refused.model_dump(by_alias=True)["isError"])


asyncio.run(main(sys.argv[1:]))
