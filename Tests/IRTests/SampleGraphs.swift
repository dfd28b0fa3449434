// Graphs as text that several suites use.

enum SampleGraphs {
  /// Everything that the text can express.
  static let complete = #"""
    graph "Foo>>bar: \"x\"" arguments 2 osr 12
    table t0 = literal 5 0 "'text'"
    table t1 = method 7 "Foo>>bar"
    table t2 = selector 12 1 "at:"
    table t3 = cell 4 "Foo"
    table t4 = methodValue 7 "Foo>>bar"
    s1 = [m5 pc 7 origin 6: -1=v0 3=v4 4=@0] [m6 pc 0 origin 0:] @0=0x3000005(v1 @1) @1=0x6(@0)
    s2 = [m5 pc 3 origin 3: 3=v9]
    entryState s2
    home v4
    entry b0
    b0:
      v0 = argument<0>
      v1 = register<-1>
      v9 = register<3>
      v2 = constInt<-7>
      v3 = constFloat<0xbff8000000000000> ; -1.5
      v4 = allocate<0x3000005> v0 v1 ^s2
      v5 = constBool<true>
      v6 = literal<t0>
      v7 = constTagged<0x4>
      v8 = literal<t4>
      storeSlot<1> v4 v0
      storeSlot<2 noBarrier> v4 v7
      jump -> b1(v2 v3)
    b1(v10: int, v11: float):
      poll ^s1
      v12 = compareInt<lessOrEqual> v10 v2
      branch v12 -> b2(v10), b3
    b2(v20: int) cold:
      v21 = addInt v20 v2 ^s1
      v22 = send<t2> v0 v1 ^s2
      v23 = callMethod<t1> v22 ^s2
      v24 = loadCell<t3>
      v25 = guardClass<0x1000009> v24 ^s2
      guardTrue<outOfBounds> v12 ^s2
      jump -> b1(v21 v11)
    b3:
      v30 = tagFloat v11 ^s2
      return v30

    """#

  /// Sums 0 ..< argument.
  static let loop = """
    graph "Loop" arguments 1
    s0 = [m1 pc 0 origin 0: -1=v1]
    entry b0
    b0:
      v0 = argument<0>
      v1 = argument<1>
      v2 = guardInt<notInteger> v1 ^s0
      v3 = constInt<0>
      v4 = constInt<1>
      jump -> b1(v3 v3)
    b1(v5: int, v6: int):
      v7 = compareInt<less> v5 v2
      branch v7 -> b2, b3
    b2:
      v8 = addInt v6 v5 ^s0
      v9 = addInt v5 v4 ^s0
      jump -> b1(v9 v8)
    b3:
      v10 = tagInt v6
      return v10

    """
}
