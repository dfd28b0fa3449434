// In place of the WebSocket: a recording that is played. Windows ask and hear the same as of a session that goes on.

import {Recording, frameBytes} from './recording.js';
import {answerFrom} from './recorded-answers.js';
import {RequestError} from './connection.js';
import {shownTime} from './now.js';

/// Milliseconds between two looks at the clock while it plays.
const step = 50;

export class ReplayConnection {
  constructor({welcomed, event, frame, changed}) {
    Object.assign(this, {welcomed, event, frame, changed});
    this.state = 'connecting';
    this.problem = null;
    this.recording = new Recording();
    this.listeners = new Set();
    this.speed = 1;
    this.position = 0;
    this.frames = 0;
    this.welcomes = 0;
    shownTime.now = () => this.time;
  }

  /// `listener` is called when the moment that is shown is another one, or it plays or does not.
  onMoment(listener) { this.listeners.add(listener); }
  #tell() { for (const listener of this.listeners) listener(); }
  #is(state) {
    this.state = state;
    this.changed(state);
  }

  async connect() {
    this.#is('connecting');
    try {
      await this.recording.load(share => { this.loaded = share; this.#tell(); });
    } catch (error) {
      this.problem = `The recording cannot be read: ${error.message}`;
      return this.#is('refused');
    }
    this.problem = this.recording.problem;
    if (!this.recording.items.length) return this.#is('refused');
    this.time = this.recording.start;
    this.#is('open');
    this.seek(0);
  }

  now() {}
  tell() {}

  async request(request, parameters = {}) {
    const answer = answerFrom(this.current, request, parameters);
    if (answer.error) throw new RequestError(answer.error);
    return structuredClone(answer);
  }

  // The moment that is shown, in seconds from the beginning.

  get length() { return this.recording.end - this.recording.start; }
  get moment() { return this.time - this.recording.start; }

  /// Everything as it was then.
  seek(moment) {
    const {recording} = this;
    this.time = recording.start + Math.min(Math.max(0, moment), this.length);
    this.position = recording.position(this.time);
    this.current = recording.stateAt(this.position);
    this.welcomes += 1;
    this.welcomed({
      protocol: 1, version: this.current.version, session: `recorded-${this.welcomes}`, event: this.current.lastEvent,
      resumed: false, snapshot: {...this.current.snapshot, output: recording.outputAt(this.position)},
      past: recording.pastAt(this.position, this.time), receipts: recording.receiptsAt(this.position),
    });
    this.#show(this.current.frame);
    this.#tell();
  }

  #show(frame) { this.frame(frame && frameBytes(frame, ++this.frames)); }

  // Playing

  get isPlaying() { return Boolean(this.timer); }

  play() {
    if (this.isPlaying || this.state !== 'open') return;
    if (this.moment >= this.length) this.seek(0);
    this.last = performance.now();
    this.timer = setInterval(() => this.#goOn(), step);
    this.#tell();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.#tell();
  }

  toggle() { this.isPlaying ? this.pause() : this.play(); }

  #goOn() {
    const now = performance.now(), {items, end} = this.recording;
    this.time = Math.min(end, this.time + (now - this.last) / 1000 * this.speed);
    this.last = now;
    let frame = null;
    while (this.position < items.length && items[this.position].time <= this.time) {
      const item = items[this.position++];
      if (item.isBehindDamage && item.kind === 'snapshot') return this.seek(this.moment);
      this.current.apply(item);
      if (item.kind === 'event') this.event(item.value);
      else if (item.kind === 'draft') this.event({kind: 'draft', draft: item.value.draft, time: item.time});
      // Of many at once, the last one is seen.
      else if (item.kind === 'frame') frame = item.value;
    }
    if (frame) this.#show(frame);
    if (this.time >= end) return this.pause();
    this.#tell();
  }

  /// To the accept before or after the moment that is shown.
  toAccept(by) {
    const moments = this.recording.accepts.map(({time}) => time - this.recording.start);
    // An accept is shown a little after it, with its effect; whoever goes back from there wants the one before.
    const found = by > 0 ? moments.find(moment => moment > this.moment + 0.01)
      : moments.findLast(moment => moment < this.moment - 1.5);
    this.seek(found === undefined ? (by > 0 ? this.length : 0) : found + 0.3);
  }
}
