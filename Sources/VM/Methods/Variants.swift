import Bytecode
import Syntax

extension Universe {
  func compileAndLink(_ info: MethodInfo) throws {}
  func twin(of method: Method) -> Method { method }
  func trap(_ info: MethodInfo) {}
}
@inline(never)
func switchVariantSlow(_ thread: Words, _ h: Words) -> UInt64 { 0 }
