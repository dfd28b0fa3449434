// The options of `ovid bench` for Are We Fast Yet.

import ArgumentParser

struct SuiteOptions: ParsableArguments {
  @Option(
    help: """
      Instead of the project's programs: the benchmarks of this checkout of \
      https://github.com/smarr/are-we-fast-yet, beside the peers.
      """)
  var awfy: String?
  @Option(
    help: """
      The peers, in a list: some of node,java,luajit,pypy3, of uneditable,nobaseline,interpreter (Ovid itself, \
      compiled so that edits need not reach it, with --baseline=off, or with --jit=off), or none. The first is the \
      reference. \
      (default: node,java, where they are installed)
      """)
  var compare: String?
  @Option(
    name: .customLong("flag"), parsing: .unconditionalSingleValue,
    help: "A flag for Ovid's own processes, such as --flag=--jit=off; may be repeated.")
  var flags: [String] = []
  @Option(
    help: """
      A folder with a core library, such as Smalltalk in a checkout of https://github.com/SOM-st/SOM: Ovid is measured on \
      that, too, as ovid-library.
      """)
  var coreLibrary: String?
  @Option(help: "Have so many busy processes beside everything that is measured.") var load: Int?
  @Option(help: "Print what changed since this file, which --json wrote.") var against: String?
  @Option(help: "Also write a page with charts to this file, as HTML.") var html: String?
  @Option(help: "Write the tables into this page, after its mark.") var page: String?

  var needsCheckout: Bool {
    compare != nil || !flags.isEmpty || coreLibrary != nil || load != nil || against != nil || html != nil
      || page != nil
  }
}
