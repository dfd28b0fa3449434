// The messages of JSON-RPC 2.0.

/// What a request is answered by.
public enum RPCID: Sendable, Hashable {
  case integer(Int)
  case string(String)

  public init?(_ json: JSON) {
    switch json {
    case .string(let text): self = .string(text)
    default:
      guard let value = json.integer else { return nil }
      self = .integer(value)
    }
  }

  public var json: JSON {
    switch self {
    case .integer(let value): .integer(value)
    case .string(let text): .string(text)
    }
  }
}

/// The error that answers a request.
public struct RPCError: Error, Sendable, Equatable, CustomStringConvertible {
  public struct Code: Sendable, Equatable {
    public let number: Int
    public init(_ number: Int) { self.number = number }
    public static let parseError = Code(-32700)
    public static let invalidRequest = Code(-32600)
    public static let methodNotFound = Code(-32601)
    public static let invalidParameters = Code(-32602)
    public static let internalError = Code(-32603)
    /// The language server's protocol.
    public static let notInitialized = Code(-32002)
    public static let requestFailed = Code(-32803)
    public static let contentModified = Code(-32801)
    public static let requestCancelled = Code(-32800)
  }

  public let code: Code
  /// A sentence that can be shown.
  public let message: String
  public let data: JSON?

  public init(_ code: Code, _ message: String, data: JSON? = nil) {
    self.code = code
    self.message = message
    self.data = data
  }

  public var description: String { message }
  public var json: JSON { .fields(["code": .integer(code.number), "message": .string(message), "data": data]) }
}

public enum RPCMessage: Sendable, Equatable {
  case request(RPCID, method: String, parameters: JSON)
  case notification(method: String, parameters: JSON)
  case answer(RPCID, Result<JSON, RPCError>)
  /// What it is answered with; `id` is null in the answer if it is unknown.
  case invalid(RPCID?, RPCError)

  /// Reads one message, whatever it is.
  public init(_ bytes: [UInt8]) {
    let json: JSON
    do throws(JSONError) { json = try JSON(parsing: bytes) } catch {
      self = .invalid(nil, RPCError(.parseError, "\(error)"))
      return
    }
    guard let fields = json.object else {
      let what = json.array == nil ? "a message is an object" : "several messages in an array are not taken"
      self = .invalid(nil, RPCError(.invalidRequest, what))
      return
    }
    let id = fields["id"].flatMap(RPCID.init)
    func invalid(_ message: String) -> RPCMessage { .invalid(id, RPCError(.invalidRequest, message)) }
    if let given = fields["id"], id == nil, fields["method"] != nil || !given.isNull {
      self = invalid("id is neither a whole number nor a text")
    } else if let method = fields["method"] {
      guard let method = method.string else {
        self = invalid("method is no text")
        return
      }
      let parameters = fields["params"] ?? .null
      guard parameters.isNull || parameters.object != nil || parameters.array != nil else {
        self = .invalid(id, RPCError(.invalidParameters, "params is neither an object nor an array"))
        return
      }
      self =
        if let id { .request(id, method: method, parameters: parameters) } else {
          .notification(method: method, parameters: parameters)
        }
    } else if let id, let error = fields["error"]?.object {
      self = .answer(
        id,
        .failure(
          RPCError(
            RPCError.Code(error["code"]?.integer ?? RPCError.Code.internalError.number),
            error["message"]?.string ?? "", data: error["data"])))
    } else if let id, let result = fields["result"] {
      self = .answer(id, .success(result))
    } else if fields["error"] != nil {
      // Somebody could not read what we wrote, and cannot say which.
      self = .notification(method: "$/unreadable", parameters: json)
    } else {
      self = invalid("a message has a method, or a result, or an error")
    }
  }

  public var json: JSON {
    switch self {
    case .request(let id, let method, let parameters):
      .fields([
        "jsonrpc": "2.0", "id": id.json, "method": .string(method), "params": parameters.isNull ? nil : parameters,
      ])
    case .notification(let method, let parameters):
      .fields(["jsonrpc": "2.0", "method": .string(method), "params": parameters.isNull ? nil : parameters])
    case .answer(let id, .success(let result)): ["jsonrpc": "2.0", "id": id.json, "result": result]
    case .answer(let id, .failure(let error)): ["jsonrpc": "2.0", "id": id.json, "error": error.json]
    case .invalid(let id, let error): ["jsonrpc": "2.0", "id": id?.json ?? .null, "error": error.json]
    }
  }
}
