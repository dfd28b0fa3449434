// What an accept asks for, as clients say it.

import Ovid

struct ChangeParameters: Decodable {
  var kind: String
  var className: String?
  var isClassSide: Bool?
  var method: MethodName?
  var text: String?
  var file: String?
  var name: String?
  var newName: String?
  var basedOn: Int?
  var basedOnText: String?

  func change() throws -> Change {
    switch kind {
    case "method":
      return .method(
        className: try needed(className, "className"), isClassSide: isClassSide ?? false,
        source: try needed(text, "text"), basedOn: basedOn)
    case "removeMethod":
      return .removeMethod(try needed(method?.key, "method"), basedOn: basedOn)
    case "class": return .classSource(try needed(text, "text"), file: file)
    case "removeClass": return .removeClass(try needed(className, "className"))
    case "renameClass":
      return .renameClass(try needed(className, "className"), to: try needed(newName, "newName"))
    case "addField", "removeField":
      let className = try needed(className, "className"), name = try needed(name, "name")
      return kind == "addField"
        ? .addField(className: className, isClassSide: isClassSide ?? false, name: name)
        : .removeField(className: className, isClassSide: isClassSide ?? false, name: name)
    default:
      throw RequestError(
        "badParameters", "There is no kind of change \(kind.prefix(100)).", remedy: "docs/protocol.md lists them.")
    }
  }

  private func needed<T>(_ value: T?, _ name: String) throws -> T {
    guard let value else { throw RequestError("badParameters", "A change of kind \(kind) needs `\(name)`.") }
    return value
  }
}

/// Several of them, that are made together.
struct AcceptParameters: Decodable {
  var changes: [ChangeParameters]
  var policy: AcceptPolicy?
  var probation: Double?
  var force: Bool?

  func set(author: String) throws -> ChangeSet {
    if changes.isEmpty { throw RequestError("badParameters", "`changes` is empty: there is nothing to accept.") }
    var set = ChangeSet(
      try changes.map { try $0.change() }, author: author, policy: policy ?? .next, probation: probation)
    set.refusesStale = force != true
    return set
  }
}
