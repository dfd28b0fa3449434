// What is wrong with a text, while it is typed and when an accept was refused: underlined, and in words below the
// editor.

import {element, fill, later, button} from './dom.js';
import {shownColumn} from './indentation.js';

export class Checking {
  constructor(app, pane) {
    Object.assign(this, {app, pane});
    this.soon = later(250, () => this.#check());
  }

  clear() {
    this.soon.cancel();
    this.show([]);
  }

  async #check() {
    const {document, editor} = this.pane, text = editor.text;
    if (!document?.isDraft) return this.show([]);
    const about = document.isClass ? {} : {className: document.method.className,
      isClassSide: document.method.isClassSide};
    try {
      const {findings} = await this.app.session.request('check', {...about, text: document.raw});
      if (this.pane.document === document && editor.text === text) this.show(findings);
    } catch (error) {
      this.show([{severity: 'warning', message: error.message}]);
    }
  }

  /// findings: with lines and columns from 1, or errors of a receipt.
  show(told) {
    const {editor, finding: place, document} = this.pane;
    const base = document && document.raw !== document.text ? document.base : '';
    const findings = told.map(found => found.line ? {
      ...found, column: shownColumn(found.line, found.column ?? 1, base),
      endColumn: found.endColumn && shownColumn(found.endLine, found.endColumn, base),
    } : found);
    editor.clearMarks('wrong-place');
    editor.clearMarks('doubtful-place');
    const lines = editor.text.split('\n');
    for (const {line, column = 1, endLine, endColumn, severity} of findings) {
      if (!line) continue;
      const text = lines[line - 1] ?? '';
      let from = Math.min(unitColumn(text, column), Math.max(0, text.length - 1));
      const isWide = endLine && (endLine > line || endColumn > column);
      const to = isWide ? {line: endLine - 1, column: unitColumn(lines[endLine - 1] ?? '', endColumn)}
        : {line: line - 1, column: from + (/^[\p{L}\p{N}_:]+/u.exec(text.slice(from))?.[0].length ?? 1)};
      editor.mark({line: line - 1, column: from}, to, severity === 'warning' ? 'doubtful-place' : 'wrong-place');
    }
    const first = findings.find(finding => finding.severity !== 'warning') ?? findings[0];
    place.hidden = !first;
    if (!first) return fill(place, []);
    const isWarning = first.severity === 'warning';
    place.classList.toggle('warning', isWarning);
    const expected = first.expected && !first.message.includes(first.expected) ? `, expected ${first.expected}` : '';
    fill(place, [
      element(`span.mark.${isWarning ? 'draft' : 'wrong'}`, {}, isWarning ? '! doubtful' : '✗ error'),
      first.line ? button(`line ${first.line}, column ${first.column ?? 1}`,
        () => {
          editor.goTo(first.line - 1, unitColumn(lines[first.line - 1] ?? '', first.column ?? 1));
          editor.focus();
        },
        {}, 'link') : null,
      element('span', {}, first.message + expected),
      findings.length > 1 ? element('span.quiet', {}, `and ${findings.length - 1} more`) : null,
    ]);
  }
}

/// Columns of the protocol count characters; those of editors, UTF-16 units from 0.
function unitColumn(text, column) {
  return [...text].slice(0, Math.max(0, column - 1)).join('').length;
}
