// The windows on the page: draws an arrangement, keeps the focus, and changes the arrangement by key, pointer and
// command.

import {element, fill, sign, announce, later, uniqueName} from './dom.js';
import {isSplit, stacks, windows, stackOf, parentOf, tidy, put, putBeside, take, written, read} from './arrangement.js';
import {makeDivider} from './divider.js';
import {makeDraggable} from './dragging.js';

export class Desk {
  /// `make(kind, state)` answers a window: {kind, title, element, state(), shown(), focus(), closed()}.
  constructor(host, {make, keep}) {
    Object.assign(this, {host, make});
    this.root = {windows: [], front: 0};
    this.save = later(200, () => keep(written(this.root)));
    host.addEventListener('focusin', event => this.#focused(event.target));
    host.addEventListener('pointerdown', event => this.#focused(event.target));
  }

  get all() { return windows(this.root); }

  arrange(kept) {
    for (const window of this.all) window.closed?.();
    this.root = tidy(read(kept, (kind, state) => this.#made(kind, state)));
    this.active = this.all[0];
    this.draw();
  }

  #made(kind, state) {
    const window = this.make(kind, state);
    if (!window) return null;
    window.panel = element('section.pane',
      {role: 'tabpanel', id: uniqueName('pane'), 'aria-label': window.title}, window.element);
    window.panel.window = window;
    window.retitle = title => {
      window.title = title;
      window.panel.setAttribute('aria-label', title);
      if (window.tab) window.tab.querySelector('.name').textContent = title;
      this.save();
    };
    return window;
  }

  /// Opens a window: beside `near` if a side is given, else in front of the stack that `near` is in.
  open(kind, state = {}, {near = this.active, side, focus = true} = {}) {
    const window = this.#made(kind, state);
    const stack = (near && stackOf(this.root, near)) ?? stacks(this.root)[0];
    if (side && stack.windows.length) this.root = putBeside(this.root, stack, window, side);
    else put(stack, window);
    this.draw();
    if (focus) this.focus(window);
    return window;
  }

  /// The window of that kind (and for which `test` holds), in front; opened if there is none.
  reveal(kind, {test = () => true, state = {}, focus = true, side, near} = {}) {
    const window = this.all.find(window => window.kind === kind && test(window));
    if (!window) return this.open(kind, state, {focus, side, near});
    this.bringForward(window);
    if (focus) this.focus(window);
    return window;
  }

  /// So many pixels of height, if the windows above and below can give them.
  giveHeight(window, pixels) {
    const stack = stackOf(this.root, window), parent = parentOf(this.root, stack);
    if (parent?.split !== 'column') return;
    const sum = parent.shares.reduce((a, b) => a + b, 0), at = parent.parts.indexOf(stack);
    const all = stack.element.parentElement.parentElement.clientHeight;
    const wanted = Math.min(0.72, pixels / all);
    const own = parent.shares[at] / sum;
    if (own >= wanted) return;
    parent.shares = parent.shares.map((share, i) => i === at ? wanted : share / sum * (1 - wanted) / (1 - own));
    this.draw();
  }

  bringForward(window) {
    const stack = stackOf(this.root, window);
    const at = stack.windows.indexOf(window);
    if (stack.front === at) return;
    stack.front = at;
    stack.windows.forEach((other, i) => this.#showTab(other, i === at));
    window.shown?.();
    this.save();
  }

  #showTab(window, isFront) {
    window.panel.hidden = !isFront;
    window.tab.setAttribute('aria-selected', String(isFront));
    window.tab.tabIndex = isFront ? 0 : -1;
  }

  focus(window) {
    this.bringForward(window);
    this.#activate(window);
    window.focus?.();
  }

  #focused(target) {
    const panel = target.closest?.('.pane');
    const tab = target.closest?.('.stack');
    const window = panel?.window ?? tab?.stack?.windows[tab.stack.front];
    if (window) this.#activate(window);
  }

  #activate(window) {
    this.active = window;
    for (const stack of this.host.querySelectorAll('.stack')) {
      stack.classList.toggle('active', stack.stack.windows.includes(window));
    }
  }

  close(window = this.active) {
    if (!window || window.keepsOpen?.()) return;
    const stack = stackOf(this.root, window);
    take(this.root, window);
    this.root = tidy(this.root);
    window.closed?.();
    const next = stack.windows[stack.front] ?? this.all[0];
    this.active = next;
    this.draw();
    if (next) this.focus(next);
    announce(`${window.title} is closed`);
  }

  /// The next window in reading order, or the one before.
  step(by) {
    const fronts = stacks(this.root).map(stack => stack.windows[stack.front]).filter(Boolean);
    const at = fronts.findIndex(window => stackOf(this.root, window).windows.includes(this.active));
    const to = fronts[(at + by + fronts.length) % fronts.length];
    if (to) this.focus(to);
  }

  /// Out of its stack to that side; a window that is alone goes into the stack that is there.
  move(side, window = this.active) {
    const stack = window && stackOf(this.root, window);
    if (!stack) return;
    if (stack.windows.length > 1) {
      take(this.root, window);
      this.root = putBeside(this.root, stack, window, side);
    } else {
      const neighbour = this.#neighbour(stack, side);
      if (!neighbour) return;
      take(this.root, window);
      put(neighbour, window);
      this.root = tidy(this.root);
    }
    this.draw();
    this.focus(window);
    announce(`${window.title} moved ${side}`);
  }

  /// Where a pointer let it go: onto a stack (`side` undefined), or to one of its sides.
  drop(window, stack, side) {
    if (stack.windows.length === 1 && stack.windows[0] === window) return;
    take(this.root, window);
    if (side) this.root = putBeside(this.root, stack, window, side);
    else put(stack, window);
    this.root = tidy(this.root);
    this.draw();
    this.focus(window);
  }

  #neighbour(stack, side) {
    const own = stack.element.getBoundingClientRect();
    const distance = {
      left: other => own.left - other.right, right: other => other.left - own.right,
      up: other => own.top - other.bottom, down: other => other.top - own.bottom,
    }[side];
    const overlaps = other => side === 'left' || side === 'right'
      ? other.top < own.bottom && other.bottom > own.top : other.left < own.right && other.right > own.left;
    return stacks(this.root)
      .map(other => ({other, box: other.element.getBoundingClientRect()}))
      .filter(({other, box}) => other !== stack && distance(box) >= -1 && overlaps(box))
      .sort((a, b) => distance(a.box) - distance(b.box))[0]?.other;
  }

