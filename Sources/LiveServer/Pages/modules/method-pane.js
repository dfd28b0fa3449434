// The text of one method or class with all that belongs to it: title and version, draft, findings, lens and breakpoints
// in the gutter, the foot with receipt, versions and callers. Code windows and the debugger are made of it.

import {element, fill, button, announce, onFrame} from './dom.js';
import {makeEditor} from './editor.js';
import {accept, takeBack} from './accepting.js';
import {Foot} from './foot.js';
import {LensGutter} from './lens-gutter.js';
import {BreakGutter} from './break-gutter.js';
import {Checking} from './checking.js';
import {completionsFor} from './completion.js';
import {withKey} from './keys.js';
import {selectorAt, selectorOf} from './names.js';
import {tierMark} from './lens-view.js';
import {isRecording} from './mode.js';

export class MethodPane {
  /// `moved(place)`: an accept has made another method than the one that was shown.
  constructor(app, {moved = () => {}, titled = () => {}} = {}) {
    Object.assign(this, {app, moved, titled});
    this.title = element('span.title');
    this.marks = element('span.bar.marks');
    const policies = 'What becomes of activations that run the old version';
    this.policy = element('select', {'aria-label': policies, title: policies},
      element('option', {value: 'next'}, 'from the next send'),
      element('option', {value: 'restart'}, 'restart activations'),
      element('option', {value: 'migrate'}, 'migrate loops'),
      element('option', {value: 'probation'}, 'on probation, 10 s'));
    this.acceptButton = button('Accept', () => this.accept(),
      {title: withKey('Make it part of the running program', 'accept')}, 'main');
    this.policy.hidden = this.acceptButton.hidden = isRecording;
    this.notice = element('div', {});
    this.editor = makeEditor({
      label: 'Text of the method', changed: text => this.#typed(text), moved: () => this.lens.moved(),
      gutterClicked: (line, name) => name === 'lens' ? this.lens.show(line) : this.breaks.toggle(line),
      hints: (before, after) => completionsFor(app, this.document, before, after),
    });
    this.finding = element('div.finding', {role: 'status', hidden: true});
    this.foot = new Foot(app, this);
    this.lens = new LensGutter(app, this);
    this.breaks = new BreakGutter(app, this);
    this.checking = new Checking(app, this);
    this.element = element('div.method', {},
      element('div.bar.ruled', {}, this.title, this.marks, element('span.space'), this.policy, this.acceptButton),
      this.notice, element('div.text', {}, this.editor.element), this.finding, this.foot.element);
    this.redraw = onFrame(() => this.#draw());
    this.offs = [app.session.on('connection', this.redraw), app.session.on('presence', this.redraw)];
  }

  closed() {
    this.off?.();
    for (const off of [...this.offs, ...this.lens.offs, ...this.breaks.offs, ...this.foot.offs]) off();
  }

  /// Shows a place; null: nothing.
  show(place, {line} = {}) {
    if (place === this.place) {
      if (line) this.goTo(line);
      return;
    }
    this.off?.();
    this.place = place;
    this.document = place ? this.app.documents.of(place) : null;
    this.line = line;
    this.editor.readOnly = !place || isRecording;
    this.editor.setText(this.document?.text ?? '', {fresh: true});
    this.off = this.document?.onChange(what => this.#changed(what));
    this.editor.clearMarks();
    this.foot.show(place);
    this.wantsMarks = false;
    this.lens.restart();
    this.breaks.draw();
    this.checking.clear();
    if (line) this.goTo(line);
    this.#draw();
  }

  goTo(line) {
    this.editor.goTo(line - 1);
    this.line = line;
  }

  #typed(text) {
    this.document?.write(text, this);
    this.checking.soon();
  }

  #changed({text, from, accepted, receipt, isElsewhere}) {
    if (from !== this) this.editor.setText(this.document.text);
    if (accepted) {
      if (this.line) this.goTo(this.line);
      this.line = null;
      if (receipt) this.foot.receipt(receipt.id);
      this.foot.changed();
      if (isElsewhere && receipt) announce(`${this.place} has another text now, by ${receipt.author || 'somebody'}`);
      if (!this.document.isDraft) this.checking.clear();
    }
    if (!text && !accepted) return;
    // Marks go with lines that are typed over; the accepted text has all of them again.
    if (!this.document.isDraft) this.wantsMarks = true;
    this.redraw();
  }

