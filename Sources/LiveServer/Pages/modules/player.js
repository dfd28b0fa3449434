// The line below the windows of a recording: play and pause, a slider over time with a mark for each accept, the speed.

import {element, fill, sign} from './dom.js';
import {withKey} from './keys.js';
import {plural} from './names.js';

const speeds = [0.25, 0.5, 1, 2, 4, 8, 16];

/// 3:07.4
export function momentText(seconds) {
  const tenths = Math.round(seconds * 10), minutes = Math.floor(tenths / 600);
  return `${minutes}:${(tenths / 10 - minutes * 60).toFixed(1).padStart(4, '0')}`;
}

function spoken(seconds) {
  const whole = Math.round(seconds), minutes = Math.floor(whole / 60), rest = whole % 60;
  return `${minutes ? `${plural(minutes, 'minute')} ` : ''}${plural(rest, 'second')}`;
}

export class Player {
  constructor(app) {
    this.app = app;
    this.connection = app.session.connection;
    this.play = sign('▶', 'Play', () => this.connection.toggle(), {title: withKey('Play', 'pause')});
    this.before = sign('⇤', 'Accept before', () => this.step(-1), {title: withKey('Accept before', 'acceptBefore')});
    this.after = sign('⇥', 'Next accept', () => this.step(1), {title: withKey('Next accept', 'acceptAfter')});
    this.slider = element('input',
      {type: 'range', min: 0, max: 1, step: 0.1, value: 0, 'aria-label': 'Time in the recording'});
    this.slider.addEventListener('input', () => this.#slide());
    this.slider.addEventListener('keydown', event => this.#key(event));
    this.marks = element('div.marks', {'aria-hidden': 'true'});
    this.time = element('span.number.time');
    this.speed = element('select', {'aria-label': 'Speed', title: 'Speed', onchange: () => {
      this.connection.speed = Number(this.speed.value);
    }}, speeds.map(speed => element('option', {value: speed, selected: speed === 1}, `${speed} ×`)));
    this.element = element('section.player', {'aria-label': 'Recording'}, this.before, this.play, this.after,
      element('div.track', {}, this.marks, this.slider), this.time, this.speed);
    this.connection.onMoment(() => this.#draw());
    this.#draw();
  }

  #slide() {
    const moment = Number(this.slider.value);
    // Dragging asks more often than there are pictures.
    if (this.asked !== undefined) { this.asked = moment; return; }
    this.asked = moment;
    requestAnimationFrame(() => {
      const wanted = this.asked;
      this.asked = undefined;
      this.connection.seek(wanted);
    });
  }

  #key(event) {
    const by = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10}[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === ' ') this.connection.toggle();
    else if (by) this.connection.seek(this.connection.moment + by * (event.shiftKey ? 0.1 : 1));
    else return;
    event.preventDefault();
  }

  step(by) {
    if (this.connection.state === 'open') this.connection.toAccept(by);
  }

  #draw() {
    const {connection} = this, isOpen = connection.state === 'open';
    for (const part of [this.play, this.before, this.after, this.slider]) part.disabled = !isOpen;
    if (!isOpen) {
      this.time.textContent = connection.loaded === undefined ? '' : `${Math.round(connection.loaded * 100)} % read`;
      return;
    }
    const {length, moment, isPlaying} = connection;
    if (this.length !== length) this.#mark(length);
    if (this.asked === undefined) this.slider.value = moment;
    this.slider.setAttribute('aria-valuetext', `${spoken(moment)} of ${spoken(length)}`);
    this.time.textContent = `${momentText(moment)} / ${momentText(length)}`;
    if (this.wasPlaying === isPlaying) return;
    this.wasPlaying = isPlaying;
    const words = isPlaying ? 'Pause' : 'Play';
    fill(this.play, [element('span', {'aria-hidden': 'true'}, isPlaying ? '❚❚' : '▶')]);
    this.play.setAttribute('aria-label', words);
    this.play.title = withKey(words, 'pause');
  }

  #mark(length) {
    this.length = length;
    this.slider.max = length;
    const {accepts, start} = this.connection.recording;
    fill(this.marks, accepts.map(({time, text}) => {
      const mark = element('i', {title: `accept ${text}`});
      mark.style.left = `${length ? (time - start) / length * 100 : 0}%`;
      return mark;
    }));
  }
}
