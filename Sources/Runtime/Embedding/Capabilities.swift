// What programs may do: the usual sets.

import VM

public typealias Capabilities = VM.Capabilities

extension Capabilities {
  /// Nothing but computing and printing.
  public static let none = Capabilities()
  /// Everything: what `ovid run` gives to programs.
  public static let all = Capabilities.unrestricted
}
