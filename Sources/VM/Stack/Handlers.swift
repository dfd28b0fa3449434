// Activations on the stack that handle exceptions (`Protection.handling`), and what programs know of them. Nobody keeps a
// list of all, so that a handler that is not reached costs nothing: they are searched for (`HandlerSearch.swift`).

import Bytecode
import MachineLayout

/// The handlers of a stack. VM thread.
public final class Handlers {
  private unowned(unsafe) let universe: Universe
  private var table = HandlerTable()
  /// Of the primitives that wait for a signal to end, outermost first.
  @exclusivity(unchecked) private var searches: [HandlerSearch] = []
  /// The frames on top of which somebody outside evaluates, outermost first.
  private var isolated: [Words] = []

  /// The class whose instances stand for them in programs.
  static let className = "ExceptionHandler"
  static let fields = (exceptionClass: "exceptionClass", action: "action", activation: "activation")

  init(_ universe: Universe) { self.universe = universe }

  // MARK: As programs know them

  /// The number (`HandlerTable`) that an instance of ExceptionHandler knows; nil if the value is none.
  func id(_ value: Value) -> Int? {
    guard value.isPointer, value != .none, let info = universe.library.loaded(Handlers.className),
      value.object.classIndex == info.index,
      let word = info.bodyWord(ofField: Handlers.fields.activation)
    else { return nil }
    let id = value.object[word]
    return id.isInteger ? id.integer : nil
  }
  /// The same, of an activation on the stack whose top frame is `top`.
  func id(of activation: ActivationPlace, top: Words) -> Int {
    table.id(of: activation, top: top, last: &universe.lastHandlerID)
  }
  /// Nil: it has ended.
  func activation(_ id: Int) -> ActivationPlace? { table.activation(id) }
  /// The activations of compiled frame `frame`, the top one, have got these frames, outermost first.
  public func moved(from frame: Words, to frames: [Words]) { table.moved(from: frame, to: frames) }

  // MARK: Searching

  /// What `body` evaluates on top of frame `frame` is nobody's below: what it signals is not handled there.
  public func isolating<T, E: Error>(_ frame: Words, _ body: () throws(E) -> T) throws(E) -> T {
    isolated.append(frame)
    defer { isolated.removeLast() }
    return try body()
  }

  /// What searches find below the primitive's frame `frame` while `body` runs is kept until that ends.
  func waiting<T>(at frame: Words, _ body: () -> T) -> T {
    let mark = searches.count
    searches.append(HandlerSearch(frame))
    defer { searches.removeLast(searches.count - mark) }
    return body()
  }

  /// Looks at one frame that may matter, and goes on to its sender. Activations that count are appended.
  private func step(_ walk: inout ActivationWalk, _ found: inout [ActivationPlace]) {
    guard let frame = walk.frame else { return }
    defer { walk.advance() }
    if frame.isCompiled {
      let activations = universe.activations(of: frame)
      for (i, activation) in activations.enumerated() {
        look(ActivationPlace(frame: frame.words, number: activations.count - 1 - i), activation, &walk, &found)
      }
    } else if frame.hasRegisters, let activation = frame.activation {
      look(ActivationPlace(frame: frame.words, number: 0), activation, &walk, &found)
    }
  }

  private func look(
    _ place: ActivationPlace, _ activation: Activation, _ walk: inout ActivationWalk,
    _ found: inout [ActivationPlace]
  ) {
    if let inner = walk.outside {
      if place == inner { walk.outside = nil }
      return
    }
    let protects = activation.method[.protects]
    if protects & Method.isHandlerCode != 0 {
      // A handler runs: only what is outside of its activation counts.
      walk.outside = id(activation.receiver).flatMap(table.activation)
    } else if protects != 0, universe.methods[activation.method].chunk?.protection(at: activation.pc) == .handling {
      found.append(place)
    }
  }

  /// Up to `limit` handling activations that count at frame `top`, innermost first; only outside of `outside`, if there
  /// is one.
  func find(from top: Words, outside: ActivationPlace? = nil, limit: Int = 1) -> [ActivationPlace] {
    var walk = ActivationWalk(frame: Frame(top), outside: outside)
    var found: [ActivationPlace] = []
    let known = searches.lastIndex { $0.frame <= top }
    let end = known.map { searches[$0].frame }
    while found.count < limit {
      walk.pass(to: end)
      if let known, walk.frame?.words == end {
        collect(known, outside: walk.outside, limit, &found)
        break
      }
      if walk.frame == nil { break }
      step(&walk, &found)
    }
    if let end = isolated.last { return Array(found.prefix(limit).prefix { $0.frame > end }) }
    return Array(found.prefix(limit))
  }

