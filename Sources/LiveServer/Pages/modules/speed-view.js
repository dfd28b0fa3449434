// The speed strip: sends per second (or, of a program that counts none, what there is to tell), each accept a mark.

import {element, onFrame} from './dom.js';
import {drawPlot} from './plot.js';
import {short} from './names.js';

export class SpeedView {
  title = 'Speed';

  constructor(app) {
    this.app = app;
    this.words = element('span.number.title', {}, '–');
    this.rest = element('span.quiet.number');
    this.canvas = element('canvas.strip', {role: 'img', 'aria-label': 'Speed over the last minute; marks are accepts'});
    this.element = element('div.speed', {}, element('div.figures', {}, this.words, this.rest), this.canvas);
    this.offs = [app.session.on('statistics', () => this.#heard()), app.session.on('reset', () => this.#heard()), app.session.on('accepted', () => this.draw())];
    this.draw = onFrame(this.draw.bind(this));
    addEventListener('theme', this.draw);
    this.observer = new ResizeObserver(this.draw);
    this.observer.observe(this.canvas);
  }

  closed() {
    for (const off of this.offs) off();
    removeEventListener('theme', this.draw);
    this.observer.disconnect();
  }

  #heard() {
    const {speed, rates} = this.app.measured;
    const last = speed.at(-1);
    this.words.textContent = last ? `${short(last.value)} ${this.app.measured.unit}` : '–';
    this.rest.textContent = [
      rates.cpu !== undefined && this.app.measured.unit === 'sends/s' && `${Math.round(rates.cpu * 100)} % of a core`,
      rates.compiles >= 0.5 && `${Math.round(rates.compiles)} compiled/s`,
      rates.deoptimizations >= 0.5 && `${Math.round(rates.deoptimizations)} deoptimized/s`,
      rates.heap && `${short(rates.heap)}B`,
    ].filter(Boolean).join(' · ');
    this.draw();
  }

  draw() {
    drawPlot(this.canvas, this.app.measured.speed,
      {span: 60, marks: this.app.measured.accepts, fromZero: true, filled: true});
  }
}
