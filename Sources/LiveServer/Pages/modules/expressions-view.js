// Expressions that are evaluated again and again while the program runs: their values, and of numbers a plot.

import {element, fill, sign} from './dom.js';
import {drawPlot} from './plot.js';
import {short} from './names.js';
import {isRecording} from './mode.js';

export class ExpressionsView {
  title = 'Expressions';

  constructor(app) {
    this.app = app;
    this.field = element('input.mono', {placeholder: 'an expression to watch', 'aria-label': 'Expression to watch'});
    this.form = element('form.adding', {onsubmit: event => { event.preventDefault(); this.#add(); }},
      this.field, element('button', {type: 'submit'}, 'Watch'));
    this.rows = new Map();
    this.list = element('div.watches');
    this.note = isRecording ? null : this.form;
    this.stretches = !isRecording;
    this.element = element('div.section', {}, this.list);
    this.offs = [app.session.on('watches', () => this.#draw()), app.session.on('reset', () => this.#draw()),
      app.session.on('watched', ({values}) => this.#values(values))];
    this.redraw = () => this.#draw();
    addEventListener('theme', this.redraw);
    this.#draw();
  }

  closed() {
    for (const off of this.offs) off();
    removeEventListener('theme', this.redraw);
  }

  async #add() {
    const text = this.field.value.trim();
    if (!text) return;
    try {
      await this.app.session.do('watch', {text});
      this.field.value = '';
    } catch (error) { this.app.complain(error); }
  }

  #draw() {
    const {watches} = this.app.session;
    this.rows = new Map(watches.map(watch => {
      const value = element('span.value.mono.number'), plot = element('canvas.small-plot',
        {role: 'img', 'aria-label': `${watch.text} over the last minute`});
      const row = element('div.watch', {}, element('span.text.mono', {title: watch.text}, watch.text), value, plot,
        isRecording ? null : sign('✕', `Stop watching ${watch.text}`,
          () => this.app.session.do('unwatch', {id: watch.id}).catch(error => this.app.complain(error))));
      return [watch.id, {row, value, plot}];
    }));
    fill(this.list, [...this.rows.values()].map(({row}) => row));
    for (const id of this.rows.keys()) {
      const last = this.app.measured.watched.get(id)?.last;
      if (last) this.#values([last]);
    }
  }

  #values(values) {
    for (const {id, text, number, error, isTooSlow} of values) {
      const shown = this.rows.get(id);
      if (!shown) continue;
      shown.value.className = `value mono number${error || isTooSlow ? ' wrong' : ''}`;
      shown.value.textContent = error ? `✗ ${error}` : isTooSlow ? '✗ takes too long; it is tried less often'
        : text ?? short(number);
      shown.value.title = shown.value.textContent;
      const points = this.app.measured.watched.get(id)?.points ?? [];
      shown.plot.hidden = points.length < 2;
      if (!shown.plot.hidden) drawPlot(shown.plot, points, {span: 60, marks: []});
    }
  }

  shown() { this.#draw(); }
}
