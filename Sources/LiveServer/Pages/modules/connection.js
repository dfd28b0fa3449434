// The connection: requests and answers, events, frames; it comes back by itself, says what it is doing, and names the
// last event that it saw (docs/protocol.md). Results and events say in `heard` when they were in the browser, in the page's
// clock.

export class RequestError extends Error {
  constructor(error) {
    super(error.message);
    Object.assign(this, error);
  }
}

const pingEvery = 10000, longestWait = 8000;

/// A WebSocket that is in a worker of the page (wire.js).
class Wire {
  static #worker = null;
  static #open = new Map();
  static #last = 0;

  constructor(address) {
    if (!Wire.#worker) {
      Wire.#worker = new Worker(new URL('wire.js', import.meta.url));
      Wire.#worker.onmessage = ({data}) => {
        const wire = Wire.#open.get(data.number);
        if (data.kind === 'close') Wire.#open.delete(data.number);
        wire?.[`on${data.kind}`]?.(data);
      };
    }
    this.number = ++Wire.#last;
    Wire.#open.set(this.number, this);
    this.#tell({kind: 'open', address});
  }

  #tell(message) { Wire.#worker.postMessage({number: this.number, ...message}); }
  send(text) { this.#tell({kind: 'send', text}); }
  close() { this.#tell({kind: 'close'}); }
}

export class Connection {
  /// `hello()` answers the parameters of hello; `welcomed(result)` gets its result; `event`, `frame`, `changed` what
  /// comes.
  constructor({hello, welcomed, event, frame, changed}) {
    Object.assign(this, {hello, welcomed, event, frame, changed});
    this.state = 'connecting';
    this.problem = null;
    this.lastEvent = null;
    this.pending = new Map();
    this.waiting = [];
    this.number = 0;
    this.failures = 0;
    addEventListener('online', () => this.now());
  }

  connect() {
    clearTimeout(this.timer);
    this.#is('connecting');
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new Wire(`${scheme}://${location.host}/session`);
    this.socket = socket;
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = message => { if (socket === this.socket) this.#heard(message); };
    socket.onclose = close => { if (socket === this.socket) this.#lost(close); };
  }

  /// Does not wait any longer before it tries again.
  now() { if (this.state === 'waiting' || this.state === 'refused') this.connect(); }

  async #opened(socket) {
    try {
      const result = await this.#send('hello', this.hello(this.lastEvent));
      if (socket !== this.socket) return;
      this.failures = 0;
      if (!result.resumed || this.lastEvent === null) this.lastEvent = result.event;
      this.problem = null;
      this.#is('open');
      this.welcomed(result);
      for (const go of this.waiting.splice(0)) go();
      this.#ping(socket);
    } catch (error) {
      this.problem = error.message;
      socket.close();
    }
  }

  #heard({data, time}) {
    if (data instanceof ArrayBuffer) return this.frame(data);
    let message;
    try { message = JSON.parse(data); } catch { return; }
    const heard = time - performance.timeOrigin;
    if (message.event !== undefined) {
      message.heard = heard;
      this.lastEvent = message.event;
      return this.event(message);
    }
    const asked = this.pending.get(message.id);
    if (!asked) return;
    if (message.progress) return asked.progress?.(message.progress);
    this.pending.delete(message.id);
    if (message.error) asked.fail(new RequestError(message.error));
    else asked.done({...message.result, heard});
  }

  async #lost(close) {
    this.socket = null;
    clearInterval(this.pinging);
    for (const [id, asked] of this.pending) {
      this.pending.delete(id);
      asked.fail(new RequestError({code: 'disconnected', message: 'The connection was lost before the answer came.'}));
    }
    this.failures += 1;
    const wait = Math.min(longestWait, 200 * 2 ** Math.min(this.failures, 6)) * (0.75 + Math.random() / 2);
    this.again = Date.now() + wait;
    this.problem = close.reason || this.problem;
    this.#is('waiting');
    this.timer = setTimeout(() => this.connect(), wait);
    // Why a WebSocket cannot be opened is told to nobody; an ordinary request is told.
    if (this.failures > 1) {
      const answer = await fetch('/', {cache: 'no-store'}).catch(() => null);
      if (this.state === 'waiting' && answer?.status === 403) {
        clearTimeout(this.timer);
        this.problem = 'This address belongs to another session. Open the address that `ovid live` has printed.';
        this.#is('refused');
      }
    }
  }

  #ping(socket) {
    clearInterval(this.pinging);
    this.pinging = setInterval(() => {
      if (socket !== this.socket) return;
      const late = setTimeout(
        () => {
          if (socket === this.socket) {
            socket.onclose = null;
            socket.close();
            this.#lost({reason: 'The server is silent.'});
          }
        },
        pingEvery
      );
      this.#send('ping', {}).finally(() => clearTimeout(late)).catch(() => {});
    }, pingEvery);
  }

  #is(state) {
    this.state = state;
    this.changed(state);
  }

  #send(request, parameters, progress, started) {
    return new Promise((done, fail) => {
      const id = ++this.number;
      this.pending.set(id, {done, fail, progress});
      started?.(id);
      this.socket.send(JSON.stringify({id, request, parameters}));
    });
  }

  /// Answers the result, or throws a `RequestError`. What only looks is asked again after a lost connection; what
  /// changes something (`once`) fails with the code `disconnected`, since it may have been done. `cancel`: an
  /// AbortSignal.
  async request(request, parameters = {}, {once = false, progress, cancel} = {}) {
    for (;;) {
      if (this.state !== 'open') {
        if (once) throw new RequestError(
          {code: 'disconnected', message: 'There is no connection to the program now.',
            remedy: 'It is tried again by itself; nothing that you have written is lost.'}
        );
        await new Promise(go => this.waiting.push(go));
      }
      try {
        return await this.#send(request, parameters, progress, id => {
          cancel?.addEventListener('abort', () => { if (this.pending.has(id)) this.tell('cancel', {id}); },
            {once: true});
        });
      } catch (error) {
        if (error.code !== 'disconnected' || once) throw error;
      }
    }
  }

  /// Wants no answer.
  tell(request, parameters) {
    if (this.state === 'open') this.socket.send(JSON.stringify({request, parameters}));
  }
}
