// Breakpoints of the method that an editor shows: marks in the gutter, set and changed there by click or key.

import {element, button, show} from './dom.js';
import {isSame, methodName, plural} from './names.js';

/// The line, of the method's own text, that a breakpoint is at now; null if it is in another method, or nowhere.
export function lineOf(report, method, firstLine = 1) {
  const place = report.breakpoint.place;
  const key = report.method ?? place.methodLine?._0 ?? place.entry?._0;
  if (!isSame(key, method)) return null;
  if (report.place) return report.place.line - firstLine + 1;
  return place.methodLine?._1 ?? 1;
}

export function placeWords(report) {
  const place = report.breakpoint.place;
  if (place.signal) return `where ${place.signal.className ?? place.signal._0} is signalled`;
  const method = report.method ?? place.methodLine?._0 ?? place.entry?._0;
  const line = report.place ? `, line ${report.place.line}` : place.methodLine ? `, line ${place.methodLine._1}` : '';
  return (method ? methodName(method) : place.fileLine?._0 ?? 'somewhere') + line;
}

export function breakWords({breakpoint, hits, message, isVerified}) {
  const words = [];
  if (breakpoint.condition) words.push(`if ${breakpoint.condition}`);
  if (breakpoint.hitCount > 1) words.push(`from the ${breakpoint.hitCount}. time on`);
  if (breakpoint.logMessage) words.push(`prints “${breakpoint.logMessage}”`);
  if (!breakpoint.isEnabled) words.push('is off');
  if (!isVerified) words.push(message ?? 'has no place in the text now');
  else if (message) words.push(message);
  if (hits) words.push(`hit ${plural(hits, 'time')}`);
  return words.join(', ');
}

export class BreakGutter {
  constructor(app, pane) {
    Object.assign(this, {app, pane});
    this.offs = [app.session.on('breakpoints', () => this.draw()), app.session.on('reset', () => this.draw())];
  }

  #all() {
    const {document} = this.pane;
    if (!document?.method) return [];
    return this.app.session.breakpoints.map(
      report => ({report, line: lineOf(report, document.method, document.firstLine ?? 1)})
    ).filter(({line}) => line !== null);
  }

  draw() {
    const all = this.#all();
    // An editor that has nothing to change must not be laid out either.
    if (!all.length && !this.isMarked) return;
    this.isMarked = all.length > 0;
    this.pane.editor.together(() => this.#drawAll(all));
  }

  #drawAll(all) {
    const {editor} = this.pane;
    editor.clearGutter('breaks');
    for (const {report, line} of all) {
      const {breakpoint, isVerified} = report;
      const look = [!isVerified && 'waiting',
        !breakpoint.isEnabled && 'off'].filter(Boolean).map(name => `.${name}`).join('');
      const text = !isVerified ? '○' : breakpoint.logMessage ? '≡' : breakpoint.condition || breakpoint.hitCount > 1
        ? '◆' : '●';
      const words = `Breakpoint ${report.id} ${breakWords(report)}`;
      editor.gutter(line - 1, 'breaks',
        element(`div.break${look}`, {role: 'img', 'aria-label': words, title: words}, text));
    }
  }

  /// `line` from 0. Without a breakpoint there is one then; with one, it is shown and can be changed.
  async toggle(line) {
    const {document} = this.pane;
    if (!document?.method) return this.app.say('Breakpoints are set in methods.');
    if (document.isDraft) this.app.say(
      'The breakpoint is set in the accepted text; it follows its statement when the draft is accepted.'
    );
    const found = this.#all().find(found => found.line === line + 1);
    if (found) return editBreakpoint(this.app, found.report);
    try {
      const {breakpoint} = await this.app.session.do('addBreakpoint', {method: document.method, line: line + 1});
      this.app.say(
        `Breakpoint ${breakpoint.id}: ${placeWords(breakpoint)}${breakpoint.message ? `; ${breakpoint.message}` : ''}`
      );
    } catch (error) {
      this.app.complain(error);
    }
  }
}

/// Condition, count, message; or away with it.
export function editBreakpoint(app, report) {
  const {breakpoint} = report;
  const condition = element('input.mono',
    {value: breakpoint.condition ?? '', id: 'break-condition', placeholder: 'i > 10'});
  const count = element('input', {type: 'number', min: 1, value: breakpoint.hitCount ?? 1, id: 'break-count'});
  const message = element('input.mono',
    {value: breakpoint.logMessage ?? '', id: 'break-message', placeholder: 'x is {x}'});
  const enabled = element('input', {type: 'checkbox', checked: breakpoint.isEnabled, id: 'break-on'});
  const row = (label, field, hint) => element('p.field', {}, element('label', {htmlFor: field.id}, label),
    field, hint && element('span.quiet', {}, hint));
  const dialog = element('dialog', {'aria-label': `Breakpoint ${report.id}`},
    element('header', {},
      element('h2', {}, `Breakpoint ${report.id}`), element('span.quiet.mono', {}, placeWords(report))),
    element('form.body.fields', {method: 'dialog', id: 'break-form'},
      row('Stops if', condition, 'an expression; empty: always'), row('From the … time on', count),
      row('Prints, and does not stop', message, 'empty: it stops; what stands in braces is evaluated'),
      row('Is on', enabled)),
    element('footer', {},
      button('Remove', () => dialog.close('remove')), element('span.space'), button('Cancel', () => dialog.close()),
      element('button.main', {type: 'submit', value: 'change'}, 'Change')));
  dialog.querySelector('footer .main').setAttribute('form', 'break-form');
  show(dialog, async () => {
    try {
      if (dialog.returnValue === 'remove') await app.session.do('removeBreakpoint', {id: report.id});
      if (dialog.returnValue === 'change') {
        await app.session.do('changeBreakpoint', {
          id: report.id, ...placeOf(report), condition: condition.value.trim() || undefined,
          hitCount: Math.max(1, Number(count.value) || 1), logMessage: message.value || undefined,
          isEnabled: enabled.checked,
        });
      }
    } catch (error) { app.complain(error); }
  });
  condition.focus();
}

function placeOf({breakpoint: {place}}) {
  if (place.methodLine) return {method: place.methodLine._0, line: place.methodLine._1};
  if (place.entry) return {method: place.entry._0};
  if (place.signal) return {signal: place.signal.className ?? place.signal._0};
  return {file: place.fileLine?._0, line: place.fileLine?._1};
}
