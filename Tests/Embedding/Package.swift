// swift-tools-version: 6.1
import PackageDescription

// A program outside Ovid's package that uses it as a library, as yours would.
let package = Package(
  name: "embedding",
  dependencies: [.package(name: "ovid", path: "../..")],
  targets: [.executableTarget(name: "embedding", dependencies: [.product(name: "Ovid", package: "ovid")])],
  swiftLanguageModes: [.v6]
)
