// What a recorded session was at some moment: made of its lines, one after the other.

import {methodKey, methodName} from './names.js';

/// Events of which receipts, and what follows them, are made.
export const receiptKinds = new Set(['accepted', 'effect', 'reoptimized', 'settled', 'takenBack']);

export class RecordedState {
  program = {state: 'notStarted'};
  classes = [];
  processes = [];
  breakpoints = [];
  watches = [];
  clients = [];
  lastEvent = 0;
  /// By name, place, number of the accept, number of the process.
  sources = new Map();
  drafts = new Map();
  entries = new Map();
  stops = new Map();
  /// What somebody was answered last, by what was asked (`answerKey`).
  answers = new Map();
  /// The frame that was shown last.
  frame = null;

  copy() {
    const copy = Object.assign(new RecordedState(), this);
    for (const name of ['sources', 'drafts', 'entries', 'stops', 'answers']) copy[name] = new Map(this[name]);
    return copy;
  }

  apply({kind, value, time, sources, answers = []}) {
    switch (kind) {
      case 'event':
        if (sources) this.#sources(sources);
        this.#event(value);
        for (const answer of answers) this.#answer(answer);
        return;
      case 'answer': return this.#answer(value.answer);
      case 'snapshot': return this.#snapshot(value.snapshot);
      case 'sources': return this.#sources(value);
      case 'frame':
        this.frame = value;
        return;
      case 'draft': {
        const {place, text} = value.draft;
        if (text === undefined || text === null) this.drafts.delete(place);
        else this.drafts.set(place, {...value.draft, time});
        return;
      }
      case 'recording': this.version = value.version;
    }
  }

  #answer({request, parameters, result}) { this.answers.set(answerKey(request, parameters), result); }

  #snapshot(snapshot) {
    for (const name of ['program', 'classes', 'processes', 'breakpoints', 'watches', 'clients']) {
      if (snapshot[name]) this[name] = snapshot[name];
    }
    for (const name of ['lastAccept', 'libgccjit', 'compilerProblem']) this[name] = snapshot[name];
    this.stops = new Map(this.processes.filter(({stop}) => stop).map(({id, stop}) => [id, stop]));
    this.#sources({sources: snapshot.sources ?? [], classes: this.classes});
  }

  #sources({sources = [], classes, entry}) {
    for (const source of sources) this.sources.set(source.class.name, source);
    if (classes) {
      this.classes = classes;
      const names = new Set(classes.map(({name}) => name));
      for (const name of [...this.sources.keys()]) if (!names.has(name)) this.sources.delete(name);
    }
    if (entry) this.entries.set(entry.id, entry);
  }

  #event(event) {
    this.lastEvent = event.event;
    switch (event.kind) {
      case 'program': this.program = event.program; break;
      case 'processes': this.processes = event.processes; break;
      case 'breakpoints': this.breakpoints = event.breakpoints; break;
      case 'breakpoint':
        this.breakpoints = this.breakpoints.map(
          report => report.id === event.breakpoint?.id ? event.breakpoint : report
        );
        break;
      case 'watches': this.watches = event.watches; break;
      case 'presence': this.clients = event.clients; break;
      case 'stopped':
        this.stops.set(event.stop?.process, event.stop);
        // It is another stack than that of the last time.
        this.answers.delete(answerKey('stack', {process: event.stop?.process}));
        break;
      case 'continued': this.stops.delete(event.process); break;
      case 'accepted': this.lastAccept = event.receipt?.id; break;
    }
  }

  /// Those of which there are texts.
  get readableClasses() { return this.classes.filter(({name}) => this.sources.has(name)); }

  /// As the answer to `hello` has it.
  get snapshot() {
    return {
      program: this.program, classes: this.readableClasses, breakpoints: this.breakpoints, watches: this.watches,
      processes: this.processes.map(({stop, ...process}) => ({...process, stop: this.stops.get(process.id)})),
      clients: this.clients, drafts: [...this.drafts.values()], lastAccept: this.lastAccept,
      libgccjit: this.libgccjit, compilerProblem: this.compilerProblem,
    };
  }
}

/// What a request asks for, however its method is written, and whatever part of a list is wanted.
export function answerKey(request, {count, from, limit, method, ...rest} = {}) {
  if (method) rest.method = methodName(typeof method === 'string' ? methodKey(method) : method);
  return `${request} ${JSON.stringify(sorted(rest))}`;
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (!value || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map(name => [name, sorted(value[name])]));
}
