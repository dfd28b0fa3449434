// A terminal with libedit: editing, history, completion.

import CEditLine
import Foundation

/// What TAB does at a place.
struct Completion: Equatable {
  /// Goes in at the cursor.
  var insertion = ""
  /// Shown if there are several.
  var alternatives: [String] = []
}

enum LineEditing {
  /// Why libedit cannot be loaded; nil if it can.
  static var problem: String? {
    var message = [CChar](repeating: 0, count: 256)
    if ovid_editor_load(&message, message.count) != 0 { return nil }
    return String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// One at a time, on one thread.
final class LineEditor: LineSource {
  private var editor: OpaquePointer?
  private let history: HistoryFile?
  private let complete: (_ line: String, _ cursor: Int) -> Completion

  /// Nil if there is no libedit. `complete` is given the line and the cursor's offset in its UTF-8.
  init?(
    wakeDescriptor: Int32, history: HistoryFile?, complete: @escaping (_ line: String, _ cursor: Int) -> Completion
  ) {
    self.history = history
    self.complete = complete
    if LineEditing.problem != nil { return nil }
    editor = ovid_editor_open(
      wakeDescriptor, Int32(HistoryFile.limit), completeLine, Unmanaged.passUnretained(self).toOpaque())
    guard let editor else { return nil }
    if let history { _ = ovid_editor_load_history(editor, history.path) }
  }

  deinit { if let editor { ovid_editor_close(editor) } }

  func next(prompt: String) -> InputLine {
    guard let editor else { return .end }
    var line: UnsafePointer<CChar>?
    let count = ovid_editor_read(editor, prompt, &line)
    if count == Int(OVID_LINE_INTERRUPTED) { return .interrupted }
    guard count >= 0, let line else { return .end }
    let bytes = UnsafeRawBufferPointer(start: line, count: count)
    guard let text = String(validating: bytes, as: UTF8.self) else { return .unusable("this line is not UTF-8 text") }
    return .text(text)
  }

  func remember(_ entry: String) {
    guard let editor, !entry.isEmpty, entry.utf8.count <= HistoryFile.entryLimit else { return }
    ovid_editor_remember(editor, entry)
    history?.replace { ovid_editor_save_history(editor, $0) != 0 }
  }

  fileprivate func completion(_ line: String, _ cursor: Int) -> OvidCompletion {
    let found = complete(line, cursor)
    return OvidCompletion(
      insertion: found.insertion.isEmpty ? nil : strdup(found.insertion),
      listing: found.alternatives.isEmpty ? nil : strdup(Self.columns(found.alternatives)))
  }

  /// In as many columns as the window has room for.
  private static func columns(_ names: [String]) -> String {
    let width = Console.columns(of: STDOUT_FILENO) ?? 80
    let shown = names.prefix(200)
    let column = (shown.map(\.count).max() ?? 0) + 2
    let perRow = max(1, width / column)
    var text = ""
    for (i, name) in shown.enumerated() {
      let isLast = (i + 1) % perRow == 0 || i == shown.count - 1
      text += isLast ? name + "\n" : name + String(repeating: " ", count: column - name.count)
    }
    return shown.count < names.count ? text + "… \(names.count - shown.count) more\n" : text
  }
}

private let completeLine: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, Int, Int) -> OvidCompletion =
  { context, line, length, cursor in
    guard let context, let line else { return OvidCompletion(insertion: nil, listing: nil) }
    let text = String(decoding: UnsafeRawBufferPointer(start: line, count: length), as: UTF8.self)
    return Unmanaged<LineEditor>.fromOpaque(context).takeUnretainedValue().completion(text, cursor)
  }