  #draw() {
    const {document} = this;
    this.title.textContent = this.place ?? 'No method is chosen';
    this.title.title = this.place ?? '';
    this.acceptButton.disabled = !document;
    if (!document) return void fill(this.marks, []);
    this.#drawMarks();
    const others = this.app.session.clients.filter(
      client => client.client !== this.app.session.client && client.looksAt?.includes(this.place)
    );
    fill(this.marks, [
      document.version ? element('span.mark', {title: 'Version that sends find'}, `v${document.version}`) : null,
      this.#tier(),
      document.isPrimitive ? element('span.mark', {}, 'primitive') : null,
      document.isDraft ? element(
        'span.mark.draft', {title: withKey('Not accepted yet. Give it up', 'revertDraft')},
        (document.accepted ? '✎ draft' : '✎ new') + (document.author ? ` of ${document.author}` : '')
      ) : null,
      others.length ? element('span.mark.accent', {title: 'looks at it, too'},
        `◉ ${others.map(other => other.name).join(', ')}`) : null,
    ]);
    this.#drawNotice();
    this.titled(this);
  }

  #drawMarks() {
    if (!this.wantsMarks || this.document.isDraft) return;
    this.wantsMarks = false;
    this.lens.again();
    this.breaks.draw();
  }

  /// How it runs now, in a word.
  #tier() {
    const data = this.lens.data;
    if (!data || this.document.isDraft) return null;
    const callers = new Set(data.inlinedIn.map(place => place.caller));
    const more = callers.size > 1 ? ` and ${callers.size - 1} more` : '';
    const where = data.tier === 'inlined' ? ` in ${[...callers][0]}${more}` : '';
    return tierMark(data.tier, where);
  }

  lensChanged() { if (this.document) this.redraw(); }

  #drawNotice() {
    const {document} = this;
    if (document.isStale && !isRecording) {
      fill(this.notice, element('div.notice.draft', {role: 'status'},
        element('span', {}, document.isClass ? 'Another text was accepted since you began this draft.'
          : `v${document.version} was accepted since you began this draft on v${document.basedOn || 0}.`),
        button('Compare',
          () => this.foot.compare(document.accepted, document.text, 'From the accepted text to your draft')),
        button('Take theirs', () => document.revert()), button('Keep mine', () => document.rebase())));
    } else if (document.isMissing && document.accepted !== null && !document.isDraft && !document.problem) {
      fill(this.notice,
        element('div.notice.accent', {}, element('span', {},
          `There is no ${document.place}.${isRecording ? '' : ' What is written and accepted here will be it.'}`)));
    } else if (document.problem) {
      fill(this.notice, element('div.notice.wrong', {role: 'alert'}, element('span', {}, document.problem.message)));
    } else fill(this.notice, []);
  }

  async accept(options = {}) {
    const {document} = this;
    if (!document || this.isAccepting) return null;
    const {asked = performance.now()} = options;
    this.isAccepting = true;
    // Most are done before somebody could read that; and the bar would be laid out twice.
    const waiting = setTimeout(() => { this.acceptButton.textContent = 'Accepting …'; }, 150);
    try {
      const isOnProbation = this.policy.value === 'probation';
      const result = await accept(this.app, document, {
        policy: isOnProbation ? 'next' : this.policy.value, probation: isOnProbation ? 10 : undefined, asked});
      if (result.receipt) {
        this.checking.clear();
        if (result.place !== this.place) this.moved(result.place);
        this.foot.receipt(result.receipt.id);
      } else if (result.refused) {
        this.checking.show(result.refused.errors ?? []);
        this.foot.refused(result.refused);
      }
      return result;
    } finally {
      this.isAccepting = false;
      clearTimeout(waiting);
      this.acceptButton.textContent = 'Accept';
    }
  }

  async takeBack() {
    const receipt = this.document && await takeBack(this.app, this.document);
    if (receipt) this.foot.receipt(receipt.id);
  }

  /// The selector at the cursor, else the method's own.
  get selector() {
    const {text, column} = this.editor.cursor();
    const found = this.hasFocus ? selectorAt(text ?? '', column) : null;
    return found ?? this.document?.method?.selector ?? selectorOf(this.editor.text);
  }

  get hasFocus() { return this.editor.element.contains(document.activeElement); }

  commands = {
    accept: options => this.accept(options),
    takeBack: () => this.takeBack(),
    versions: () => this.foot.choose('versions'),
    senders: () => this.foot.choose('senders', this.selector),
    implementors: () => this.foot.choose('implementors', this.selector),
    lens: () => this.lens.show(this.editor.cursor().line),
    breakpoint: () => this.breaks.toggle(this.editor.cursor().line),
    revertDraft: () => this.document?.isDraft && this.document.revert(),
    complete: () => this.editor.complete(),
  };

  shown() { this.editor.shown(); }
  focus() { this.editor.focus(); }
}
