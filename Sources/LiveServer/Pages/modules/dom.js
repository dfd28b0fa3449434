// Making elements, and the few habits that all windows share: lists that the arrow keys move in, words for what
// changed.

/// `element('button.main', {onclick: f, 'aria-label': 'x'}, 'text', child, [more])`; nil children are left out.
export function element(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  const made = document.createElement(tag || 'div');
  if (classes.length) made.className = classes.join(' ');
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (key in made && !key.startsWith('aria') && key !== 'role' && key !== 'list') made[key] = value;
    else made.setAttribute(key, value === true ? '' : value);
  }
  fill(made, children, true);
  return made;
}

/// Replaces the children (or adds them).
export function fill(parent, children, adding = false) {
  const flat = [children].flat(4).filter(child => child !== undefined && child !== null && child !== false);
  if (adding) parent.append(...flat);
  else parent.replaceChildren(...flat);
  return parent;
}

export const button = (label, onclick, attributes = {}, look = '') =>
  element(look ? `button.${look}` : 'button', {type: 'button', onclick, ...attributes}, label);

/// A button that shows a sign: `label` is what it says to who cannot see it, and in its tool tip.
export const sign = (text, label, onclick, attributes = {}) =>
  element('button.plain', {type: 'button', onclick, 'aria-label': label, title: label, ...attributes},
    element('span', {'aria-hidden': 'true'}, text));

let announcements = 0;
/// Says something to who listens to the page instead of looking at it.
export function announce(text) {
  const place = document.getElementById('announcer');
  // The same text twice would be no change, and not be said.
  if (place) place.textContent = text + (announcements++ % 2 ? '\u00a0' : '');
}

export function later(milliseconds, action) {
  let timer = null;
  const call = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => { timer = null; action(...values); }, milliseconds);
  };
  call.cancel = () => clearTimeout(timer);
  call.pending = () => timer !== null;
  return call;
}

/// Once before the next frame is shown, however often it is asked for: nobody sees more, and what comes in is not held up.
export function onFrame(action) {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => { isAsked = false; action(); });
  };
}

let names = 0;
export const uniqueName = prefix => `${prefix}-${++names}`;

/// Asks for a line of text in a dialog: answers the text, or null.
export function ask(title, {label = '', value = '', hint = '', action = 'OK'} = {}) {
  return new Promise(answer => {
    const field = element('input.mono', {value, 'aria-label': label || title});
    field.style.width = '100%';
    const dialog = element('dialog', {'aria-label': title},
      element('header', {}, element('h2', {}, title)),
      element('div.body', {}, label && element('p', {}, label), field, hint && element('p.quiet', {}, hint)),
      element('footer', {}, button('Cancel', () => dialog.close()),
        button(action, () => dialog.close('yes'), {}, 'main')));
    field.addEventListener('keydown',
      event => { if (event.key === 'Enter') { event.preventDefault(); dialog.close('yes'); } });
    show(dialog, () => answer(dialog.returnValue === 'yes' ? field.value : null));
    field.select();
  });
}

/// Shows a dialog; it goes when it is closed, and the focus returns to where it was.
export function show(dialog, closed = () => {}) {
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before && before.isConnected) before.focus();
    closed();
  }, {once: true});
  dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });
  dialog.showModal();
  return dialog;
}
