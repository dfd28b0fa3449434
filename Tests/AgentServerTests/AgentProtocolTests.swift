import AgentServer
import Testing

@Suite struct AgentProtocolTests {
  @Test func versionsAreNegotiated() {
    #expect(AgentProtocol.version(for: "2024-11-05") == "2024-11-05")
    #expect(AgentProtocol.version(for: "1999-01-01") == AgentProtocol.versions[0])
    #expect(AgentProtocol.version(for: nil) == AgentProtocol.versions[0])
  }
}
