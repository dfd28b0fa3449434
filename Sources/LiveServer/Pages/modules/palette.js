// Ctrl-K: finds classes, methods and commands by some of their letters.

import {element, fill, show, later, uniqueName} from './dom.js';
import {bindings, keyName} from './keys.js';
import {methodName} from './names.js';

/// How well the letters are found in the text, in order; lower is better, null: not at all.
export function fit(letters, text, isWords = false) {
  const small = text.toLowerCase();
  const at = small.indexOf(letters);
  if (at >= 0) return at + (text.length - letters.length) / 100;
  if (isWords) return null;
  let from = 0, gaps = 0;
  for (const letter of letters) {
    const found = small.indexOf(letter, from);
    if (found < 0) return null;
    gaps += found - from;
    from = found + 1;
  }
  return 50 + gaps;
}

export function openPalette(app) {
  let items = [], at = 0;
  const list = element('ul', {role: 'listbox', id: uniqueName('found'), 'aria-label': 'Found'});
  const field = element('input',
    {type: 'text', placeholder: 'a class, a method, a command', 'aria-label': 'Find a class, a method or a command',
      role: 'combobox',
    'aria-expanded': 'true', autocomplete: 'off'});
  field.setAttribute('aria-controls', list.id);
  const dialog = element('dialog.palette', {'aria-label': 'Find'}, field, list);

  const mark = () => {
    [...list.children].forEach((row, i) => {
      row.setAttribute('aria-selected', String(i === at));
      if (i === at) { field.setAttribute('aria-activedescendant', row.id); row.scrollIntoView({block: 'nearest'}); }
    });
  };
  const draw = () => {
    at = 0;
    const row = (item, i) => element('li.row', {
      role: 'option', id: uniqueName('hit'), 'aria-selected': 'false', onclick: event => {
        at = i;
        run(event.shiftKey);
      },
    }, element('span.mark', {}, item.kind),
    element(`span.name${item.kind === 'command' ? '' : '.mono'}`, {}, item.text),
    element('span.end', {}, item.key ? element('kbd', {}, item.key) : item.note ?? ''));
    fill(list, items.map(row));
    if (!items.length) fill(list, element('li.empty', {role: 'presentation'}, 'Nothing has such a name.'));
    mark();
  };
  const run = beside => {
    const item = items[at];
    if (!item) return;
    dialog.close();
    setTimeout(() => item.run(beside), 0);
  };
  const commands = bindings.filter(([, command]) => !['palette', 'escape'].includes(command)).map(
    ([key, command, , words]) => ({kind: 'command', text: words, key: keyName(key), run: () => app.run(command)})
  )
    .concat(app.openers.map(([text, open]) => ({kind: 'command', text, run: open})));

  const local = letters => {
    const classes = app.session.classes.map(
      ({name, isLibrary}) => (
        {kind: 'class', text: name, note: isLibrary ? 'library' : '', weight: isLibrary ? 3 : 0,
          run: beside => app.browse(name, {beside})}
      )
    );
    return [...classes, ...commands].map(
      item => (
        {item,
          fit: letters ? fit(letters, item.text, item.kind !== 'class') : item.kind === 'class' && item.note ? null : 0}
      )
    )
      .filter(({fit}) => fit !== null).sort(
        (a, b) => a.fit + (a.item.weight ?? 0) - b.fit - (b.item.weight ?? 0)
      ).slice(0, 40).map(({item}) => item);
  };
  const remote = later(90, async letters => {
    if (letters.length < 2) return;
    try {
      const {methods = [], places = []} = await app.session.request('search', {text: field.value.trim(), limit: 40});
      if (letters !== field.value.trim().toLowerCase()) return;
      const found = methods.map(
        method => ({kind: 'method', text: methodName(method), run: beside => app.browse(methodName(method), {beside})})
      );
      const lines = places.map(
        ({method, line, text}) => (
          {kind: 'text', text: methodName(method), note: `${line}: ${text.trim().slice(0, 60)}`,
            run: beside => app.browse(methodName(method), {beside})}
        )
      );
      const nearby = local(letters);
      const isClass = item => item.kind === 'class';
      items = [...nearby.filter(isClass), ...found, ...nearby.filter(item => !isClass(item)), ...lines];
      draw();
    } catch { /* what the page knows itself is shown */ }
  });
  const search = () => {
    const letters = field.value.trim().toLowerCase();
    items = local(letters);
    draw();
    remote(letters);
  };
  field.addEventListener('input', search);
  field.addEventListener('keydown', event => {
    const by = {ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8}[event.key];
    if (by) { at = Math.min(Math.max(0, at + by), Math.max(0, items.length - 1)); mark(); event.preventDefault(); }
    if (event.key === 'Enter') { event.preventDefault(); run(event.shiftKey); }
  });
  search();
  show(dialog, () => remote.cancel());
  field.focus();
}
