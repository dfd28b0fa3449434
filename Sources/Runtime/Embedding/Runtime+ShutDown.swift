// The end of a machine: nothing of it stays on the disk.

extension Runtime {
  /// Takes no more work, and removes the machine's temporary files. With `abandoning`, a compile that is under way
  /// goes on meanwhile if it is in this process: only for a process that ends right afterwards, by `_exit`, since the
  /// compiler must not run while the C library takes itself down. No program may run. Any thread.
  public func shutDown(abandoning: Bool = false) {
    compiling.stop(abandoning: abandoning)
    compiling.removeScratch()
    vmThread.stop()
  }
}
