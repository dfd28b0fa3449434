// A value with its fields and elements, some at a time; one goes into parts and back, and sets them.

import {element, fill, button, ask} from './dom.js';

const page = 100;

export class InspectorWindow {
  kind = 'inspector';

  constructor(app, state = {}) {
    this.app = app;
    this.title = state.name ?? 'Inspector';
    this.way = element('div.path');
    this.whole = element('div.whole', {'aria-label': 'Value'});
    this.body = element('tbody', {});
    this.more = element('div.bar');
    this.element = element('div.inspector', {}, element('div.bar.ruled', {}, this.way, element('span.space'),
      button('Print', () => this.#print(),
        {title: 'What printString says'}), button('Refresh', () => this.#load())), this.whole,
    element('div.children', {}, element('table', {}, element('caption.unseen', {}, 'Fields and elements'),
      element('thead', {},
        element('tr', {}, element('th', {scope: 'col'}, 'part'),
          element('th.value', {scope: 'col'}, 'value'), element('th', {scope: 'col'}, ''))), this.body), this.more));
    this.path = [];
    if (state.value) this.path.push({name: state.name ?? state.value.className, value: state.value});
    this.offs = [app.session.on('accepted', () => this.#load())];
    this.timer = setInterval(
      () => {
        if (!document.hidden && this.element.offsetParent && !this.element.contains(document.activeElement)) {
          this.#load();
        }
      },
      1000
    );
    this.#load();
  }

  state() { return {}; }
  closed() {
    for (const off of this.offs) off();
    clearInterval(this.timer);
  }

  get current() { return this.path.at(-1); }

  #enter(name, value) {
    this.path.push({name, value});
    this.from = 0;
    this.#load(true);
  }

  #back(place) {
    this.path.length = place + 1;
    this.from = 0;
    this.#load(true);
  }

  async #load(isMoving) {
    const {current} = this;
    if (!current) return fill(this.whole,
      [element('span.quiet', {}, 'Values are not kept over a reload. Ctrl-I in a workspace inspects one.')]);
    fill(this.way, this.path.map((step, i) => [i ? element('span.quiet', {'aria-hidden': 'true'}, '›') : '',
      i < this.path.length - 1 ? button(
        step.name, () => this.#back(i), {}, 'link'
      ) : element('strong', {}, step.name)]));
    this.retitle?.(`${this.path[0].name}`);
    if (!current.value.id) {
      this.whole.textContent = current.value.text;
      return fill(this.body, []);
    }
    try {
      const {value, children} = await this.app.session.request('inspect',
        {value: current.value.id, from: this.from ?? 0, count: page, path: this.path.map(step => step.value.id)});
      if (current !== this.current) return;
      current.value = value;
      this.whole.textContent = `${value.text}${value.text.includes(value.className) ? '' : ` (${value.className})`}`;
      this.whole.classList.remove('wrong');
      fill(this.body, children.map((child, i) => this.#row(child, (this.from ?? 0) + i)));
      this.#pages(value.childCount, isMoving);
    } catch (error) {
      this.whole.textContent = error.code === 'gone'
        ? 'This value is not kept any more. Evaluate its expression again.' : error.message;
    }
  }

  #row(child, index) {
    const {value} = child, above = this.path[child.above];
    return element('tr', {}, element('td', {}, child.name),
      element('td.value', {},
        above ? [button(value.text, () => this.#back(child.above), {title: `Back to ${above.name}`}, 'link.mono'), ' ',
          element('span.mark', {}, `↺ the same as ${above.name}, above`)]
        : value ? value.childCount && value.id ? button(
          value.text, () => this.#enter(child.name, value), {title: `Look into ${child.name}, a ${value.className}`},
          'link.mono'
        ) : value.text : element('span.quiet', {}, child.note ?? '')),
      element('td', {}, button('Set', () => this.#set(child, index), {'aria-label': `Set ${child.name}`}, 'link')));
  }

  async #set(child, index) {
    const text = await ask(`Set ${child.name}`,
      {label: 'An expression, whose value it gets:', value: child.value?.text ?? '', action: 'Set'});
    if (text === null) return;
    try {
      await this.app.session.do('setChild', {value: this.current.value.id, child: index, text});
      this.#load();
    } catch (error) { this.app.complain(error); }
  }

  async #print() {
    if (!this.current?.value.id) return;
    try {
      const {text} = await this.app.session.request('printString', {value: this.current.value.id});
      this.whole.textContent = text;
    } catch (error) {
      this.whole.textContent = error.message;
      this.whole.classList.add('wrong');
    }
  }

  #pages(count, isMoving) {
    const from = this.from ?? 0;
    if (count <= page) return fill(this.more, [count ? '' : element('span.quiet', {}, 'It has no fields.')]);
    const go = to => {
      this.from = Math.min(Math.max(0, to), Math.floor((count - 1) / page) * page);
      this.#load(true);
    };
    const field = element('input.number',
      {type: 'number', min: 1, max: count, value: from + 1, 'aria-label': 'First part shown',
        onchange: event => go(Math.max(0, Number(event.target.value) - 1))});
    if (!isMoving && this.more.contains(document.activeElement)) return;
    const last = Math.min(count, from + page).toLocaleString();
    fill(this.more, [
      button('Before', () => go(from - page), {disabled: from === 0}),
      button('Next', () => go(from + page), {disabled: from + page >= count}),
      element('span.number', {}, `${(from + 1).toLocaleString()} to ${last} of ${count.toLocaleString()}`),
      element('span.space'), 'from', field,
    ]);
  }

  commands = {};
  focus() { (this.body.querySelector('button') ?? this.element.querySelector('button')).focus(); }
}
