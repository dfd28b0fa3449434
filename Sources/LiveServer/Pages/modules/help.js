// F1: every key, from the table that the keys themselves are made of; and what the marks mean.

import {element, show, sign} from './dom.js';
import {bindings, groups, keyName} from './keys.js';

const marks = [
  ['lens.compiled', 'This line runs compiled.'], ['lens.inlined',
    'It runs as a part of other code, in which the method is inlined.'],
  ['lens.interpreted', 'It is interpreted.'], ['lens.baseline', 'It runs as baseline code.'], ['lens.notRun', 'It has not run.'], ['lens.compiled.inlines',
    'Another method is inlined at this line.'],
  ['lens.interpreted.left', 'Compiled code was left for the interpreter here.'],
];

export function openHelp() {
  const dialog = element('dialog', {'aria-labelledby': 'help-title'},
    element('header', {}, element('h2', {id: 'help-title'}, 'Keys'), sign('✕', 'Close', () => dialog.close())),
    element('div.body', {tabIndex: 0},
      element('div.keys', {}, groups.map(group => element('section', {}, element('h3', {}, group), element('dl', {},
      bindings.filter(binding => binding[2] === group).map(
        ([keys, , , words]) => element('div', {}, element('dt', {}, element('kbd', {}, keyName(keys))),
          element('dd', {}, words))
      )))),
    element('section', {}, element('h3', {}, 'Everywhere'), element('dl', {}, [
      ['↑ ↓', 'In lists; letters find a name'], ['← →', 'In tabs, and on the lines between windows'],
      ['Shift-Enter', 'In what was found: a window beside']
    ].map(([key, words]) =>
      element('div', {}, element('dt', {}, element('kbd', {}, key)), element('dd', {}, words))))),
    element('section', {}, element('h3', {}, 'The lens, beside line numbers'),
      element('dl', {},
        marks.map(
          ([look, words]) => element('div', {},
            element('dt', {},
              element('span.CodeMirror-gutter-elt', {'aria-hidden': 'true'},
                element(`div.${look}`, {}, look.endsWith('left') ? element('b', {}, '!') : null))),
            element('dd', {}, words))
        ))))));
  show(dialog);
}
