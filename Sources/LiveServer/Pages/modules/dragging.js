// A tab that is dragged: a rectangle shows where its window would go, onto a stack or to one of its sides.

import {element} from './dom.js';

export function makeDraggable(tab, window, desk) {
  tab.addEventListener('pointerdown', down => {
    if (down.button !== 0) return;
    let shade, target;
    const move = event => {
      if (!shade && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < 8) return;
      shade ??= document.body.appendChild(element('div.drop'));
      target = place(event, desk);
      shade.hidden = !target;
      if (!target) return;
      shade.style.position = 'fixed';
      for (const side of ['left', 'top', 'width', 'height']) shade.style[side] = `${target.box[side]}px`;
    };
    const stop = event => {
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', stop);
      removeEventListener('keydown', escape, true);
      shade?.remove();
      if (shade && target && event) desk.drop(window, target.stack, target.side);
    };
    const escape = event => { if (event.key === 'Escape') stop(); };
    addEventListener('pointermove', move);
    addEventListener('pointerup', stop);
    addEventListener('keydown', escape, true);
  });
}

function place(event, desk) {
  const found = document.elementFromPoint(event.clientX, event.clientY)?.closest('.stack');
  if (!found || !desk.host.contains(found)) return null;
  const {left, top, width, height} = found.getBoundingClientRect();
  const x = (event.clientX - left) / width, y = (event.clientY - top) / height;
  const edges = [['left', x], ['right', 1 - x], ['up', y], ['down', 1 - y]].sort((a, b) => a[1] - b[1]);
  const isOnTabs = event.clientY - top < 32;
  const side = !isOnTabs && edges[0][1] < 0.25 ? edges[0][0] : undefined;
  const box = {
    undefined: {left, top, width, height},
    left: {left, top, width: width / 2, height}, right: {left: left + width / 2, top, width: width / 2, height},
    up: {left, top, width, height: height / 2}, down: {left, top: top + height / 2, width, height: height / 2},
  }[side];
  return {stack: found.stack, side, box};
}
