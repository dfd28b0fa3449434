// What stands below a method: its last receipt, its versions, senders, implementors, and what the compiler made of it.

import {element, fill, button, onFrame} from './dom.js';
import {receiptView} from './receipt-view.js';
import {differenceView} from './difference-view.js';
import {lensView} from './lens-view.js';
import {withKey, liveOnly} from './keys.js';
import {methodName, clock, plural} from './names.js';
import {isRecording} from './mode.js';

const sections = [['receipt', 'Receipt'], ['versions', 'Versions', 'versions'], ['senders', 'Senders', 'senders'],
  ['implementors', 'Implementors', 'implementors'], ['lens', 'Lens', 'lens']]
  .filter(([name]) => !isRecording || !liveOnly.has(name));

export class Foot {
  constructor(app, pane) {
    Object.assign(this, {app, pane});
    this.lastReceipts = new Map();
    this.tabs = new Map(sections.map(([name, title, command]) => [name, element('button', {
      type: 'button', role: 'tab', 'aria-selected': 'false', title: command ? withKey(title, command)
        : title, onclick: () => this.name === name ? this.close() : this.choose(name)}, title)]));
    this.takeBack = button('Take back', () => pane.takeBack(),
      {title: withKey('Take back the last accept of this method', 'takeBack')});
    this.takeBack.hidden = isRecording;
    this.body = element('div.body', {role: 'tabpanel', tabIndex: -1, 'aria-label': 'About the method'});
    this.element = element('div.foot', {}, element('div.bar', {},
      element('div.segments',
        {role: 'tablist', 'aria-label': 'About the method', onkeydown: event => this.#key(event)},
        [...this.tabs.values()]),
      element('span.space'), this.takeBack), this.body);
    this.redraw = onFrame(() => { if (this.name === 'receipt') this.#drawReceipt(); });
    this.offs = [app.session.on('epilogue', record => {
      if (this.name === 'receipt' && record.number === this.lastReceipts.get(this.place)) this.redraw();
    })];
    if (isRecording) this.offs.push(app.session.on('welcome', () => this.#asThen()));
  }

  /// The receipts of a recording at the moment that is shown.
  #asThen() {
    this.lastReceipts = this.app.session.epilogues.places;
    if (this.place && (this.name === 'receipt' || !this.name)) this.show(this.place);
    else if (this.name) this.choose(this.name);
  }

  #key(event) {
    const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!by || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    const all = [...this.tabs.values()];
    all[(all.indexOf(document.activeElement) + by + all.length) % all.length].focus();
  }

  show(place) {
    this.place = place;
    this.takeBack.disabled = !place;
    if (this.name === 'receipt' || !this.name) {
      if (this.lastReceipts.has(place)) this.#drawReceipt();
      else this.close();
    } else this.choose(this.name);
  }

  close() {
    this.#select(null);
    fill(this.body, []);
  }

  #select(name) {
    const isSame = name === this.name;
    this.name = name;
    for (const [other, tab] of this.tabs) tab.setAttribute('aria-selected', String(other === name));
    this.element.classList.toggle('open', Boolean(name));
    // The editor has another height only if this opens or closes, and laying it out takes long.
    if (!isSame) this.pane.editor.shown();
  }

  receipt(number) {
    this.lastReceipts.set(this.place, number);
    if (this.name === 'receipt') this.redraw();
    else this.#drawReceipt();
  }

  #drawReceipt() {
    const record = this.app.session.epilogues.of(this.lastReceipts.get(this.place));
    if (!record.receipt) return;
    this.#select('receipt');
    fill(this.body, [receiptView(record)]);
  }

  refused(receipt) {
    this.#select('receipt');
    fill(this.body, [receiptView({receipt, effects: [], reoptimized: []})]);
  }

  /// The accepted text is another one.
  changed() { if (this.name === 'versions' || this.name === 'lens') this.choose(this.name); }

  compare(old, text, title) {
    this.#select('versions');
    this.app.session.request('difference', {oldText: old, newText: text})
      .then(
        ({difference}) => fill(this.body, [element('h3.heading', {}, title), differenceView(difference)]),
        error => this.app.complain(error)
      );
  }

  async choose(name, selector = this.pane.document?.method?.selector) {
    this.#select(name);
    const {place} = this;
    if (!place) return fill(this.body, [element('p.empty', {}, 'No method is chosen.')]);
    try {
      const content = await this[`${name}Content`](place, selector);
      if (this.place === place && this.name === name) fill(this.body, [content]);
    } catch (error) {
      fill(this.body, [element('p.empty', {}, error.message)]);
    }
  }

  receiptContent(place) {
    if (!this.lastReceipts.has(place)) return element('p.empty', {},
      `Nothing of ${place} was accepted since this page was opened. Ctrl-S accepts the text above.`);
    return receiptView(this.app.session.epilogues.of(this.lastReceipts.get(place)));
  }

  async versionsContent(place) {
    const {method} = this.pane.document;
    if (!method) return element('p.empty', {}, 'Classes have no versions; their methods have.');
    const {versions} = await this.app.session.request('versions', {method});
    const shown = element('div');
    const rows = [...versions].reverse().map((version, i, all) => {
      const spelled = spelling(version);
      const older = all[i + 1];
      const difference = older && (async () => {
        const {difference} = await this.app.session.request('difference', {method, old: spelling(older), new: spelled});
        fill(shown, [element('h3.heading', {}, `From ${name(older)} to ${name(version)}`), differenceView(difference)]);
      });
      const back = async () => {
        const {receipt} = await this.app.session.do('revert', {method, version: spelled});
        this.receipt(receipt.id);
      };
      return element('tr', {},
        element('td', {}, element('strong', {}, name(version)),
          version.isCurrent ? [' ', element('span.mark.fast', {}, '✓ installed')] : ''),
        element(
          'td.quiet', {}, version.author ?? (version.entry ? '' : 'loaded')
        ), element('td.quiet.number', {}, version.time ? clock(version.time) : ''),
        element('td.mono', {}, firstLine(version.state?.text ?? '')),
        element('td', {},
          difference ? button('Difference', () => difference().catch(error => this.app.complain(error)), {},
            'link') : ''),
        element('td', {},
          version.isCurrent || isRecording ? '' : button('Bring back',
            () => back().catch(error => this.app.complain(error)), {}, 'link')));
    });
    return element('div', {},
      element('table', {}, element('caption.unseen', {}, `Versions of ${place}`), element('tbody', {}, rows)), shown);
  }

  async sendersContent(place, selector) {
    if (!selector) return element('p.empty', {}, 'There is no selector at the cursor.');
    const {places} = await this.app.session.request('senders', {selector});
    return this.#places(`${plural(places.length, 'sender')} of ${selector}`,
      places.map(found => [methodName(found.method), found.line, found.text]), selector);
  }

