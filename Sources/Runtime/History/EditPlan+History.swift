// What the history notes of a plan, before it is installed.

import VM

extension EditPlan {
  /// Classes that come or go, or get other fields or another superclass, by the names that they had.
  var classDifferences: [ClassDifference] {
    var result = changedClasses
    for (renaming, _) in renamings {
      if let place = result.firstIndex(where: { $0.name == renaming.old }) {
        result[place].newName = renaming.new
      } else {
        let shape = shape(renaming.old)
        result.append(ClassDifference(name: renaming.old, before: shape, after: shape, newName: renaming.new))
      }
    }
    return result
  }

  private var changedClasses: [ClassDifference] {
    shapes.compactMap { change in
      guard let info = universe.classes.named(change.name) else { return nil }
      // That a metaclass moves with its class goes without saying.
      if info.isMetaclass, change.fields == info.ownFieldNames { return nil }
      let above = info.isMetaclass || info.superIndex == 0 ? nil : universe.classes[info.superIndex].name
      return ClassDifference(
        name: change.name, before: ClassShape(superclass: above, fields: info.ownFieldNames),
        after: ClassShape(superclass: info.isMetaclass ? nil : change.superclass ?? above, fields: change.fields))
    }
      + classes.map { new in
        ClassDifference(
          name: new.file.definition.name, before: nil,
          after: ClassShape(superclass: new.superclass, fields: new.file.definition.instanceFields))
      }
      + restored.map { ClassDifference(name: $0, before: nil, after: shape($0)) }
      + removals.map { removal in
        var before = shape(removal.name)
        before?.text = universe.text(ofClass: removal.name)
        return ClassDifference(name: removal.name, before: before, after: nil)
      }
  }

  private func shape(_ name: String) -> ClassShape? {
    universe.classes.named(name).map { info in
      ClassShape(
        superclass: superclasses[name] ?? (info.superIndex == 0 ? nil : universe.classes[info.superIndex].name),
        fields: ownFields(info))
    }
  }
}
