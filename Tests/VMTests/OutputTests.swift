// What is printed comes out once, in order, and in time, whoever writes it.

import Foundation
import Synchronization
import Testing

@testable import VM

@Suite struct OutputTests {
  private final class Sink: Sendable {
    private let state = Mutex((bytes: [UInt8](), pieces: [Int]()))
    func take(_ piece: UnsafeRawBufferPointer) {
      state.withLock {
        $0.bytes.append(contentsOf: piece)
        $0.pieces.append(piece.count)
      }
    }
    var bytes: [UInt8] { state.withLock { $0.bytes } }
    var pieces: [Int] { state.withLock { $0.pieces } }
    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  @Test func blocksAndLines() {
    let sink = Sink()
    let blocks = Output(out: sink.take, error: sink.take)
    blocks.print("one\ntwo\n")
    #expect(sink.pieces.isEmpty)
    blocks.flush()
    #expect(sink.text == "one\ntwo\n" && sink.pieces == [8])
    for _ in 0..<1000 { blocks.print(String(repeating: "x", count: 999) + "\n") }
    blocks.flush()
    // In pieces of a block, also after the ring's end.
    #expect(sink.pieces.dropFirst().dropLast().allSatisfy { (Output.block..<(Output.block + 1000)).contains($0) })
    #expect(sink.bytes.count == 1_000_008)

    let watched = Sink()
    let lines = Output(out: watched.take, error: watched.take, flushesLines: true)
    for text in ["a", "b\n", "c\nd", "e"] { lines.print(text) }
    #expect(watched.text == "ab\nc\nd")
    lines.printError("!")
    #expect(watched.text == "ab\nc\nde!")
  }

  @Test func moreThanTheRingHolds() {
    let sink = Sink()
    let output = Output(out: sink.take, error: sink.take)
    output.print("<")
    let long = String(repeating: "0123456789", count: 30_000)
    output.print(long)
    output.print(">")
    output.flush()
    #expect(sink.text == "<" + long + ">")
  }

  /// The program's thread adds while another one takes.
  @Test func takenByAnotherThread() {
    let buffer = OutputBuffer()
    let sink = Sink()
    let isDone = Atomic<Bool>(false)
    let taker = Thread {
      while !isDone.load(ordering: .acquiring) || buffer.count > 0 { buffer.take(rewinding: false, sink.take) }
      isDone.store(false, ordering: .releasing)
    }
    taker.start()
    var expected: [UInt8] = []
    for i in 0..<20_000 {
      let piece = Array("\(i * i),".utf8)
      expected += piece
      piece.withUnsafeBytes { bytes in
        var rest = bytes
        while true {
          let n = buffer.add(rest)
          if n == rest.count { break }
          rest = UnsafeRawBufferPointer(rebasing: rest[n...])
        }
      }
      if i % 1000 == 0 { buffer.take(rewinding: true, sink.take) }
    }
    isDone.store(true, ordering: .releasing)
    while isDone.load(ordering: .acquiring) { usleep(1000) }
    #expect(sink.bytes == expected)
  }

  /// What waits is asked for within 50 ms, also when it is printed just after the timer has looked.
  @Test func nothingWaitsForLong() {
    let sink = Sink()
    let output = Output(out: sink.take, error: sink.take)
    let asked = DispatchSemaphore(value: 0)
    output.requestFlush = { asked.signal() }
    for i in 0..<5 {
      output.print("\(i)")
      #expect(asked.wait(timeout: .now() + 2) == .success)
      output.flush()
      while asked.wait(timeout: .now()) == .success {}
      Thread.sleep(forTimeInterval: [0.0, 0.03, 0.05, 0.09, 0.2][i])
    }
    #expect(sink.text == "01234")
  }

  @Test func linesOfStandardInput() throws {
    var ends: [Int32] = [-1, -1]
    #expect(pipe(&ends) == 0)
    defer { for end in ends where end >= 0 { close(end) } }
    let input = StandardInput(descriptor: ends[0])
    func type(_ text: String) { _ = text.withCString { write(ends[1], $0, strlen($0)) } }
    func next() -> String? {
      switch input.nextLine() {
      case .line(let bytes): return String(decoding: bytes, as: UTF8.self)
      case .waiting: return "waiting"
      case .tooLong: return "too long"
      case .end: return nil
      }
    }
    #expect(next() == "waiting")
    type("one\r\ntwo\n\nthr")
    #expect(next() == "one" && next() == "two" && next() == "" && next() == "waiting")
    type("ee\nrest")
    #expect(next() == "three" && next() == "waiting")
    close(ends[1])
    ends[1] = -1
    #expect(next() == "rest" && next() == nil && next() == nil)
  }
}
