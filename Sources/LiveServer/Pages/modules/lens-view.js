// The lens in words: all of a method, for the foot; one line of it, for the card at the gutter.

import {element} from './dom.js';
import {tierWords} from './lens-data.js';

const signs = {compiled: '▮', interpreted: '▯', baseline: '▯', primitive: '◆', notRun: '·', inlined: '⤴'};

export function tierMark(tier, where = '') {
  const look = {compiled: '.fast', inlined: '.fast', primitive: '.fast'}[tier] ?? '';
  return element(`span.mark.tier${look}`, {}, element('span', {'aria-hidden': 'true'}, signs[tier] ?? '·'),
    {notRun: 'not run', inlined: where ? `inlined${where}` : 'inlined elsewhere'}[tier] ?? tier);
}

export function lensView(app, document, data) {
  if (!data) return element('p.empty', {}, 'Only methods have a lens.');
  const facts = data.inlinedIn.map(place => ['inlined in', [link(app, place.caller), `, line ${place.line}`,
    place.unit !== place.caller ? element('span.quiet', {}, ` (in the code of ${place.unit})`) : '']]);
  for (const [line, {notes}] of data.lines) {
    for (const note of notes) if (note.callee) facts.push([`line ${line}`, [link(app, note.callee), ' is inlined']]);
  }
  facts.push(...data.facts);
  if (data.note) facts.push(['not compiled', data.note]);
  return element('div.lens-words', {}, element('p.bar', {}, tierMark(data.tier), element('span', {}, data.words)),
    facts.length ? element('table', {},
      element('tbody', {},
        facts.map(([what, words]) => element('tr', {}, element('th', {scope: 'row'}, what), element('td', {}, words)))))
      : element('p.empty', {}, 'Nothing is inlined in it, and it is inlined nowhere.'));
}

const link = (app, name) => element('button.link.mono',
  {type: 'button', onclick: () => app.browse(name.replace(/\[\]|,.*$/g, ''))}, name);

/// What the card says of a line.
export function lineWords(data, line) {
  const entry = data.lines.get(line);
  const words = [entry?.tier ? `Line ${line}: ${tierWords[entry.tier] ?? entry.tier}` : `Line ${line}: no code`];
  for (const note of entry?.notes ?? []) words.push(note.words);
  for (const place of data.inlinedIn) words.push(`This method is inlined in ${place.caller}, line ${place.line}.`);
  if (data.note) words.push(`Not compiled: ${data.note}`);
  return words;
}
