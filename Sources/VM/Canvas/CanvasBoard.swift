// The canvases of a machine: what is drawn on each, and who is given the finished frames.

import Synchronization

/// On the VM thread, unless a method says otherwise.
public final class CanvasBoard: @unchecked Sendable {
  /// Is given each finished frame, on the VM thread.
  public typealias Handler = @Sendable (_ frame: [UInt8]) -> Void

  /// One canvas: what is drawn on it now.
  final class Sheet {
    var drawing: Drawing
    /// What was shown last.
    var shown: [UInt8] = []
    let input = CanvasInput()
    /// When it was used, for those that are forgotten.
    fileprivate(set) var use = 0
    init(_ drawing: Drawing) { self.drawing = drawing }
  }
  private struct Outside {
    var handler: Handler?
    var inputs: [Int: CanvasInput] = [:]
    /// The canvas that was shown last, and its frame.
    var last = 0
    var frame: [UInt8]?
  }

  /// So many canvases are kept; beyond, the ones that were not used for the longest time are forgotten.
  static let limit = 64
  private var sheets: [Int: Sheet] = [:]
  private var lastNumber = 0
  private var uses = 0
  private var recent: Sheet?
  /// The number's body word by class index, of the class that drew last.
  private var place: (classIndex: Int, word: Int)?
  private let outside = Mutex(Outside())
  private let isAwaited = Atomic<Bool>(false)

  // MARK: The program

  func open(width: Int, height: Int) -> Int {
    if sheets.count == Self.limit, let oldest = sheets.min(by: { $0.value.use < $1.value.use })?.key {
      sheets[oldest] = nil
      outside.withLock { $0.inputs[oldest] = nil }
    }
    lastNumber += 1
    let sheet = Sheet(Drawing(number: lastNumber, width: width, height: height))
    sheets[lastNumber] = sheet
    use(sheet)
    outside.withLock { [number = lastNumber] in $0.inputs[number] = sheet.input }
    return lastNumber
  }

  /// Nil: it was never opened, or is forgotten.
  func sheet(_ number: Int) -> Sheet? {
    if let recent, recent.drawing.number == number { return recent }
    guard let sheet = sheets[number] else { return nil }
    use(sheet)
    return sheet
  }
  private func use(_ sheet: Sheet) {
    uses += 1
    sheet.use = uses
    recent = sheet
  }

  /// Where instances of a class have the number of their canvas; `find` is asked for another class than the last one.
  func place(ofNumberIn classIndex: Int, find: () -> Int?) -> Int? {
    if let place, place.classIndex == classIndex { return place.word }
    guard let word = find() else { return nil }
    place = (classIndex, word)
    return word
  }

  /// The frame is finished, and another one begins.
  func present(_ sheet: Sheet) {
    let frame = sheet.drawing.finish()
    sheet.shown = frame
    let handler = outside.withLock { outside in
      outside.last = sheet.drawing.number
      outside.frame = frame
      return outside.handler
    }
    handler?(frame)
  }

  /// Whether a process waits for events: then polls are asked for, at which it can go on.
  func awaitEvents(_ isAwaited: Bool) { self.isAwaited.store(isAwaited, ordering: .sequentiallyConsistent) }

  // MARK: Outside

  /// Any thread. Nil: frames are not given to anybody.
  public func setHandler(_ handler: Handler?) { outside.withLock { $0.handler = handler } }

  /// What was shown last, on any canvas; nil if nothing was. Any thread.
  public var lastFrame: [UInt8]? { outside.withLock { $0.frame } }

  /// Something has happened in front of a canvas. What no browser sends is left out. Any thread. Answers whether the
  /// program waits for it: then it must poll.
  public func add(_ event: CanvasEvent) -> Bool {
    guard event.isSound, let input = outside.withLock({ $0.inputs[event.canvas ?? $0.last] }) else { return false }
    input.add(event)
    return isAwaited.load(ordering: .sequentiallyConsistent)
  }
}
