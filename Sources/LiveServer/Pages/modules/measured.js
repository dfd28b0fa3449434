// What was measured lately, for the plots: speed, watched expressions, and when somebody accepted something.

const length = 1200;

export class Measured {
  constructor(session) {
    this.speed = [];
    this.rates = {};
    this.accepts = [];
    this.watched = new Map();
    this.unit = 'sends/s';
    for (const kind of ['statistics', 'accepted', 'watched']) session.on(kind, message => this.#hear(message));
    session.on('reset', ({isOther}) => {
      if (isOther) Object.assign(this, {speed: [], accepts: [], watched: new Map()});
      for (const message of session.past) this.#hear(message);
    });
  }

  #hear({kind, time, rates, receipt, values}) {
    switch (kind) {
      case 'statistics': return this.#rates(rates, time);
      case 'accepted': return push(this.accepts, {time, text: String(receipt.id)});
      case 'watched': return this.#values(values, time);
    }
  }

  #values(values, time) {
    for (const value of values) {
      if (!this.watched.has(value.id)) this.watched.set(value.id, {points: []});
      const entry = this.watched.get(value.id);
      entry.last = value;
      if (typeof value.number === 'number' && Number.isFinite(value.number)) {
        push(entry.points, {time, value: value.number});
      }
    }
  }

  #rates(rates, time) {
    this.rates = rates;
    // Without a count of its own (`--speed`), a program shows how much of a core it takes.
    const counts = rates.sends !== undefined && rates.sends !== null;
    const unit = counts ? 'sends/s' : '% of a core';
    if (unit !== this.unit) this.speed = [];
    this.unit = unit;
    const value = counts ? rates.sends : Math.round((rates.cpu ?? 0) * 1000) / 10;
    push(this.speed, {time, value});
  }
}

function push(list, item) {
  list.push(item);
  if (list.length > length) list.splice(0, list.length - length);
}
