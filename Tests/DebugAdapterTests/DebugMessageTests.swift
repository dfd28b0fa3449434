import DebugAdapter
import Testing

@Suite struct DebugMessageTests {
  @Test func requests() {
    let request = DebugRequest(["seq": 3, "type": "request", "command": "next", "arguments": ["threadId": 1]])
    #expect(request?.command == "next" && request?.arguments["threadId"] == 1)
    #expect(DebugRequest(["seq": 3, "type": "event", "command": "next"]) == nil)
    #expect(DebugRequest(["type": "request", "command": "next"]) == nil)
  }
}
