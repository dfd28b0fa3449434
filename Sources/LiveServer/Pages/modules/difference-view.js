// Differences of texts: one below the other with signs, or two texts side by side.

import {element} from './dom.js';
import {commonIndentation} from './indentation.js';

const words = {removed: 'removed: ', added: 'added: ', same: ''};

/// Of a `TextDifference`; what all lines are indented by is left out.
export function differenceView(difference) {
  const lines = difference?.lines ?? [];
  if (lines.every(line => line.kind === 'same')) return element('p.empty', {}, 'There is no difference.');
  // First lines of methods are not indented; those of an older and a newer text may both be first.
  const base = commonIndentation(lines.map(line => line.text).filter((text, i) => i > 1 && text.trim()));
  const shown = text => text.startsWith(base) ? text.slice(base.length) : text;
  return element('div.difference', {role: 'group', 'aria-label': 'Difference', tabIndex: 0}, lines.map(({kind, text}) =>
    element(`div.${kind}`, {}, words[kind] && element('span.unseen', {}, words[kind]), shown(text) || ' ')));
}

export const sidesView = (...sides) => element('div.sides', {}, sides.map(([title, text]) =>
  element('section', {}, element('h3', {}, title), element('pre', {tabIndex: 0}, text))));
