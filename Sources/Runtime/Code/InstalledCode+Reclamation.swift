// What is known with the installed code of method versions and classes in use, and code of versions that are freed.

import VM

extension InstalledCode {
  /// The versions that the code of a compiled frame may run or go on in.
  func methods(inFrame frame: Words) -> [Int] { code(frame)?.references ?? [] }

  /// The versions that the valid code of a version may run or go on in.
  func methods(inCodeOf method: Int) -> [Int] { units(of: method).flatMap(\.references) }

  private func units(of method: Int) -> [CompiledCode] {
    containing[method]?.compactMap { units[$0] }.filter { $0.key.method == method } ?? []
  }

  /// Class indices in states of code that has to be left: nothing else tells what became of these classes.
  var classesInRetiredCode: Set<Int> { retired.reduce(into: []) { $0.formUnion($1.virtualClasses) } }

  /// Bytes, roughly, of the valid code of a version.
  func byteCount(ofCodeOf method: Int) -> Int {
    units(of: method).reduce(0) { $0 + $1.object.size + $1.metadata.safepoints.count * Self.bytesOfSafepoint }
  }
  private static let bytesOfSafepoint = 256

  /// The code of versions that are freed goes, too. Nothing can enter it any more, so it breaks nothing.
  func forget(_ dead: Set<Int>) {
    for code in units.values.filter({ dead.contains($0.key.method) }) { invalidate(code) }
  }
}
