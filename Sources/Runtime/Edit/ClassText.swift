// The whole text of a class as it is now.

import Syntax
import VM

extension Universe {
  /// That of its file with what was changed since. Nil: there is no such class, or one that cannot be written. Requires the
  /// lock, or the VM thread.
  func text(ofClass name: String) -> String? {
    guard let info = classes.named(name), !info.isMetaclass, let source = info.source,
      var edit = try? ClassFileEdit(source)
    else { return nil }
    do throws(SyntaxErrors) {
      try edit.setName(name)
      if info.superIndex != 0 { try edit.setSuperclass(classes[info.superIndex].name) }
      for side in [info, classes[info.metaIndex]] {
        try edit.setFields(side.ownFieldNames, classSide: side.isMetaclass)
        let selectors = side.selectors.map(symbols.name)
        let said = side.isMetaclass ? edit.definition.classMethods : edit.definition.instanceMethods
        for selector in said.map(\.selector) where !selectors.contains(selector) {
          try edit.setMethod(selector, classSide: side.isMetaclass, to: nil)
        }
        for selector in selectors {
          let text = side.methods[symbols.intern(selector)].flatMap { methods[$0].sourceText }
          if text != edit.method(selector, classSide: side.isMetaclass) {
            try edit.setMethod(selector, classSide: side.isMetaclass, to: text)
          }
        }
      }
    } catch { return nil }
    return String(decoding: edit.source.bytes, as: UTF8.self)
  }
}
