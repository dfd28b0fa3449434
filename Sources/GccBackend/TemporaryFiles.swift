// Room for temporary files. GCC ends the process when it cannot write its assembly text, so somebody has to look before.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public enum TemporaryFiles {
  /// Where libgccjit writes: the folder that GCC's `choose_tmpdir` chooses. Like GCC, looks for it once in a process.
  public static let folder: String = {
    for name in ["TMPDIR", "TMP", "TEMP"] {
      if let value = getenv(name), isUsable(String(cString: value)) { return String(cString: value) }
    }
    return ["/tmp", "/var/tmp", "/usr/tmp"].first(where: isUsable) ?? "."
  }()

  /// Bytes that must be free in a folder before anything is written to it. Generous: the assembly text of a small loop
  /// has 16 KB, and others write there, too.
  public static let needed = 4 << 20
  /// Bytes to be free for each node of the graphs in addition. (Measured: 60 to 100 bytes of assembly text.)
  static let neededForNode = 256

  /// Bytes that the user may still write in a folder, quotas aside; nil if there is no such folder, or no limit. Takes
  /// microseconds.
  public static func room(in folder: String) -> Int? {
    var info = statvfs()
    // A file system without blocks does not count them: a tmpfs without a limit.
    guard statvfs(folder, &info) == 0, info.f_blocks > 0 else { return nil }
    let (bytes, overflow) = Int(clamping: info.f_bavail).multipliedReportingOverflow(by: Int(info.f_frsize))
    return overflow ? .max : bytes
  }

  /// A folder that is not there has room: who writes to it learns what is wrong.
  public static func hasRoom(in folder: String, for nodes: Int = 0) -> Bool {
    room(in: folder).map { $0 >= needed + neededForNode * nodes } ?? true
  }

  private static func isUsable(_ folder: String) -> Bool {
    var status = stat()
    return access(folder, R_OK | W_OK | X_OK) == 0 && stat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
