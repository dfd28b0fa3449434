// What follows a receipt: first executed, optimized again, settled, taken back; one record for each accept.

import {methodName} from './names.js';

export class Epilogues {
  constructor(session) {
    this.session = session;
    this.records = new Map();
  }

  /// {receipt, effects, reoptimized, settled, takenBack} of an accept.
  of(number) {
    if (!this.records.has(number)) {
      this.records.set(number, {number, effects: [], reoptimized: []});
      // A session may go on for days.
      if (this.records.size > 500) this.records.delete(this.records.keys().next().value);
    }
    return this.records.get(number);
  }

  /// Those that these events tell of, and no others.
  replace(messages) {
    this.records.clear();
    for (const message of messages) this.event(message);
  }

  /// The number of the last accept of each method and class, by place.
  get places() {
    const places = new Map();
    for (const {number, receipt} of this.records.values()) {
      for (const {method} of receipt?.methods ?? []) places.set(methodName(method), number);
      for (const {name} of receipt?.classes ?? []) places.set(name, number);
    }
    return places;
  }

  event(message) {
    const number = message.kind === 'accepted' || message.kind === 'refused' ? message.receipt?.id : message.receipt;
    if (!number) return;
    switch (message.kind) {
      case 'accepted':
      case 'refused':
        Object.assign(this.of(number), {receipt: message.receipt, time: message.time});
        break;
      case 'effect': {
        const record = this.of(number);
        record.effects.push(message);
        this.#sees(record);
        break;
      }
      case 'reoptimized': this.of(number).reoptimized.push(message); break;
      case 'settled': this.of(number).settled = message.microseconds; break;
      case 'takenBack': {
        this.of(number).takenBack = message;
        const undo = this.of(message.by?.id);
        undo.takesBack = message;
        this.session.tell('epilogue', undo);
        break;
      }
      default: return;
    }
    this.session.tell('epilogue', this.of(number));
  }

  /// Of an accept of this page: when the key was pressed that asked for it, and when the receipt was in the browser, in the
  /// page's clock.
  timed(receipt, asked, heard) {
    const record = this.of(receipt.id);
    Object.assign(record, {receipt, asked, answered: heard - asked});
    this.#sees(record);
    this.session.tell('epilogue', record);
  }

  /// From the key until its first effect was told to the browser, and until the page has its turn to show that.
  #sees(record) {
    if (!record.asked || !record.effects.length || record.shown) return;
    record.seen = record.effects[0].heard - record.asked;
    record.shown = performance.now() - record.asked;
  }
}
