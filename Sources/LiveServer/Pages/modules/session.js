// What the page knows of the live session: the snapshot, kept up to date by events. Windows listen to what they show.

import {Connection} from './connection.js';
import {ReplayConnection} from './replay-connection.js';
import {isRecording} from './mode.js';
import {Epilogues} from './epilogues.js';

export class Session {
  constructor(client) {
    this.client = client;
    this.listeners = new Map();
    this.program = {state: 'notStarted'};
    this.classes = [];
    this.processes = [];
    this.breakpoints = [];
    this.watches = [];
    this.clients = [];
    this.drafts = [];
    this.output = '';
    this.rates = {};
    this.stops = new Map();
    this.waitedFor = new Set();
    this.epilogues = new Epilogues(this);
    this.connection = new (isRecording ? ReplayConnection : Connection)({
      hello: event => ({protocol: 1, client, name: this.name, session: this.sessionName, event: event ?? undefined}),
      welcomed: result => this.#welcomed(result),
      event: message => this.#event(message),
      frame: data => this.tell('frame', data),
      changed: state => this.tell('connection', state),
    });
  }

  name = 'somebody';

  on(kind, listener) {
    if (!this.listeners.has(kind)) this.listeners.set(kind, new Set());
    this.listeners.get(kind).add(listener);
    return () => this.listeners.get(kind).delete(listener);
  }

  tell(kind, value) {
    for (const listener of [...(this.listeners.get(kind) ?? [])]) {
      // One window's fault is not the others'.
      try { listener(value); } catch (error) { console.error(error); }
    }
  }

  request(name, parameters, options) { return this.connection.request(name, parameters, options); }
  /// For what changes something: somebody waits for the answer.
  async do(name, parameters, options) {
    const asked = {time: performance.now()};
    this.waitedFor.add(asked);
    try { return await this.connection.request(name, parameters, {once: true, ...options}); } finally {
      this.waitedFor.delete(asked);
    }
  }

  /// An answer that has not been long in coming: what takes the browser's time waits for it.
  get isWaitedFor() {
    const now = performance.now();
    return [...this.waitedFor].some(asked => now - asked.time < 50);
  }

  #welcomed(result) {
    const isOther = this.sessionName && this.sessionName !== result.session;
    this.sessionName = result.session;
    this.version = result.version;
    if (result.snapshot) this.#take(result.snapshot);
    // Of a recording: what was before the moment that is shown.
    this.past = result.past ?? [];
    if (result.receipts) this.epilogues.replace(result.receipts);
    if (result.snapshot) this.tell('reset', {isOther});
    this.tell('welcome', result);
  }

  #take(snapshot) {
    this.program = snapshot.program ?? this.program;
    this.classes = snapshot.classes ?? [];
    this.processes = snapshot.processes ?? [];
    this.breakpoints = snapshot.breakpoints ?? [];
    this.watches = snapshot.watches ?? [];
    this.clients = snapshot.clients ?? [];
    this.drafts = snapshot.drafts ?? [];
    this.output = snapshot.output?.text ?? '';
    this.leftOut = snapshot.output?.leftOut ?? 0;
    this.lastAccept = snapshot.lastAccept;
    this.libgccjit = snapshot.libgccjit;
    this.compilerProblem = snapshot.compilerProblem;
    this.#stopsOf(this.processes);
  }

  #stopsOf(processes) {
    this.stops = new Map(processes.filter(process => process.stop).map(process => [process.id, process.stop]));
  }

  #event(message) {
    switch (message.kind) {
      case 'program':
        this.program = message.program;
        if (message.problem) this.program.problem = message.problem;
        break;
      case 'processes':
        // Who stands still is told by `stopped` and `continued`: this list may be older than they are.
        this.processes = message.processes;
        break;
      case 'stopped':
        this.stops.set(message.stop.process, message.stop);
        this.tell('stops', message.stop);
        break;
      case 'continued':
        this.stops.delete(message.process);
        this.tell('stops', null);
        break;
      case 'breakpoints': this.breakpoints = message.breakpoints; break;
      case 'breakpoint':
        this.breakpoints = this.breakpoints.map(
          report => report.id === message.breakpoint.id ? message.breakpoint : report
        );
        this.tell('breakpoints', message);
        break;
      case 'watches': this.watches = message.watches; break;
      case 'presence': this.clients = message.clients; break;
      case 'statistics': this.rates = message.rates; break;
      case 'output':
        this.output = (this.output + message.text).slice(-65536);
        break;
      case 'accepted': this.#accepted(message.receipt); break;
    }
    this.epilogues.event(message);
    this.tell(message.kind, message);
  }

  #accepted(receipt) {
    this.lastAccept = receipt.id;
    const changesClasses = ['loaded', 'removed', 'renamed', 'restored',
      'classes'].some(field => receipt[field]?.length);
    if (changesClasses) this.loadClasses();
  }

  async loadClasses() {
    const {classes} = await this.request('classes');
    this.classes = classes;
    this.tell('classes', classes);
  }

  /// Stops of the program itself; what stands still in somebody's evaluation is that person's.
  get programStops() { return [...this.stops.values()].filter(stop => !stop.evaluations); }
  get isPaused() { return this.programStops.length > 0; }

  /// Words for what the program does, and the look of them.
  get programState() {
    const {state, status} = this.program, stops = this.programStops;
    if (state === 'ended') {
      return {words: status ? `has ended with status ${status}` : 'has ended', look: status ? 'wrong' : '', sign: '■'};
    }
    if (state !== 'running' && state !== 'embedded') return {words: 'has not begun', look: '', sign: '○'};
    if (stops.some(stop => stop.reason === 'unhandledError')) {
      return {words: 'stopped at an error', look: 'wrong', sign: '✗'};
    }
    if (stops.length) return {words: 'stands still', look: 'draft', sign: '❚❚'};
    const runs = state === 'embedded' ? 'within a Swift program' : 'runs';
    return {words: this.stops.size ? `${runs}; an evaluation stands still` : runs, look: 'fast', sign: '▶'};
  }
}
