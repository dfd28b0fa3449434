// A recorded session (docs/recordings.md), read whole: its lines in order, and what the session was at each of them.

import {RecordedState, receiptKinds} from './recorded-state.js';

/// States are kept at every so many lines, so that any other one is near.
const stateEvery = 2000;
/// Seconds: a line that comes so much later than the one before it has a damaged time.
const longestGap = 86400 * 7;
const kinds = ['recording', 'snapshot', 'sources', 'frame', 'draft', 'answer', 'ended', 'event'];
/// Seconds: what was asked so soon after a stop or an accept was asked because of it.
const soon = 1.5;

export class Recording {
  items = [];
  /// Of lines that could not be read: {line, count, time}.
  damage = [];
  /// {time, text}
  accepts = [];
  /// Places in `items` of what receipts are made of.
  receipts = [];

  /// `progress(share)` is told how much is there.
  async load(progress) {
    const head = await this.#fetch('/recording').then(answer => answer.json());
    this.name = head.name;
    this.states = [[0, new RecordedState()]];
    this.state = new RecordedState();
    this.acceptedAt = new Map();
    const text = new TextDecoder();
    let rest = '', line = 0;
    for (let part = 0; part * head.partSize < head.size; part += 1) {
      const bytes = await this.#fetch(`/recording/${part}`).then(answer => answer.arrayBuffer());
      const lines = (rest + text.decode(bytes, {stream: true})).split('\n');
      rest = lines.pop();
      for (const words of lines) this.#line(words, ++line);
      progress(Math.min(1, (part + 1) * head.partSize / head.size));
    }
    this.lines = line;
    if (rest) {
      this.isTorn = true;
      this.#line(rest, line + 1);
    }
    this.state = null;
    // Before its first snapshot there is nothing to see.
    const first = this.items.slice(0, 5).find(({kind}) => kind === 'snapshot') ?? this.items[0];
    this.start = first?.time ?? 0;
    this.end = this.items.at(-1)?.time ?? 0;
  }

  async #fetch(path) {
    const answer = await fetch(path, {cache: 'no-store'});
    if (!answer.ok) throw new Error((await answer.text()).trim());
    return answer;
  }

  #line(words, number) {
    if (!words) return;
    const item = parsed(words), last = this.items.at(-1);
    if (!item || (last && item.time > last.time + longestGap)) {
      const damage = this.damage.at(-1);
      if (damage && damage.line + damage.count === number) damage.count += 1;
      else this.damage.push({line: number, count: 1, after: this.items.length});
      return;
    }
    if (item.kind === 'recording') {
      this.version = item.value.version;
      if (item.value.recording > 1) this.isNewer = true;
    }
    if (item.kind === 'ended') this.isWhole = true;
    item.time = Math.max(item.time, last?.time ?? 0);
    item.isBehindDamage = this.damage.at(-1)?.after === this.items.length;
    if (item.kind === 'event') this.#event(item.value, item);
    // Texts are written a moment after their accept; they belong to it.
    const accepted = item.kind === 'sources' && this.acceptedAt.get(item.value.accept);
    if (accepted) accepted.sources = item.value;
    if (item.kind === 'answer' && this.cause && item.time - this.cause.time < soon) {
      this.cause.answers = [...this.cause.answers ?? [], item.value.answer];
    }
    if (this.items.length % stateEvery === 0 && this.items.length) {
      this.states.push([this.items.length, this.state.copy()]);
    }
    this.items.push(item);
    this.state.apply(item);
  }

  #event(event, item) {
    if (receiptKinds.has(event.kind)) this.receipts.push(this.items.length);
    if (event.kind === 'stopped' || event.kind === 'accepted') this.cause = item;
    if (event.kind !== 'accepted') return;
    this.acceptedAt.set(event.receipt.id, item);
    this.accepts.push({time: item.time, text: String(event.receipt.id)});
  }

  /// How many lines are not later than a time.
  position(time) {
    let low = 0, high = this.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.items[middle].time <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /// The session after so many lines.
  stateAt(position) {
    let [from, state] = this.states[0];
    for (const [at, kept] of this.states) if (at <= position) [from, state] = [at, kept];
    state = state.copy();
    for (let i = from; i < position; i += 1) state.apply(this.items[i]);
    return state;
  }

  /// What was printed before: the end of it, as a snapshot has it.
  outputAt(position) {
    const parts = [];
    let size = 0, leftOut = 0;
    for (let i = position - 1; i >= 0 && size < 65536; i -= 1) {
      const {kind, value} = this.items[i];
      if (kind === 'event' && value.kind === 'output') {
        parts.push(value.text);
        leftOut += value.leftOut ?? 0;
        size += value.text.length;
      } else if (kind === 'snapshot') {
        parts.push(value.snapshot.output?.text ?? '');
        leftOut += value.snapshot.output?.leftOut ?? 0;
        break;
      }
    }
    return {text: parts.reverse().join('').slice(-65536), leftOut};
  }

  /// Events of the minute before, for plots; those of receipts, from the beginning.
  pastAt(position, time) {
    const past = [];
    for (let i = position - 1; i >= 0 && this.items[i].time > time - 65; i -= 1) {
      const {kind, value} = this.items[i];
      if (kind === 'event' && ['statistics', 'watched', 'accepted'].includes(value.kind)) past.push(value);
    }
    return past.reverse();
  }
  receiptsAt(position) {
    return this.receipts.filter(at => at < position).slice(-4000).map(at => this.items[at].value);
  }

  /// In words, what is not there; null if nothing is missing.
  get problem() {
    const words = [];
    if (this.isNewer) words.push('It was made by a newer version of ovid; what is not known here is left out.');
    if (!this.items.length) return 'Nothing in this file can be read as a recording.';
    const damage = this.damage.filter(({line, count}) => !this.isTorn || line + count - 1 <= this.lines);
    for (const {line, count} of damage.slice(0, 3)) {
      const which = count === 1 ? `Line ${line} is` : `Lines ${line} to ${line + count - 1} are`;
      words.push(`${which} damaged and left out.`);
    }
    if (damage.length > 3) words.push(`So are lines in ${damage.length - 3} more places.`);
    const end = `${(this.end - this.start).toFixed(1)} s after its beginning`;
    if (this.isTorn) words.push(`The file is cut in line ${this.lines + 1}: the recording ends there, ${end}.`);
    else if (!this.isWhole) words.push(`It does not say that it is complete: it ends with line ${this.lines}, ${end}.`);
    return words.length ? words.join(' ') : null;
  }
}

/// A line as {kind, value, time}; null if it is none. Frames are long, and only decoded when they are shown.
function parsed(words) {
  const frame = /^\{"frame":"([A-Za-z0-9+/=]*)","time":([0-9.]+)\}$/.exec(words);
  if (frame) return {kind: 'frame', value: frame[1], time: Number(frame[2])};
  let value;
  try { value = JSON.parse(words); } catch { return null; }
  const kind = kinds.find(kind => value?.[kind] !== undefined);
  return kind && Number.isFinite(value.time) ? {kind, value, time: value.time} : null;
}

/// The bytes of a recorded frame, behind the header of binary messages; null if they are none.
export function frameBytes(base64, number) {
  let text;
  try { text = atob(base64); } catch { return null; }
  const bytes = new Uint8Array(8 + text.length);
  bytes.set([1, 1]);
  new DataView(bytes.buffer).setUint32(4, number, true);
  for (let i = 0; i < text.length; i += 1) bytes[8 + i] = text.charCodeAt(i);
  return bytes.buffer;
}
