// Looking at code: classes, methods, their versions, who sends what.

import Foundation
import Ovid

extension RequestTable {
  private struct ByName: Decodable { var name: String }
  private struct ByMethod: Decodable { var method: MethodName }
  private struct BySelector: Decodable {
    var selector: String
    var limit: Int?
  }
  private struct Compared: Decodable {
    var method: MethodName?
    var old: VersionName?
    var new: VersionName?
    var oldText: String?
    var newText: String?
  }
  private struct Searched: Decodable {
    var text: String
    var limit: Int?
  }
  private struct Limited: Decodable { var limit: Int? }
  private struct Observed: Decodable {
    var name: String
    var className: String?
    var isClassSide: Bool?
    var selector: String?
  }

  /// So many places are answered at most.
  private static let placeLimit = 1000

  static let codeRequests: [String: RequestHandler] = [
    "classes": answering { session, _ in
      Fields("classes", session.classLines).with("loadable", session.vm.loadableClassNames())
    },
    "class": answering { (session, _, wanted: ByName) in
      let vm = session.vm
      guard let report = vm.classReport(wanted.name) else { throw RequestError.noSuchClass(wanted.name) }
      return Fields("class", report).with("comment", vm.code.comment(ofClass: wanted.name))
        .with("methods", vm.code.methods(of: wanted.name)).with("isLibrary", vm.code.isLibrary(wanted.name))
    },
    "classText": answering { (session, _, wanted: ByName) in
      guard let text = session.vm.text(ofClass: wanted.name) else { throw RequestError.noSuchClass(wanted.name) }
      return Fields("text", text)
    },
    "method": answering { (session, _, wanted: ByMethod) in
      let vm = session.vm, key = wanted.method.key
      let methods = vm.code.methods(of: key.className)
      if let summary = methods.first(where: { $0.method == key }) {
        return Fields("method", key).with("text", vm.source(of: key) ?? "").with("version", summary.version)
          .with("isPrimitive", summary.isPrimitive).with("line", summary.line)
      }
      guard let found = vm.implementation(of: key) else { throw RequestError.noSuchMethod(key) }
      let summary = vm.code.methods(of: found.className).first { $0.method == found }
      return Fields("method", key).with("text", vm.source(of: found) ?? "").with("version", 0)
        .with("isPrimitive", summary?.isPrimitive ?? false).with("line", summary?.line)
        .with("implementation", found)
    },
    "versions": answering { (session, _, wanted: ByMethod) in
      Fields("versions", session.vm.versions(of: wanted.method.key))
    },
    "difference": answering { (session, _, wanted: Compared) in
      if let old = wanted.oldText, let new = wanted.newText {
        return Fields("difference", TextDifference(old, new))
      }
      guard let key = wanted.method?.key, let old = wanted.old?.place, let new = wanted.new?.place else {
        throw RequestError("badParameters", "`method`, `old` and `new` are needed, or `oldText` and `newText`.")
      }
      guard let difference = session.vm.difference(of: key, old, new) else {
        throw RequestError("notKept", "One of these versions of \(key) is not kept.")
      }
      return Fields("difference", difference)
    },
    "senders": answering { (session, _, wanted: BySelector) in
      Fields("places", session.vm.code.senders(of: wanted.selector, limit: limit(wanted.limit)))
    },
    "implementors": answering { (session, _, wanted: BySelector) in
      Fields("methods", session.vm.code.implementors(of: wanted.selector))
    },
    "references": answering { (session, _, wanted: ByName) in
      Fields("places", session.vm.code.references(to: wanted.name, limit: placeLimit))
    },
    "search": answering { (session, _, wanted: Searched) in
      let limit = limit(wanted.limit, 200), code = session.vm.code
      let text = wanted.text.lowercased()
      if text.isEmpty {
        return Fields("classes", [String]()).with("methods", [MethodKey]()).with("places", [TextPlace]())
          .with("isCut", false)
      }
      let classes = session.vm.classNames().filter { $0.lowercased().contains(text) }
      let methods = code.selectors(containing: text), places = code.text(text, limit: limit + 1)
      return Fields("classes", Array(classes.prefix(limit))).with("methods", Array(methods.prefix(limit)))
        .with("places", Array(places.prefix(limit)))
        .with("isCut", max(classes.count, methods.count, places.count) > limit)
    },
    "observed": answering { (session, _, wanted: Observed) in
      Fields(
        "kinds",
        session.vm.observedKinds(
          of: wanted.name, className: wanted.className, classSide: wanted.isClassSide ?? false,
          selector: wanted.selector))
    },
    "lens": answering { (session, _, wanted: ByMethod) in
      guard let tier = session.vm.tier(of: wanted.method.key) else {
        throw RequestError.noSuchMethod(wanted.method.key)
      }
      return Fields("tier", tier).with("lens", session.vm.lens(of: wanted.method.key))
    },
    "oldActivations": answering { (session, _, wanted: Limited) in
      Fields("activations", session.vm.oldActivations(limit: limit(wanted.limit)))
    },
    "statistics": answering { session, _ in
      Fields("statistics", session.vm.statistics()).with("rates", session.rates.rates)
    },
  ]

  private static func limit(_ wanted: Int?, _ usual: Int = placeLimit) -> Int {
    min(max(1, wanted ?? usual), placeLimit)
  }
}
