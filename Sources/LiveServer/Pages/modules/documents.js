// The texts that are edited: one document for each method or class, whichever windows show it. A document knows the
// accepted text, the draft, and on which version that is based; a draft is kept here, in the browser, and in the
// session.

import {kept} from './kept.js';
import {later} from './dom.js';
import {isRecording} from './mode.js';
import {methodKey, methodName} from './names.js';
import {outdented, indented} from './indentation.js';

export class Documents {
  constructor(session) {
    this.session = session;
    this.all = new Map();
    this.store = `drafts:${session.client}`;
    this.drafts = isRecording ? {} : kept.get(this.store, {});
    session.on('accepted', ({receipt}) => this.#accepted(receipt));
    session.on('reset', () => {
      if (isRecording) this.#replace(session.drafts);
      else for (const draft of session.drafts) this.#found(draft);
      for (const document of this.all.values()) document.load();
    });
    session.on('draft', ({draft, time}) => this.#recorded({...draft, time}));
    session.on('welcome', () => { for (const document of this.all.values()) if (document.isDraft) document.send(); });
  }

  /// Of a place: "Foo>>bar:", "Foo class>>bar", or "Foo" for the whole class.
  of(place) {
    if (!this.all.has(place)) {
      const document = new Document(this, place);
      this.all.set(place, document);
      document.load();
    }
    return this.all.get(place);
  }

  hasDraft(place) { return place in this.drafts; }

  /// From the session, which may know a draft that this browser has lost. A newer one here wins.
  #found({place, text, basedOn, time}) {
    const own = this.drafts[place];
    if (text === null || text === undefined || (own && own.time >= (time ?? 0))) return;
    this.drafts[place] = {text, basedOn: basedOn, time};
    this.keep();
    this.all.get(place)?.restore();
  }

  /// Of a recording: the drafts of that moment, of whoever wrote them; and one of them that changes.
  #replace(drafts) {
    const before = Object.keys(this.drafts);
    this.drafts = Object.fromEntries(drafts.map(draft => [draft.place, draft]));
    const places = new Set([...before, ...Object.keys(this.drafts)]);
    for (const place of places) this.all.get(place)?.recorded(this.drafts[place]);
    this.keep();
  }
  #recorded(draft) {
    if (draft.text === null || draft.text === undefined) delete this.drafts[draft.place];
    else this.drafts[draft.place] = draft;
    this.all.get(draft.place)?.recorded(this.drafts[draft.place]);
    this.keep();
  }

  keep() {
    this.isKept = isRecording || kept.set(this.store, this.drafts);
    this.session.tell('drafts', this.drafts);
  }

  #accepted(receipt) {
    const places = new Set((receipt.methods ?? []).map(({method}) => methodName(method)));
    const holders = [...(receipt.loaded ?? []), ...(receipt.classes ?? []).map(({name}) => name.replace(/ class$/, '')),
      ...(receipt.removed ?? []).map(({name}) => name)];
    for (const {method} of receipt.methods ?? []) places.add(method.className);
    for (const name of holders) places.add(name);
    for (const [place, document] of this.all) if (places.has(place)) document.load(receipt);
  }
}

class Document {
  constructor(documents, place) {
    Object.assign(this, {documents, session: documents.session, place});
    this.method = methodKey(place);
    this.isClass = !this.method;
    this.accepted = null;
    this.base = this.isClass ? '' : '    ';
    this.version = null;
    this.listeners = new Set();
    this.send = later(400, () => this.#send());
    this.restore();
  }

  restore() {
    const draft = this.documents.drafts[this.place];
    if (!draft) return;
    this.draft = draft.text;
    this.basedOn = draft.basedOn;
    this.baseText = draft.baseText;
    this.#changed({text: true});
  }

  /// The draft that somebody had at the moment that is shown; undefined: nobody had.
  recorded(draft) {
    this.draft = draft?.text ?? null;
    this.basedOn = draft?.basedOn;
    this.baseText = null;
    this.author = draft?.name;
    this.#changed({text: true});
  }

  get text() { return this.draft ?? this.accepted ?? ''; }
  get isDraft() { return this.draft !== null && this.draft !== undefined; }
  /// Somebody accepted another text since the draft was begun.
  get isStale() {
    if (!this.isDraft || this.accepted === null) return false;
    if (this.baseText !== undefined && this.baseText !== null) return this.baseText !== this.accepted;
    return !this.isClass && this.basedOn !== this.version;
  }

  onChange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  #changed(what) { for (const listener of [...this.listeners]) listener(what); }

  /// As it stands in its class.
  get raw() { return indented(this.text, this.base); }

  /// Reads the accepted text; `receipt`: because of that accept.
  async load(receipt) {
    try {
      const found = this.isClass
        ? await this.session.request('classText', {name: this.place})
        : await this.session.request('method', {method: this.method});
      this.isMissing = Boolean(found.implementation);
      this.isPrimitive = found.isPrimitive;
      if (found.line) this.firstLine = found.line;
      const {text, base} = this.isClass ? {text: found.text, base: ''} : outdented(this.isMissing ? '' : found.text);
      // Methods that are new, or in one line, look like their neighbours most probably.
      if (!this.isMissing && found.text.includes('\n')) this.base = base;
      this.take(text, this.isMissing ? 0 : found.version, receipt);
    } catch (error) {
      this.isMissing = true;
      this.problem = error.code === 'noSuchMethod' || error.code === 'noSuchClass' ? null : error;
      this.take('', 0, receipt);
    }
  }

  /// That is the accepted text now.
  take(text, version, receipt) {
    const wasDraft = this.isDraft, before = this.text, wasAccepted = this.accepted;
    this.accepted = text;
    this.version = version;
    if (this.isDraft && this.draft === text) this.#drop();
    else if (this.isDraft && (this.baseText === undefined || this.baseText === null) && this.basedOn === version) {
      this.baseText = text;
    }
    this.#changed(
      {accepted: true, text: this.text !== before, receipt,
        isElsewhere: wasAccepted !== null && wasAccepted !== text && this.text !== before, wasDraft}
    );
  }

  /// Somebody types here (`from` is the editor that knows the text already).
  write(text, from) {
    if (text === this.text) return;
    if (!this.isDraft) {
      this.basedOn = this.version ?? 0;
      this.baseText = this.accepted;
    }
    if (text === this.accepted) this.#drop();
    else {
      this.draft = text;
      this.documents.drafts[this.place] = {text, basedOn: this.basedOn, baseText: this.baseText,
        time: Date.now() / 1000};
      this.documents.keep();
      this.send();
    }
    this.#changed({text: true, from});
  }

  #drop() {
    // A recording says itself when a draft ends.
    if (isRecording) return;
    this.draft = null;
    this.baseText = null;
    delete this.documents.drafts[this.place];
    this.documents.keep();
    this.send();
  }

  revert() {
    this.#drop();
    this.#changed({text: true});
  }

  /// The draft counts as based on what is accepted now: somebody has looked at both.
  rebase() {
    this.basedOn = this.version;
    this.baseText = this.accepted;
    this.#changed({accepted: true});
  }

  #send() {
    if (isRecording) return;
    const basedOn = this.isDraft ? this.basedOn ?? undefined : undefined;
    this.session.request('draft', {place: this.place, text: this.isDraft ? this.draft : null, basedOn})
      .catch(error => this.session.tell('problem', error));
  }
}
