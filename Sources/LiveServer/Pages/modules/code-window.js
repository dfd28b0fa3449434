// A code browser: classes, methods of one side of a class, and the text of one of them.

import {element, sign, ask, onFrame} from './dom.js';
import {List} from './list.js';
import {Evaluator} from './evaluating.js';
import {MethodPane} from './method-pane.js';
import {methodName, methodKey, holderName} from './names.js';
import {isRecording} from './mode.js';

export class CodeWindow {
  kind = 'code';

  constructor(app, state = {}) {
    this.app = app;
    this.title = 'Code';
    this.classes = new List({
      label: 'Classes', key: item => item.name, heading: item => item.isLibrary ? 'Library' : 'Program',
      row: item => [element('span.name',
        {title: item.superclass ? `${item.name}, a ${item.superclass}` : item.name}, item.name),
        app.documents.hasDraft(item.name) ? element('span.end', {title: 'has a draft'}, '✎') : ''],
      chosen: item => this.showClass(item.name), opened: () => this.methods.element.focus(),
    });
    this.methods = new List({
      label: 'Methods', key: item => item.place,
      row: item => [element(`span.name${item.method ? '.mono' : '.quiet'}`, {title: item.place}, item.label),
        app.documents.hasDraft(item.place) ? element('span.end', {title: 'has a draft'}, '✎ draft') : ''],
      chosen: item => this.pane.show(item.place), opened: () => this.pane.focus(),
    });
    this.sides = ['instance', 'class'].map(
      side => element('button',
        {type: 'button', role: 'tab', 'aria-selected': 'false', onclick: () => this.showSide(side === 'class')}, side)
    );
    this.pane = new MethodPane(app, {moved: place => this.show(place), titled: () => this.#titled()});
    this.evaluator = new Evaluator(app, this.pane.editor, () => ['evaluate', {workspace: 'code'}], false);
    this.element = element('div.code', {}, element('div.lists', {}, this.classes.element,
      element('div.bar', {}, element('div.segments', {role: 'tablist', 'aria-label': 'Side'},
        this.sides), element('span.space'),
        isRecording ? null : sign('+', 'New method', () => this.newMethod())), this.methods.element), this.pane.element);
    this.offs = [
      app.session.on('classes', () => this.#drawClasses()), app.session.on('reset', () => this.#reset()),
      app.session.on('accepted',
        ({receipt}) => this.#accepted(receipt)), app.session.on('drafts', onFrame(() => this.#drawDrafts())),
    ];
    this.isClassSide = false;
    this.element.classList.toggle('bare', Boolean(state.bare));
    this.#drawClasses();
    if (state.place) this.show(state.place);
  }

  state() { return {place: this.pane.place, bare: this.element.classList.contains('bare')}; }

  closed() {
    for (const off of this.offs) off();
    this.pane.closed();
  }

  #reset() {
    this.#drawClasses();
    if (this.className) this.#loadMethods();
  }

  #drawClasses() {
    const {classes} = this.app.session;
    const order = item => `${item.isLibrary ? 1 : 0}${item.name}`;
    this.classes.show([...classes].sort((a, b) => order(a) < order(b) ? -1 : 1));
    if (this.className) this.classes.select(this.className);
  }

  #drawDrafts() {
    // Lists are long, and of all drafts only few are of what they show.
    const places = Object.keys(this.app.documents.drafts);
    const ofClasses = places.filter(place => !methodKey(place)).join();
    const ofMethods = places.filter(
      place => place === this.className || methodKey(place)?.className === this.className
    ).join();
    if (ofClasses !== this.classDrafts) this.#drawClasses();
    if (ofMethods !== this.methodDrafts) this.#drawMethods();
    Object.assign(this, {classDrafts: ofClasses, methodDrafts: ofMethods});
  }

  #accepted(receipt) {
    const concerns = (receipt.methods ?? []).some(
      ({method, before, after}) => method.className === this.className && (!before || !after)
    )
      || (receipt.loaded ?? []).length || (receipt.removed ?? []).length || (receipt.renamed ?? []).length
        || (receipt.classes ?? []).length;
    if (concerns && this.className) this.#loadMethods();
  }

  /// "Foo>>bar:", or "Foo": the class.
  show(place, {line} = {}) {
    const method = methodKey(place);
    const className = method?.className ?? place;
    this.isClassSide = method?.isClassSide ?? false;
    if (className !== this.className) {
      this.className = className;
      this.report = null;
      this.classes.select(className);
    }
    this.pane.show(place, {line});
    this.#loadMethods();
  }

  showClass(name) {
    this.className = name;
    this.isClassSide = false;
    this.report = null;
    this.pane.show(name);
    this.#loadMethods();
  }

  showSide(isClassSide) {
    this.isClassSide = isClassSide;
    this.#drawMethods();
  }

  async #loadMethods() {
    const name = this.className;
    try {
      const report = await this.app.session.request('class', {name});
      if (this.className !== name) return;
      this.report = report;
    } catch (error) {
      if (this.className === name) this.report = null;
    }
    this.#drawMethods();
  }

  #drawMethods() {
    this.sides.forEach((tab, i) => tab.setAttribute('aria-selected', String(Boolean(i) === this.isClassSide)));
    const own = (this.report?.methods ?? []).filter(({method}) => method.isClassSide === this.isClassSide);
    const items = own.map(
      ({method}) => ({place: methodName(method), method, label: method.selector})
    ).sort((a, b) => a.label < b.label ? -1 : 1);
    // Drafts of methods that are not there yet can be found here, too.
    for (const place of Object.keys(this.app.documents.drafts)) {
      const method = methodKey(place);
      if (
        method?.className === this.className && method.isClassSide === this.isClassSide
          && !items.some(item => item.place === place)
      ) {
        items.push({place, method, label: method.selector});
      }
    }
    if (this.className) items.unshift({place: this.className, method: null, label: 'class definition'});
    this.methods.show(items);
    this.methods.select(this.pane.place);
  }

  #titled() {
    const {place, document} = this.pane;
    this.retitle?.(place ? `${document.isDraft ? '✎ ' : ''}${place}` : 'Code');
    this.methods.select(place);
    this.app.present();
  }

  async newMethod() {
    if (!this.className) return;
    const selector = await ask('New method',
      {label: `Its selector, in ${holderName(this)}:`, value: 'newMethod', action: 'Write it'});
    if (!selector?.trim()) return;
    const name = selector.trim();
    const place = `${holderName(this)}>>${name}`;
    const pattern = /:/.test(name) ? name.split(':').filter(Boolean).map(
      (part, i) => `${part}: ${'abcdefgh'[i]}`
    ).join(' ')
      : /^[\p{L}_]/u.test(name) ? name : `${name} other`;
    this.show(place);
    const document = this.pane.document;
    if (!document.text) document.write(`${pattern} = (\n    ^self\n)`);
    this.pane.focus();
  }

  get commands() {
    return {
      ...this.evaluator.commands, ...this.pane.commands,
      lists: () => {
        const isThere = this.classes.element.contains(document.activeElement)
          || this.methods.element.contains(document.activeElement);
        this.element.classList.toggle('bare', isThere);
        if (isThere) this.pane.focus();
        else this.classes.element.focus();
        this.pane.shown();
      },
    };
  }

  get subject() { return this.pane; }
  shown() { this.pane.shown(); }
  focus() { if (this.pane.place) this.pane.focus(); else this.classes.element.focus(); }
}
