// Searching the stack for activations that handle exceptions, without looking at the same frames again and again.
//
// A walk goes from frame to frame and looks closer only at those that may matter, which methods and compiled code know of
// themselves. And while an exception is being signalled, a primitive waits on the stack (`ExceptionHandler class
// waitingFor:`): nothing below it changes until it returns, so what one search finds there is kept for the next ones.
// Signals within signals then take time in proportion to the frames that each has added.

import Bytecode

/// Where a walk from the innermost activation outwards has got to.
struct ActivationWalk {
  /// The next frame; nil behind the outermost.
  var frame: Frame?
  /// Only what is outside of this activation counts, if there is one.
  var outside: HandlingActivation?
}

/// What is known of the activations below a frame that waits.
final class HandlerSearch {
  /// The primitive's.
  let frame: Words
  /// Those that count from there, innermost first, as far as somebody has asked.
  fileprivate var found: [HandlingActivation] = []
  fileprivate var walk: ActivationWalk
  /// Where the walk has ended, if it has: at an older search, outside of an activation.
  fileprivate var rest: (search: Int, outside: HandlingActivation?)?

  init(_ frame: Words) {
    self.frame = frame
    walk = ActivationWalk(frame: Frame(frame))
  }
}

extension ActivationWalk {
  /// Passes over frames that cannot matter, up to `end`. Nothing but reads of frames: there may be millions.
  fileprivate mutating func pass(to end: Words?) {
    let inner = outside?.frame
    while let next = frame, next.words != end {
      if let inner { if next.words == inner { return } } else if next.mayProtect { return }
      frame = next.sender
    }
  }

  fileprivate mutating func advance() { frame = frame?.sender }
}

extension Universe {
  /// Looks at one frame that may matter, and goes on to its sender. Activations that count are appended.
  fileprivate func step(_ walk: inout ActivationWalk, _ found: inout [HandlingActivation]) {
    guard let frame = walk.frame else { return }
    defer { walk.advance() }
    if frame.isCompiled {
      let activations = activations(of: frame)
      for (i, activation) in activations.enumerated() {
        look(HandlingActivation(frame: frame.words, number: activations.count - 1 - i), activation, &walk, &found)
      }
    } else if frame.hasRegisters, let activation = frame.activation {
      look(HandlingActivation(frame: frame.words, number: 0), activation, &walk, &found)
    }
  }

  private func look(
    _ place: HandlingActivation, _ activation: Activation, _ walk: inout ActivationWalk,
    _ found: inout [HandlingActivation]
  ) {
    if let inner = walk.outside {
      if place == inner { walk.outside = nil }
      return
    }
    let protects = activation.method[.protects]
    if protects & Method.isHandlerCode != 0 {
      // A handler runs: only what is outside of its activation counts.
      walk.outside = handlerID(activation.receiver).flatMap(handlerTable.activation)
    } else if protects != 0, methods[activation.method].chunk?.protection(at: activation.pc) == .handling {
      found.append(place)
    }
  }

  /// Up to `limit` handling activations that count at frame `top`, innermost first; only outside of `outside`, if there
  /// is one.
  func handling(from top: Words, outside: HandlingActivation? = nil, limit: Int = 1) -> [HandlingActivation] {
    var walk = ActivationWalk(frame: Frame(top), outside: outside)
    var found: [HandlingActivation] = []
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
    return Array(found.prefix(limit))
  }

  /// Appends what counts below a search's frame.
  private func collect(_ first: Int, outside: HandlingActivation?, _ limit: Int, _ found: inout [HandlingActivation]) {
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
  private func position(of wanted: HandlingActivation, in search: Int) -> Position {
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
  private func rest(of search: Int) -> (search: Int, outside: HandlingActivation?)? {
    while let rest = searches[search].rest, rest.outside == nil, searches[rest.search].walk.frame == nil,
      searches[rest.search].found.isEmpty
    { searches[search].rest = searches[rest.search].rest }
    return searches[search].rest
  }

  /// Whether this activation is on the stack, and handles exceptions.
  func isHandling(_ wanted: HandlingActivation, from top: Words) -> Bool {
    let known = searches.lastIndex { $0.frame <= top }
    for frame in StackFrames(from: top) {
      if frame.words == wanted.frame { return isHandling(wanted) }
      if frame.words < wanted.frame { return false }
      if let known, frame.words == searches[known].frame, isFound(wanted, in: known) { return true }
    }
    return false
  }

  private func isFound(_ wanted: HandlingActivation, in first: Int) -> Bool {
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
  private func isHandling(_ place: HandlingActivation) -> Bool {
    let frame = Frame(place.frame)
    guard frame.isCompiled || frame.hasRegisters else { return false }
    let activations = activations(of: frame)
    guard place.number < activations.count else { return false }
    let activation = activations[activations.count - 1 - place.number]
    return methods[activation.method].chunk?.protection(at: activation.pc) == .handling
  }
}
