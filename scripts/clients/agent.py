# An agent with the SDK for Python: finds the fault of a running program, repairs it on probation, and proves that the
# repaired code has run.
import asyncio
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main(arguments):
    server = StdioServerParameters(command="ovid", args=["mcp", *arguments])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as agent:
        await agent.initialize()
        tools = (await agent.list_tools()).tools
        print("tools", all(tool.description for tool in tools) and len(tools) > 30)

        async def use(tool, **parameters):
            result = (await agent.call_tool(tool, parameters)).model_dump(by_alias=True)
            if result["isError"]:
                sys.exit(f"{tool}: {result['content'][0]['text']}")
            return result["structuredContent"]

        stop = (await use("wait", **{"for": "error", "seconds": 60}))["event"]["stop"]
        print("error", stop["message"])
        stack = await use("stack", process=stop["process"])
        activation = next(a for a in stack["activations"] if a["name"] == "Sharing>>share:")
        frame = await use("frame", activation=activation["id"])
        print("value", *(f"{v['name']}={v['value']['text']}" for v in frame["variables"] if v["kind"] == "argument"))
        version = (await use("method", method="Sharing>>share:"))["version"]
        change = {
            "kind": "method", "className": "Sharing", "basedOn": version,
            "text": "share: n = ( n = 0 ifTrue: [ ^0 ]. ^1000 / n )",
        }
        receipt = (await use("accept", changes=[change], probation=20))["receipt"]
        await use("restart", activation=activation["id"])
        event = (await use("wait", **{"for": "first_execution", "receipt": receipt["id"], "seconds": 60}))["event"]
        print("executed", event["method"]["selector"])
        for resource in (await agent.list_resources()).resources:
            await agent.read_resource(resource.uri)
        print("evaluated", (await use("evaluate", text="6 * 7"))["text"])
        refused = await agent.call_tool("evaluate", {"text": "3 +"})
        print("refused", refused.model_dump(by_alias=True)["isError"])


asyncio.run(main(sys.argv[1:]))