  /// Appends what counts below a search's frame.
  private func collect(_ first: Int, outside: ActivationPlace?, _ limit: Int, _ found: inout [ActivationPlace]) {
    var place = (search: first, outside: outside)
    while true {
      var next = 0
      if let inner = place.outside {
        switch position(of: inner, in: place.search) {
        case .at(let index): next = index + 1
        case .further(let search):
          place.search = search
          continue
        case .hidden:
          var walk = ActivationWalk(frame: Frame(searches[place.search].frame), outside: place.outside)
          walk.pass(to: nil)
          while found.count < limit, walk.frame != nil {
            step(&walk, &found)
            walk.pass(to: nil)
          }
          return
        }
      }
      while found.count < limit, next < searches[place.search].found.count || extend(place.search) {
        found.append(searches[place.search].found[next])
        next += 1
      }
      guard found.count < limit, let rest = rest(of: place.search) else { return }
      place = rest
    }
  }

  private enum Position {
    case at(Int)
    /// Perhaps there.
    case further(search: Int)
    /// Behind a handler that runs, or not on the stack.
    case hidden
  }

  /// Where an activation is among those that a search finds.
  private func position(of wanted: ActivationPlace, in search: Int) -> Position {
    while searches[search].found.last.map({ wanted.isOutside(of: $0) }) ?? true, extend(search) {}
    let found = searches[search].found
    var low = 0, high = found.count
    while low < high {
      let middle = (low + high) / 2
      if wanted.isOutside(of: found[middle]) { low = middle + 1 } else { high = middle }
    }
    if low < found.count { return found[low] == wanted ? .at(low) : .hidden }
    guard let rest = rest(of: search), rest.outside == nil else { return .hidden }
    return .further(search: rest.search)
  }

  /// Looks for one more activation below a search's frame. False: there is none before the older search that `rest` names.
  private func extend(_ search: Int) -> Bool {
    let this = searches[search]
    let count = this.found.count
    let older = search > 0 ? searches[search - 1].frame : nil
    while this.walk.frame != nil {
      this.walk.pass(to: older)
      if let older, this.walk.frame?.words == older {
        this.rest = (search - 1, this.walk.outside)
        this.walk.frame = nil
        return false
      }
      step(&this.walk, &this.found)
      if this.found.count > count { return true }
    }
    return false
  }

  /// What follows an exhausted search; those that have found nothing are passed over from then on.
  private func rest(of search: Int) -> (search: Int, outside: ActivationPlace?)? {
    while let rest = searches[search].rest, rest.outside == nil, searches[rest.search].walk.frame == nil,
      searches[rest.search].found.isEmpty
    { searches[search].rest = searches[rest.search].rest }
    return searches[search].rest
  }

  /// Whether this activation is on the stack, and handles exceptions.
  func isHandling(_ wanted: ActivationPlace, from top: Words) -> Bool {
    let known = searches.lastIndex { $0.frame <= top }
    for frame in StackFrames(from: top) {
      if frame.words == wanted.frame { return isHandling(wanted) }
      if frame.words < wanted.frame { return false }
      if let known, frame.words == searches[known].frame, isFound(wanted, in: known) { return true }
    }
    return false
  }

  private func isFound(_ wanted: ActivationPlace, in first: Int) -> Bool {
    var search = first
    while true {
      switch position(of: wanted, in: search) {
      case .at: return true
      case .further(let older): search = older
      case .hidden: return false
      }
    }
  }

  /// Requires: its frame is on the stack.
  private func isHandling(_ place: ActivationPlace) -> Bool {
    let frame = Frame(place.frame)
    guard frame.isCompiled || frame.hasRegisters else { return false }
    let activations = universe.activations(of: frame)
    guard place.number < activations.count else { return false }
    let activation = activations[activations.count - 1 - place.number]
    return universe.methods[activation.method].chunk?.protection(at: activation.pc) == .handling
  }
}
