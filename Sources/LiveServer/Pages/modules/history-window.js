// The accepts of the session as a timeline: what each invalidated, its difference, and a key that takes it back.

import {element, fill, button, later, onFrame} from './dom.js';
import {List} from './list.js';
import {receiptView, changeWords} from './receipt-view.js';
import {differenceView} from './difference-view.js';
import {undo} from './accepting.js';
import {withKey} from './keys.js';
import {methodName, clock} from './names.js';
import {isRecording} from './mode.js';

const page = 100;

export class HistoryWindow {
  kind = 'history';
  title = 'History';

  constructor(app) {
    this.app = app;
    this.entries = [];
    this.list = new List(
      {label: 'Accepts, newest first', key: entry => entry.id, row: entry => this.#row(entry),
        chosen: entry => this.#show(entry)}
    );
    this.list.element.addEventListener('mouseover', event => this.#hover(event.target.closest('[data-key]')));
    this.list.element.addEventListener('mouseleave', () => this.#hover(null));
    this.detail = element('div.detail', {tabIndex: 0, role: 'region', 'aria-label': 'The accept'});
    this.older = button('Older', () => this.#more(), {hidden: true});
    this.element = element('div.history', {}, this.list.element, this.detail);
    const soon = later(60, () => this.load()), again = onFrame(() => this.#show(this.list.current));
    this.offs = [app.session.on('accepted', soon), app.session.on('takenBack', soon), app.session.on('reset', soon),
      app.session.on('epilogue', record => { if (this.list.current?.id === record.number) again(); })];
    this.load();
  }

  state() { return {}; }
  closed() { for (const off of this.offs) off(); }

  async load() {
    try {
      const {entries} = await this.app.session.request('history', {limit: page});
      // Who looks at the newest accept goes on doing so.
      const isNewest = !this.list.current || this.list.current.id === this.entries[0]?.id;
      this.entries = [...entries].reverse();
      this.list.show(this.entries);
      if ((isNewest || !this.list.current) && this.entries[0]) this.list.select(this.entries[0].id);
      this.#show(this.list.current);
    } catch (error) { fill(this.detail, [element('p.empty', {}, error.message)]); }
  }

  async #more() {
    const {entries} = await this.app.session.request('history', {limit: page, before: this.entries.at(-1)?.id});
    this.entries.push(...[...entries].reverse());
    this.list.show(this.entries);
    this.older.hidden = entries.length < page;
  }

  #summary(entry) {
    const names = [
      ...(entry.classes ?? []).map(
        ({name, before, after}) => !before ? `${name} (new)` : !after ? `${name} (removed)` : name
      ),
      ...(entry.methods ?? []).map(({method, after}) => methodName(method) + (after ? '' : ' (removed)'))
    ];
    const prefix = entry.takingBack ? entry.takingBack.isRedo ? `does ${entry.takingBack.entry} again: `
      : `takes back ${entry.takingBack.entry}: ` : '';
    return prefix + (
      names.length ? names.slice(0, 3).join(', ') + (
        names.length > 3 ? ` and ${names.length - 3} more` : ''
      ) : 'nothing changed'
    );
  }

  #row(entry) {
    const isBack = entry.state === 'takenBack';
    return [element(`span.dot${entry.takingBack || isBack ? '.open' : ''}`,
      {'aria-hidden': 'true'}), element('span.number', {}, String(entry.id)),
      element(
        'span.name', {title: this.#summary(entry)}, this.#summary(entry)
      ), isBack ? element('span.mark', {},
        '↶ taken back') : entry.state === 'partlyTakenBack' ? element('span.mark', {}, '↶ in part') : '',
      element('span.end.number', {title: `by ${entry.author || 'somebody'}`}, clock(entry.time))];
  }

  #hover(row) {
    this.card?.remove();
    this.card = null;
    const entry = row && this.entries.find(entry => String(entry.id) === row.dataset.key);
    if (!entry?.receipt) return;
    const units = entry.receipt.invalidated ?? [];
    this.card = element('div.float.card', {role: 'tooltip'}, element('p.first', {},
      changeWords(entry.receipt).join(', ') || 'nothing is otherwise'),
      units.length ? units.slice(0, 6).map(
        unit => element('p', {}, `↯ invalidated ${unit.name}`)
      ) : element('p.quiet', {}, 'No compiled code relied on it.'),
      (entry.receipt.callSites ?? []).slice(0, 4).map(
        site => element('p', {}, `⤵ ${site.callee} was inlined in ${site.caller}, line ${site.line}`)
      ));
    document.body.append(this.card);
    const box = row.getBoundingClientRect(), {height} = this.card.getBoundingClientRect();
    this.card.style.left = `${box.left + 40}px`;
    this.card.style.top = `${box.bottom + height + 6 > innerHeight ? box.top - height - 4 : box.bottom + 4}px`;
  }

  async #show(entry) {
    if (!entry) return fill(this.detail,
      [
        element('div.empty', {}, element('p', {}, 'Nothing was accepted yet in this session.'),
          element('p', {}, 'Open a method, change it, and press Ctrl-S.'))
      ]);
    const own = this.app.session.epilogues.records.get(entry.id);
    const record = own?.receipt ? own : entry.receipt ? {receipt: entry.receipt, effects: [],
      reoptimized: [], settled: undefined, isOld: true} : null;
    const differences = await Promise.all((entry.methods ?? []).slice(0, 20).map(async ({method, before, after}) => {
      const {difference} = await this.app.session.request('difference',
        {oldText: before?.text ?? '', newText: after?.text ?? ''}).catch(() => ({}));
      return [
        button(methodName(method), () => this.app.browse(methodName(method)), {title: 'Show the method'}, 'link.mono'),
        difference ? differenceView(difference) : ''
      ];
    }));
    if (this.list.current && this.list.current.id !== entry.id) return;
    const isBack = entry.state === 'takenBack';
    const again = () => undo(this.app, entry.id, undefined, 'redo');
    fill(this.detail, [
      element('div.bar.ruled', {}, element('span.title', {}, `Accept ${entry.id}`),
        element('span.quiet', {}, `${entry.author || 'somebody'}, ${clock(entry.time)}`), element('span.space'),
        isRecording ? '' : isBack ? button('Do it again', again)
          : button('Take it back', () => this.commands.takeBack(), {title: withKey('Take it back', 'takeBack')})),
      differences.map(([name, view]) => element('section', {}, element('h3.heading', {}, name), view)),
      record ? receiptView(record) : '', this.entries.length >= page ? this.older : '',
    ]);
  }

  get commands() {
    return {takeBack: () => {
      const entry = this.list.current;
      if (!entry) return;
      if (entry.state === 'takenBack') this.app.say(`Accept ${entry.id} is taken back already.`);
      else return undo(this.app, entry.id);
    }};
  }

  shown() { this.load(); }
  focus() { this.list.element.focus(); }
}
