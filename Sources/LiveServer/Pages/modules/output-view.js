// What the program prints. A program may print faster than anybody reads: it is shown a few times a second, and only
// the end of what has come meanwhile.

import {element, fill, sign} from './dom.js';

/// Characters: shown at all, and added at a time; milliseconds between two times.
const most = 60000, mostAtOnce = 6000, pause = 150;
/// Text goes into blocks of about so many characters, of which the browser lays out only those that can be seen.
const block = 3000;

export class OutputView {
  title = 'Output';

  constructor(app) {
    this.app = app;
    this.text = element('div.output',
      {role: 'log', tabIndex: 0, 'aria-label': 'Output of the program', 'aria-live': 'off'});
    this.element = element('div.section.grows', {}, this.text);
    this.tools = [sign('⌫', 'Clear the output here', () => this.#clear())];
    this.offs = [
      app.session.on('output',
        ({stream, text, leftOut}) => this.#add(text, stream === 'error' ? 'error' : '', leftOut)),
      app.session.on('logged', ({breakpoint, text}) => this.#add(`breakpoint ${breakpoint}: ${text}\n`, 'logged')),
      app.session.on('reset', () => this.#reset()),
    ];
    this.#reset();
  }

  closed() {
    for (const off of this.offs) off();
    clearTimeout(this.timer);
  }

  #clear() {
    fill(this.text, []);
    this.size = 0;
    this.waiting = [];
    this.left = 0;
  }

  #reset() {
    this.#clear();
    const {output, leftOut} = this.app.session;
    this.#add(output, '', leftOut);
    requestAnimationFrame(() => this.shown());
  }

  #add(text, look, leftOut = 0) {
    this.left += leftOut;
    if (text) this.waiting.push({text, look});
    // Many texts in a row are one; of too many the first are left out.
    const size = this.waiting.reduce((sum, part) => sum + part.text.length, 0);
    let over = size - mostAtOnce;
    while (over > 0 && this.waiting.length) {
      const [part] = this.waiting, cut = Math.min(over, part.text.length);
      this.left += cut;
      over -= cut;
      if (cut === part.text.length) this.waiting.shift();
      else part.text = part.text.slice(cut);
    }
    this.timer ??= setTimeout(() => this.#flush(), this.last && performance.now() - this.last < pause ? pause : 0);
  }

  #flush() {
    this.timer = null;
    this.last = performance.now();
    const isAtEnd = this.text.scrollTop + this.text.clientHeight >= this.text.scrollHeight - 8;
    if (this.left) {
      this.#append(
        `… ${this.left.toLocaleString()} bytes were left out: the program prints faster than can be shown …\n`, 'quiet'
      );
      this.left = 0;
    }
    for (const {text, look} of this.waiting.splice(0)) this.#append(text, look);
    while (this.size > most && this.text.firstChild !== this.text.lastChild) {
      this.size -= this.text.firstChild.textContent.length;
      this.text.firstChild.remove();
    }
    if (isAtEnd) this.text.scrollTop = this.text.scrollHeight;
  }

  #append(text, look) {
    let last = this.text.lastChild;
    // A block ends with a line, so that it can be one.
    if (!last || (last.size > block && last.endsLine)) {
      last = element('div');
      last.size = 0;
      this.text.append(last);
    }
    const part = last.lastChild;
    if (part && part.className === look) part.firstChild.appendData(text);
    else last.append(element('span', {className: look}, text));
    last.size += text.length;
    last.endsLine = text.endsWith('\n');
    this.size += text.length;
  }

  shown() { this.text.scrollTop = this.text.scrollHeight; }
}
