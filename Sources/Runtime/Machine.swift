// What all parts of one running machine work on: the program, its code, and where they tell what happens. It is there
// before they are, and knows none of them.

import VM

struct Machine {
  let options: Options
  let universe: Universe
  let program: RuntimeProgram
  let installed: InstalledCode
  let counters = Counters()
  let codeHistory = CodeHistory()
  let notices: Notices
  let events = EventBus()

  init(options: Options, universe: Universe) {
    self.options = options
    self.universe = universe
    program = RuntimeProgram(universe: universe)
    installed = InstalledCode(universe: universe, program: program)
    notices = Notices(universe, topics: options.trace)
  }
}
