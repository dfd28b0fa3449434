// Figures that the parts of one machine add to, each its own.

/// VM thread.
final class Counters {
  var figures = Statistics()
}
