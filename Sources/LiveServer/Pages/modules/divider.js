// The line between two windows, which the pointer or the arrow keys move.

import {element} from './dom.js';

const smallest = 0.08;

/// Between parts i - 1 and i of a split.
export function makeDivider(split, i, parts, moved) {
  const isRow = split.split === 'row';
  const divider = element('div.divider', {
    role: 'separator', tabIndex: 0, 'aria-orientation': isRow ? 'vertical' : 'horizontal',
    'aria-label': isRow ? 'Width of the windows to the left' : 'Height of the windows above',
    'aria-valuemin': 0, 'aria-valuemax': 100,
  });
  const both = () => split.shares[i - 1] + split.shares[i];
  const say = () => divider.setAttribute('aria-valuenow', Math.round(100 * split.shares[i - 1] / both()));
  const set = share => {
    const sum = both(), bounded = Math.min(Math.max(share, smallest), 1 - smallest);
    split.shares[i - 1] = sum * bounded;
    split.shares[i] = sum * (1 - bounded);
    parts[i - 1].style.flexGrow = split.shares[i - 1];
    parts[i].style.flexGrow = split.shares[i];
    say();
    moved();
  };
  say();
  divider.addEventListener('pointerdown', event => {
    divider.setPointerCapture(event.pointerId);
    const first = parts[i - 1].getBoundingClientRect(), second = parts[i].getBoundingClientRect();
    const from = isRow ? first.left : first.top, size = isRow ? second.right - first.left : second.bottom - first.top;
    const drag = move => set(((isRow ? move.clientX : move.clientY) - from) / size);
    divider.addEventListener('pointermove', drag);
    divider.addEventListener('lostpointercapture', () => divider.removeEventListener('pointermove', drag),
      {once: true});
    event.preventDefault();
  });
  divider.addEventListener('dblclick', () => set(0.5));
  divider.addEventListener('keydown', event => {
    const by = isRow ? {ArrowLeft: -1, ArrowRight: 1}[event.key] : {ArrowUp: -1, ArrowDown: 1}[event.key];
    if (!by || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    set(split.shares[i - 1] / both() + by * 0.03);
  });
  return divider;
}
