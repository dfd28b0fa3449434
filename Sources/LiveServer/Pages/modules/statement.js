// The statement that an activation is at, in the text that it runs.

import {element} from './dom.js';
import {outdented} from './indentation.js';

const encoder = new TextEncoder();

/// Where the statement is in the indented text: from and to, in UTF-16 units; null if that is not known.
function rawRange({text, line, column}, {place, start, end}) {
  if (!place) return null;
  const lines = text.split('\n'), at = place.line - line;
  if (at < 0 || at >= lines.length) return null;
  // The first line of the method begins in the middle of a line of its class.
  const before = [...lines[at]].slice(0, Math.max(0, place.column - (at === 0 ? column : 1))).join('').length;
  const from = lines.slice(0, at).reduce((sum, text) => sum + text.length + 1, 0) + before;
  let bytes = end - start, to = from;
  for (const character of text.slice(from)) {
    if (bytes <= 0) break;
    bytes -= encoder.encode(character).length;
    to += character.length;
  }
  return {from, to: Math.max(to, from + 1)};
}

/// {text, from, to, line}: the text as it is edited, and where its statement is; only the text if that is not known.
export function statementIn(running, activation) {
  const {text, base} = outdented(running.text), range = rawRange(running, activation);
  if (!range) return {text};
  const shown = index => {
    const before = running.text.slice(0, index).split('\n'), last = before.pop();
    const rest = before.length && last.length ? Math.max(0, last.length - base.length) : last.length;
    return text.split('\n').slice(0, before.length).reduce((sum, line) => sum + line.length + 1, 0) + rest;
  };
  return {text, from: shown(range.from), to: shown(range.to),
    line: running.text.slice(0, range.from).split('\n').length - 1};
}

export function markStatement(editor, running, activation) {
  editor.clearMarks('statement-place');
  editor.clearLineLooks();
  if (!running) return;
  const {text, from, to, line} = statementIn(running, activation);
  // Another text than the one that runs has no such place.
  if (editor.text !== text || line === undefined) return;
  editor.markIndices(from, to, 'statement-place');
  editor.lineLook(line, 'statement-line');
  if (line !== editor.lastStatementLine || editor.lastStatementOf !== activation.id.stop) editor.goTo(line);
  editor.lastStatementLine = line;
  editor.lastStatementOf = activation.id.stop;
}

/// The text that runs, with its statement marked, where the installed one is another.
export function runningText(running, activation) {
  const {text, from, to} = statementIn(running, activation);
  if (from === undefined) return element('pre.running', {tabIndex: 0}, text);
  return element('pre.running', {tabIndex: 0, 'aria-label': 'Text that runs'},
    text.slice(0, from), element('mark', {}, text.slice(from, to)), text.slice(to));
}