  async implementorsContent(place, selector) {
    if (!selector) return element('p.empty', {}, 'There is no selector at the cursor.');
    const {methods} = await this.app.session.request('implementors', {selector});
    return this.#places(`${plural(methods.length, 'implementor')} of ${selector}`,
      methods.map(method => [methodName(method)]), selector);
  }

  #places(title, places, selector) {
    return element('div', {}, element('h3.heading', {}, title),
      element('table', {}, element('tbody', {}, places.map(([name, line, text]) => element('tr', {},
      element('td.mono', {},
        button(name,
          event => this.app.browse(name, {line: undefined, beside: event.shiftKey, from: this.pane}),
          {title: 'Show it here; with Shift: in a window beside'}, 'link')),
      element('td.quiet.number', {},
        line ? `line ${line}` : ''), element('td.mono.quiet', {}, (text ?? '').trim()))))));
  }

  async lensContent() { return lensView(this.app, this.pane.document, await this.pane.lens.load()); }
}

const name = version => version.version ? `v${version.version}` : `accept ${version.entry ?? '?'}`;
const firstLine = text => {
  const lines = text.trim().split('\n');
  return lines.length > 1 ? `${lines[0]} …` : lines[0];
};

/// A `VersionPlace`, as it is asked for.
function spelling({place, version}) {
  const [kind, value] = Object.entries(place ?? {version: {_0: version}})[0];
  const number = value._0 ?? value.entry ?? value;
  return kind === 'version' ? `v${number}` : kind === 'before' ? `-${number}` : String(number);
}
