// swift-tools-version: 6.1
import PackageDescription

// One target per stage; see docs/architecture.md for what each may import.
let package = Package(
  name: "ovid",
  products: [
    .library(name: "Ovid", targets: ["Ovid"]),
    .library(name: "LiveServer", targets: ["LiveServer"]),
    .executable(name: "ovid", targets: ["ovid"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/attaswift/BigInt", from: "6.0.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    .target(name: "CGccJit"),
    .target(name: "CEditLine"),
    .target(name: "CFiber"),
    // The numbers that the virtual machine and compiled code share.
    .target(name: "MachineLayout"),
    .target(name: "Syntax"),
    .target(name: "Bytecode", dependencies: ["Syntax"]),
    // What people and editors ask of source text: its layout, and what is wrong with it.
    .target(name: "SourceTools", dependencies: ["Syntax", "Bytecode"]),
    .target(
      name: "VM",
      dependencies: [
        "MachineLayout", "Bytecode", "Syntax", "CFiber", .product(name: "BigInt", package: "BigInt"),
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
      ],
      resources: [.embedInCode("CoreLibrary")]),
    .target(name: "IR", dependencies: ["MachineLayout"]),
    .target(name: "Optimizer", dependencies: ["MachineLayout", "IR", "Bytecode"]),
    .target(
      name: "GccBackend", dependencies: ["MachineLayout", "IR", "CGccJit"], resources: [.embedInCode("Stencils")]),
    .target(
      name: "Runtime",
      dependencies: ["MachineLayout", "Syntax", "Bytecode", "VM", "IR", "Optimizer", "GccBackend"]),
    .target(name: "Ovid", dependencies: ["Runtime", "Syntax"]),
    // The language as simply as it can be written, for the fuzzer to compare the virtual machine with.
    .target(name: "Reference", dependencies: ["Syntax", .product(name: "BigInt", package: "BigInt")]),
    .target(name: "GraphFuzzing", dependencies: ["IR", "Optimizer", "GccBackend"]),
    // A running program, and everybody who looks at it and changes it.
    .target(
      name: "LiveSession",
      dependencies: [
        "EditorProtocols", "Ovid", "SourceTools", "Syntax",
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    // A session for browsers, on a socket of this computer.
    .target(
      name: "LiveServer", dependencies: ["LiveSession", "Ovid", .product(name: "FlyingSocks", package: "FlyingFox")],
      resources: [.embedInCode("Pages")]),
    // How editors, debuggers and agents say what they want: JSON, its framing, JSON-RPC.
    .target(name: "EditorProtocols"),
    .target(name: "LanguageServer", dependencies: ["EditorProtocols", "SourceTools", "Syntax"]),
    .target(name: "DebugAdapter", dependencies: ["EditorProtocols", "LiveSession", "SourceTools", "Syntax"]),
    .target(
      name: "AgentServer",
      dependencies: ["EditorProtocols", "LiveSession", .product(name: "DequeModule", package: "swift-collections")]),
    // What measures the machine and looks for its faults.
    .target(
      name: "Laboratory",
      dependencies: ["Ovid", "SourceTools", "Syntax", "Bytecode", "VM", "IR", "Reference"],
      resources: [.embedInCode("Programs")]),
    .target(
      name: "CommandLine",
      dependencies: [
        "Ovid", "SourceTools", "Laboratory", "Syntax", "VM", "GraphFuzzing", "CEditLine", "LiveSession", "LiveServer",
        "EditorProtocols", "LanguageServer", "DebugAdapter", "AgentServer",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      resources: [.embedInCode("Programs")]),
    .executableTarget(name: "ovid", dependencies: ["CommandLine"], path: "Sources/OvidMain"),

    // What several test targets need: the corpus of SOM programs and its reader, a small stack.
    .target(name: "CorpusSupport", path: "Tests/CorpusSupport"),
    // Threads for tests that compute or wait, which tasks need not share.
    .target(name: "TestThreads", path: "Tests/TestThreads"),
    .testTarget(name: "SyntaxTests", dependencies: ["Syntax", "CorpusSupport"]),
    .testTarget(name: "SourceToolsTests", dependencies: ["SourceTools", "Syntax", "CorpusSupport"]),
    .testTarget(name: "BytecodeTests", dependencies: ["Bytecode", "Syntax"]),
    .testTarget(name: "VMTests", dependencies: ["MachineLayout", "VM", "Bytecode", "Syntax", "CorpusSupport"]),
    .testTarget(name: "ReferenceTests", dependencies: ["Reference", "VM", "CorpusSupport"]),
    .testTarget(name: "IRTests", dependencies: ["IR"]),
    .testTarget(name: "OptimizerTests", dependencies: ["MachineLayout", "Optimizer", "IR", "Bytecode", "Syntax"]),
    .testTarget(name: "GccBackendTests", dependencies: ["GccBackend", "IR", "GraphFuzzing"]),
    .testTarget(
      name: "GraphFuzzingTests", dependencies: ["GraphFuzzing", "IR", "Optimizer", "GccBackend"], exclude: ["Graphs"]),
    .testTarget(name: "RuntimeTests", dependencies: ["MachineLayout", "Runtime"]),
    .testTarget(name: "OvidTests", dependencies: ["Ovid"]),
    .testTarget(name: "LiveSessionTests", dependencies: ["LiveSession", "Ovid", "TestThreads"]),
    .testTarget(
      name: "LiveServerTests", dependencies: ["EditorProtocols", "LiveServer", "LiveSession", "Ovid", "TestThreads"]),
    .testTarget(name: "EditorProtocolsTests", dependencies: ["EditorProtocols"]),
    .testTarget(
      name: "LanguageServerTests",
      dependencies: ["LanguageServer", "EditorProtocols", "SourceTools", "Syntax", "TestThreads"]
    ),
    .testTarget(
      name: "DebugAdapterTests",
      dependencies: ["DebugAdapter", "EditorProtocols", "Laboratory", "LiveSession", "Ovid", "TestThreads"]
    ),
    .testTarget(
      name: "AgentServerTests", dependencies: ["AgentServer", "EditorProtocols", "LiveSession", "Ovid", "TestThreads"]),
    .testTarget(name: "LaboratoryTests", dependencies: ["Laboratory", "Ovid", "SourceTools", "Syntax"]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["CommandLine", "Laboratory", "SourceTools", "CorpusSupport", "GccBackend", "Runtime", "IR"]),
  ],
  swiftLanguageModes: [.v6]
)
