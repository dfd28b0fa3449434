// What the program is, as the comment of its class says, and what to try: a suggestion that is chosen is written into a
// code browser, to be accepted there.

import {element, fill, button} from './dom.js';
import {suggestionsIn, commentText} from './suggestions.js';
import {keyName, keyOf} from './keys.js';

export class GuideWindow {
  kind = 'guide';
  title = 'Guide';

  constructor(app) {
    this.app = app;
    this.text = element('div.guide', {tabIndex: 0, role: 'region', 'aria-label': 'About the program'});
    this.element = this.text;
    this.offs = [app.session.on('reset', () => this.#load()), app.session.on('program', () => this.#load())];
    this.#load();
  }

  state() { return {}; }
  closed() { for (const off of this.offs) off(); }

  async #load() {
    const name = this.app.session.program.className;
    if (!name) return;
    try {
      const {comment} = await this.app.session.request('class', {name});
      this.#draw(name, commentText(comment ?? ''));
    } catch (error) { fill(this.text, [error.message]); }
  }

  #draw(name, comment) {
    const shown = [];
    let paragraph = [], rows = [];
    const flush = () => {
      if (paragraph.length) shown.push(
        element('p', {}, paragraph.flatMap((line, i) => [i ? ' ' : '', ...this.#linked(name, line)]))
      );
      if (rows.length) shown.push(element('table', {}, element('tbody', {}, rows)));
      paragraph = [];
      rows = [];
    };
    for (const line of comment.split('\n')) {
      const row = /^ {2,}(\S.*?)(?: {2,}(.*))?$/.exec(line);
      if ((row && paragraph.length) || (!row && rows.length) || !line.trim()) flush();
      if (row) {
        let [, what, words = ''] = row;
        const last = suggestionsIn(what).at(-1)?.end;
        if (last && !words) [what, words] = [what.slice(0, last), what.slice(last).trim()];
        rows.push(
          element('tr', {}, element('td.mono', {}, this.#linked(name, what)),
            element('td', {}, this.#linked(name, words)))
        );
      } else if (line.trim()) paragraph.push(line.trim());
    }
    flush();
    if (!shown.length) shown.push(element('p.quiet', {}, 'The class of the program has no comment; it would be here.'));
    fill(this.text, [element('h2', {}, name), shown]);
  }

  /// The text, with suggestions as links.
  #linked(name, words) {
    const parts = [];
    let from = 0;
    for (const {text, start, end, selector} of suggestionsIn(words)) {
      parts.push(words.slice(from, start), button(text, () => this.#try(`${name}>>${selector}`, text),
        {title: `Write it into a code browser; ${keyName(keyOf('accept'))} accepts it there`}, 'link.mono'));
      from = end;
    }
    return [...parts, words.slice(from)];
  }

  #try(place, text) {
    const codes = this.app.desk.all.filter(window => window.kind === 'code');
    const shown = codes.find(window => window.pane.place === place) ?? codes.at(-1);
    if (!shown) this.app.browse(place);
    else {
      shown.show(place);
      this.app.desk.focus(shown);
    }
    const document = this.app.documents.of(place);
    const write = () => {
      document.write(text);
      this.app.say(
        `${keyName(keyOf('accept'))} makes it a part of the running program; ${keyName(keyOf('takeBack'))} takes it back.`
      );
    };
    if (document.accepted !== null) return write();
    const off = document.onChange(({accepted}) => { if (accepted) { off(); write(); } });
  }

  commands = {};
  focus() { this.text.focus(); }
}
