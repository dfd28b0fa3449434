// A list of which one row is chosen: arrow keys, Home, End and typing the beginning of a name move the choice.

import {element, fill, uniqueName} from './dom.js';

export class List {
  /// `row(item)` answers the content of a row; `key(item)` names it; `chosen(item)` is told of a choice, `opened(item)`
  /// of Enter and a double click.
  constructor({label, row, key = item => item, chosen = () => {}, opened, heading}) {
    Object.assign(this, {row, key, chosen, opened, heading});
    this.items = [];
    this.rows = new Map();
    this.element = element('ul.list', {role: 'listbox', tabIndex: 0, 'aria-label': label});
    this.element.addEventListener('keydown', event => this.#keyed(event));
    this.element.addEventListener('mousedown', event => {
      const item = this.#itemAt(event.target);
      if (item !== undefined) this.choose(item, true);
    });
    this.element.addEventListener('dblclick', event => {
      const item = this.#itemAt(event.target);
      if (item !== undefined && this.opened) this.opened(item);
    });
    this.typed = '';
  }

  #itemAt(target) {
    const row = target.closest('[data-key]');
    return row && this.items.find(item => String(this.key(item)) === row.dataset.key);
  }

  /// Shows these; what was chosen stays chosen if it is still there. Nobody is told.
  show(items) {
    this.items = items;
    if (this.#isSame(items)) {
      // The rows stay where they are, and nothing is laid out for them.
      for (const item of items) fill(this.rows.get(String(this.key(item))), [this.row(item)]);
      return;
    }
    this.rows.clear();
    let heading;
    const children = [];
    for (const item of items) {
      const title = this.heading?.(item);
      if (title !== heading && title) children.push(element('li.heading', {role: 'presentation'}, title));
      heading = title;
      const key = String(this.key(item));
      const row = element('li.row',
        {role: 'option', id: uniqueName('row'), 'aria-selected': String(key === this.selected)}, this.row(item));
      row.dataset.key = key;
      this.rows.set(key, row);
      children.push(row);
    }
    const place = this.element.scrollTop;
    fill(this.element, children);
    this.element.scrollTop = place;
    this.#mark();
  }

  /// Whether there are rows for just these, in this order.
  #isSame(items) {
    if (items.length !== this.rows.size) return false;
    const keys = this.rows.keys();
    return items.every(item => keys.next().value === String(this.key(item)));
  }

  get current() { return this.items.find(item => String(this.key(item)) === this.selected); }

  /// Chooses a row by its key, and tells nobody.
  select(key) {
    const was = this.selected;
    this.selected = key === undefined || key === null ? undefined : String(key);
    if (was !== this.selected) this.rows.get(was)?.setAttribute('aria-selected', 'false');
    this.rows.get(this.selected)?.setAttribute('aria-selected', 'true');
    this.#mark(true);
  }

  choose(item, again = false) {
    const key = String(this.key(item));
    if (key === this.selected && !again) return;
    this.select(key);
    this.chosen(item);
  }

  #mark(scrolling = false) {
    const row = this.rows.get(this.selected);
    if (row) this.element.setAttribute('aria-activedescendant', row.id);
    else this.element.removeAttribute('aria-activedescendant');
    // The same row again stays where somebody has scrolled it, and costs no layout.
    if (!row || !scrolling || this.broughtIn === this.selected) return;
    this.broughtIn = this.selected;
    row.scrollIntoView({block: 'nearest'});
  }

  #keyed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || !this.items.length) return;
    const at = this.items.indexOf(this.current);
    const page = Math.max(1, Math.floor(this.element.clientHeight / 22) - 1);
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.items.length - 1,
      PageDown: at + page, PageUp: at - page}[event.key];
    if (to !== undefined) this.choose(this.items[Math.min(Math.max(to, 0), this.items.length - 1)]);
    else if (event.key === 'Enter' && this.current !== undefined && this.opened) this.opened(this.current);
    else if (event.key.length === 1 && event.key !== ' ') this.#type(event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #type(letter) {
    clearTimeout(this.timer);
    this.typed += letter.toLowerCase();
    this.timer = setTimeout(() => { this.typed = ''; }, 800);
    const found = this.items.find(item => String(this.key(item)).toLowerCase().startsWith(this.typed));
    if (found !== undefined) this.choose(found);
  }
}
