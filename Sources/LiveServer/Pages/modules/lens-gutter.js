// The lens in the gutter of an editor: a bar for each line, whose shape says how it runs, and a card with words.

import {element, later} from './dom.js';
import {lensData} from './lens-data.js';
import {lineWords} from './lens-view.js';

export class LensGutter {
  constructor(app, pane) {
    Object.assign(this, {app, pane});
    const soon = later(120, () => this.refresh());
    // What the compiler does is told by events; the rest is looked at now and then, while it can be seen.
    this.offs = ['installed', 'reoptimized', 'effect', 'settled'].map(kind => app.session.on(kind, soon));
    const timer = setInterval(() => { if (!document.hidden && pane.element.offsetParent) this.refresh(); }, 3000);
    this.offs.push(() => { clearInterval(timer); soon.cancel(); this.hide(); });
  }

  restart() {
    this.data = null;
    this.drawn = null;
    this.pane.editor.clearGutter('lens');
    this.hide();
    this.refresh();
  }

  /// The text is another one, or its lines were typed anew.
  again() {
    this.drawn = null;
    this.refresh();
  }

  /// The data of the method that is shown; null for a class.
  async load() {
    const {document} = this.pane;
    if (!document?.method || document.isMissing) return null;
    const answer = await this.app.session.request('lens', {method: document.method});
    if (document !== this.pane.document || !answer.tier) return null;
    const data = lensData(answer, document.accepted ?? '');
    // Places of breakpoints and statements are told in lines of the class's text.
    if (data.firstLine && data.firstLine !== document.firstLine) {
      document.firstLine = data.firstLine;
      this.pane.breaks.draw();
    }
    return data;
  }

  async refresh() {
    const {document, editor} = this.pane;
    // Who asks while an answer is on its way gets another one after it.
    if (this.isLoading) {
      this.isAskedAgain = true;
      return;
    }
    this.isLoading = true;
    try {
      const data = await this.load();
      if (document !== this.pane.document) return;
      this.data = data;
      this.#draw(data, document, editor);
    } catch {
      // A method that is gone meanwhile has no lens.
      editor.clearGutter('lens');
    } finally {
      this.isLoading = false;
      if (this.isAskedAgain) {
        this.isAskedAgain = false;
        this.refresh();
      }
    }
  }

  #draw(data, document, editor) {
    // A draft keeps the marks of the accepted text, as far as their lines are still there.
    if (document?.isDraft && this.drawn) return;
    const key = data && !document.isDraft ? JSON.stringify([...data.lines]) + document.place : '';
    if (key === this.drawn) return;
    this.drawn = key;
    this.pane.lensChanged();
    editor.together(() => this.#drawBars(key ? data : null, editor));
  }

  #drawBars(data, editor) {
    editor.clearGutter('lens');
    // A draft has other lines than the code that runs.
    if (!data) return;
    for (const [line, entry] of data.lines) {
      if (!entry.tier) continue;
      const words = lineWords(data, line).join('\n');
      const look = [entry.tier, entry.inlines && 'inlines'].filter(Boolean).join('.');
      const bar = element(`div.lens.${look}`, {role: 'img', 'aria-label': words.replaceAll('\n', '. '),
        onmouseenter: () => this.card(line), onmouseleave: () => this.hide()}, entry.left ? element('b',
          {'aria-hidden': 'true'}, '!') : null);
      editor.gutter(line - 1, 'lens', bar);
    }
  }

  moved() { this.hide(); }

  /// The card of a line, by key or click.
  async show(line) {
    this.data ??= await this.load().catch(() => null);
    this.card(line + 1, true);
  }

  card(line, isAsked) {
    this.hide();
    const {editor, document: shown} = this.pane;
    if (!this.data) {
      if (isAsked) this.app.say(
        shown?.isDraft ? 'The lens shows what is accepted; this is a draft.' : 'There is no code of it yet.'
      );
      return;
    }
    const words = lineWords(this.data, line), box = editor.lineBox(line - 1);
    this.shownCard = element('div.float.card', {role: isAsked ? 'dialog' : 'tooltip', 'aria-label': 'Lens'},
      words.map(
        (text, i) => element(i ? 'p' : 'p.first', {}, text)
      ), isAsked ? element('p.quiet', {}, 'Esc closes') : null);
    document.body.append(this.shownCard);
    const {height, width} = this.shownCard.getBoundingClientRect();
    this.shownCard.style.left = `${Math.min(box.left + 8, innerWidth - width - 8)}px`;
    this.shownCard.style.top = `${box.bottom + height + 8 > innerHeight ? box.top - height - 4 : box.bottom + 4}px`;
    if (isAsked) this.app.floating(() => this.hide(), words.join('. '));
  }

  hide() {
    this.shownCard?.remove();
    this.shownCard = null;
  }
}
