final class ClassLoader: @unchecked Sendable {}
