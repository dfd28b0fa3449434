// Times of phases: added up by name, in order, with their shares.

import IR
import Testing

@Suite struct PhaseTimesTests {
  @Test func aPhaseIsThereOnce() {
    var times = PhaseTimes()
    times.add(1_000_000, to: "build")
    times.add(500_000, to: "deadCode")
    times.add(1_500_000, to: "build")
    #expect(times.phases.map(\.name) == ["build", "deadCode"])
    #expect(times.phases.map(\.nanoseconds) == [2_500_000, 500_000])
    #expect(times.nanoseconds == 3_000_000)
  }

  @Test func timesOfTwoUnitsAddUp() {
    var times = PhaseTimes()
    times.add(10, to: "build")
    var other = PhaseTimes()
    other.add(5, to: "GCC")
    other.add(20, to: "build")
    times.add(other)
    #expect(times.phases.map(\.name) == ["build", "GCC"])
    #expect(times.phases.map(\.nanoseconds) == [30, 5])
  }

  @Test func whatIsMeasuredTakesItsTime() {
    var times = PhaseTimes()
    let start = ContinuousClock.now
    let answer = times.measure("spin") { () -> Int in
      while start.duration(to: .now) < .milliseconds(2) {}
      return 7
    }
    #expect(answer == 7)
    #expect(times.nanoseconds >= 1_900_000)
  }

  @Test func aPhaseThatFailsIsMeasuredToo() {
    struct Failure: Error {}
    var times = PhaseTimes()
    #expect(throws: Failure.self) { try times.measure("build") { () throws(Failure) in throw Failure() } }
    #expect(times.phases.map(\.name) == ["build"])
  }

  @Test func rowsSayTimeAndShare() {
    var times = PhaseTimes()
    times.add(12_034_567, to: "build")
    times.add(4_000_000, to: "GCC")
    #expect(times.description == "build  12.034 ms, 75 %\nGCC    4.000 ms, 25 %")
  }
}
