// Inner iterations of the benchmarks of the conformance run. They check their results, some only for certain sizes;
// normally large enough to be compiled while they run, under stress small enough to end.

enum ExampleSizes {
  private typealias Size = ConformanceSize

  static let areWeFastYet: [String: ConformanceSize] = [
    "Bounce": Size(normal: 100, stress: 1),
    "CD": Size(normal: 10, stress: 2),
    "DeltaBlue": Size(normal: 1000, stress: 1),
    "Havlak": Size(normal: 15, stress: 1),
    "Json": Size(normal: 5, stress: 1),
    "List": Size(normal: 50, stress: 1),
    "Mandelbrot": Size(normal: 500, stress: 1),
    "NBody": Size(normal: 250_000, stress: 1),
    "Permute": Size(normal: 50, stress: 1),
    "Queens": Size(normal: 50, stress: 1),
    "Richards": Size(normal: 2, stress: 1),
    "Sieve": Size(normal: 50, stress: 1),
    "Storage": Size(normal: 20, stress: 1),
    "Towers": Size(normal: 20, stress: 1),
  ]

  static let older: [String: ConformanceSize] = [
    "Bounce": Size(normal: 10, stress: 1),
    "BubbleSort": Size(normal: 15, stress: 1),
    "DeltaBlue": Size(normal: 100, stress: 1),
    "Dispatch": Size(normal: 10, stress: 1),
    "Fannkuch": Size(normal: 7, stress: 4),
    "Fibonacci": Size(normal: 10, stress: 1),
    "GraphSearch": Size(normal: 7, stress: 1),
    "Knapsack": Size(normal: 20, stress: 1),
    "Loop": Size(normal: 100, stress: 1),
    "Mandelbrot": Size(normal: 50, stress: 10),
    "NBody": Size(normal: 1000, stress: 10),
    "PageRank": Size(normal: 75, stress: 5),
    "Permute": Size(normal: 10, stress: 1),
    "Queens": Size(normal: 10, stress: 1),
    "QuickSort": Size(normal: 15, stress: 1),
    "Recurse": Size(normal: 12, stress: 1),
    "Sieve": Size(normal: 20, stress: 1),
    "Sum": Size(normal: 40, stress: 1),
    "TreeSort": Size(normal: 7, stress: 1),
    "WhileLoop": Size(normal: 30, stress: 1),
  ]
}
