import VM

extension Universe {
  func resume(_ innermost: Words) -> UInt64 { 0 }
  func requestPoll() {
    thread[.limit] = 0
    thread[.poll] = 1
  }
}
extension MethodInfo {
  func line(pc: Int) -> Int { 0 }
}