  /// One stack over all of the desk, or back.
  zoom() {
    this.whole = !this.whole;
    this.draw();
    if (this.active) this.focus(this.active);
  }

  /// Of what is moved on the page, the focus and the places that lists are scrolled to stay what they are.
  draw() {
    const focused = document.activeElement;
    const scrolled = [
      ...this.host.querySelectorAll('*')
    ].filter(part => part.scrollTop).map(part => [part, part.scrollTop]);
    fill(this.host, this.#drawn(this.root));
    this.host.classList.toggle('whole', Boolean(this.whole));
    for (const stack of stacks(this.root)) stack.element.classList.toggle('zoomed',
      stack.windows.includes(this.active));
    this.#activate(this.active);
    this.shown();
    for (const [part, place] of scrolled) part.scrollTop = place;
    if (focused !== document.activeElement && focused?.isConnected) focused.focus({preventScroll: true});
    this.save();
  }

  /// Windows have another size.
  shown() { for (const stack of stacks(this.root)) stack.windows[stack.front]?.shown?.(); }

  #drawn(node) {
    if (!isSplit(node)) return this.#drawnStack(node);
    const drawn = element(`div.split.${node.split === 'row' ? 'across' : 'down'}`);
    const parts = node.parts.map((part, i) => {
      const made = element('div.part', {}, this.#drawn(part));
      made.style.flexGrow = node.shares[i];
      return made;
    });
    parts.forEach((part, i) => {
      if (i > 0) drawn.append(makeDivider(node, i, parts, () => { this.shown(); this.save(); }));
      drawn.append(part);
    });
    return drawn;
  }

  #drawnStack(stack) {
    const tabs = element('div', {role: 'tablist', 'aria-label': 'Windows here'});
    const drawn = element('div.stack', {}, element('div.tabs', {}, tabs, element('div.tools', {},
      sign('✕', 'Close this window (Alt-W)', () => this.close(stack.windows[stack.front])))));
    drawn.stack = stack;
    stack.element = drawn;
    stack.windows.forEach((window, i) => {
      const isFront = i === stack.front;
      const tab = element('button.tab', {
        type: 'button', role: 'tab', 'aria-selected': String(isFront), 'aria-controls': window.panel.id,
        tabIndex: isFront ? 0 : -1,
        onclick: () => this.focus(window),
        onkeydown: event => this.#tabKey(event, stack, i),
      }, element('span.name', {}, window.title), window.badge);
      window.tab = tab;
      makeDraggable(tab, window, this);
      tabs.append(tab);
      window.panel.hidden = !isFront;
      window.panel.setAttribute('aria-labelledby', tab.id = tab.id || uniqueName('tab'));
      drawn.append(window.panel);
    });
    if (!stack.windows.length) {
      drawn.append(
        element('div.empty', {},
          element('p', {}, 'Nothing is open here. Ctrl-K opens classes, methods and windows; F1 lists all keys.'))
      );
    }
    return drawn;
  }

  #tabKey(event, stack, i) {
    const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!by || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    const window = stack.windows[(i + by + stack.windows.length) % stack.windows.length];
    this.bringForward(window);
    this.#activate(window);
    window.tab.focus();
  }
}
