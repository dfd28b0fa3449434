import IR
let simplifyParameters = Pass(name: "simplifyParameters") { _ in }
let valueNumbering = Pass(name: "valueNumbering") { _ in }
let simplifyControlFlow = Pass(name: "simplifyControlFlow") { _ in }
let hoistInvariants = Pass(name: "hoistInvariants") { _ in }
let deadCode = Pass(name: "deadCode") { _ in }
