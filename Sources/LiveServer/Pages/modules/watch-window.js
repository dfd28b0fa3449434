// The third window: one watches. Picture, speed, expressions and output, of which each can be folded.

import {element} from './dom.js';
import {PictureView} from './picture-view.js';
import {SpeedView} from './speed-view.js';
import {ExpressionsView} from './expressions-view.js';
import {OutputView} from './output-view.js';

const views = {picture: PictureView, speed: SpeedView, expressions: ExpressionsView, output: OutputView};

export class WatchWindow {
  kind = 'watch';
  title = 'Watch';

  constructor(app, state = {}) {
    this.folded = new Set(state.folded ?? []);
    this.views = Object.entries(views).map(([name, View]) => {
      const view = new View(app);
      view.name = name;
      return view;
    });
    this.element = element('div.watching', {}, this.views.map(view => {
      const toggle = element('button.fold', {type: 'button',
        'aria-expanded': String(!this.folded.has(view.name)), onclick: () => this.#fold(view)},
        element('span', {'aria-hidden': 'true'}, '▾'), view.title);
      view.toggle = toggle;
      view.head = element('div.head', {}, toggle, view.note, view.stretches ? '' : element('span.space'), view.tools);
      view.body = element('div.body', {}, view.element);
      return element(`section.view.view-${view.name}`, {'aria-label': view.title}, view.head, view.body);
    }));
    for (const view of this.views) this.#show(view);
  }

  state() { return {folded: [...this.folded]}; }

  #fold(view) {
    if (!this.folded.delete(view.name)) this.folded.add(view.name);
    this.#show(view);
    this.shown();
    this.changed?.();
  }

  #show(view) {
    const isOpen = !this.folded.has(view.name);
    view.toggle.setAttribute('aria-expanded', String(isOpen));
    view.body.hidden = !isOpen;
    view.body.parentElement.classList.toggle('folded', !isOpen);
  }

  closed() { for (const view of this.views) view.closed(); }
  shown() { for (const view of this.views) if (!this.folded.has(view.name)) view.shown?.(); }
  focus() {
    this.views.find(view => view.focus && !this.folded.has(view.name))?.focus() ?? this.views[0].toggle.focus();
  }
}
