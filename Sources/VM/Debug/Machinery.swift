// Activations that are the machine's own business: how errors find their handlers, what evaluates blocks.

import MachineLayout

extension Universe {
  private static let objectMachinery: Set<String> = [
    "error:", "subclassResponsibility", "doesNotUnderstand:arguments:", "escapedBlock:", "unknownGlobal:",
  ]
  private static let blockMachinery: Set<String> = [
    "on:do:", "on:do:on:do:", "ensure:", "ifCurtailed:", "valueHandling", "valueEnsuring",
  ]

  /// True for methods of the bundled library, and blocks in them, that signal errors or look for who handles them.
  public func isErrorMachinery(_ info: MethodInfo) -> Bool {
    guard let (side, selector) = bundledMethod(of: info) else { return false }
    switch side.index {
    case WellKnownClass.system.rawValue: return true
    case WellKnownClass.object.rawValue: return Self.objectMachinery.contains(selector)
    case WellKnownClass.block.rawValue: return Self.blockMachinery.contains(selector)
    default:
      if side.index == library.loaded(Handlers.className)?.index { return true }
      return library.loaded("Exception").map { classes.inherits(side.index, from: $0.index) } ?? false
    }
  }

  /// The same, and those that do nothing but to evaluate blocks: nobody who steps through a program wants to see them.
  public func isMachinery(_ info: MethodInfo) -> Bool {
    if isErrorMachinery(info) || info.definition == nil { return true }
    guard let (side, _) = bundledMethod(of: info) else { return false }
    let evaluating = [WellKnownClass.block, .block1, .block2, .block3, .true, .false].map(\.rawValue)
    return evaluating.contains(side.index) || side.name == "Boolean" || side.name == "Process"
  }

  /// The class that defines a method, or the method that a block is in, and its selector; nil: not of the bundled library.
  private func bundledMethod(of block: MethodInfo) -> (side: ClassInfo, selector: String)? {
    var info = block
    while let outer = info.outer, let method = methods.find(outer) { info = method }
    let holder = classes[info.holderIndex]
    let side = holder.isMetaclass ? classes[holder.instanceIndex] : holder
    // A bundled class whose name the program has taken has a longer one.
    let name = side.name.replacing(LibraryNames.mark, with: "")
    return side.path == nil && info.source?.name == "\(name).som" ? (side, info.selector) : nil
  }
}
