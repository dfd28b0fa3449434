// swift-tools-version: 6.1
import PackageDescription

// A game in Swift whose rules are methods of a live program.
let package = Package(
  name: "game",
  dependencies: [.package(name: "ovid", path: "../..")],
  targets: [
    .executableTarget(
      name: "game",
      dependencies: [.product(name: "Ovid", package: "ovid"), .product(name: "LiveServer", package: "ovid")])
  ],
  swiftLanguageModes: [.v6]
)
