// The canvas of the program: the latest frame at the display's next refresh; pointer and keys go to the program.

import {element} from './dom.js';
import {FrameReader, frameHeader} from './frame-reader.js';

const headerBytes = 8;
/// So many pages watch; the server is told when the first one comes and the last one goes.
let watching = 0;

export class PictureView {
  title = 'Picture';

  constructor(app) {
    this.app = app;
    this.canvas = element('canvas',
      {tabIndex: 0, role: 'img',
        'aria-label': 'Picture that the program draws; keys that are pressed here go to the program', hidden: true});
    this.empty = element('div.empty', {}, 'The program has not drawn anything.');
    this.element = element('div.picture-place', {}, this.canvas, this.empty);
    this.note = element('span.number');
    this.reader = new FrameReader(this.canvas.getContext('2d'));
    this.offs = [app.session.on('frame', data => this.#frame(data)),
      app.session.on('welcome', () => this.#tell(true)), app.session.on('statistics', () => this.#count())];
    this.drawn = 0;
    watching += 1;
    this.#tell(true);
    this.observer = new ResizeObserver(() => this.#fit());
    this.observer.observe(this.element);
    this.#listen();
  }

  #tell(isWatched) {
    if (this.app.session.connection.state === 'open') this.app.session.request('canvas', {isWatched}).catch(() => {});
  }

  closed() {
    for (const off of this.offs) off();
    this.observer.disconnect();
    watching -= 1;
    if (!watching) this.#tell(false);
  }

  #frame(data) {
    if (!data) return this.#blank();
    if (new DataView(data).getUint8(0) !== 1) return;
    this.latest = data;
    if (this.asked) return;
    this.asked = true;
    this.#soon();
  }

  #soon() {
    if (this.app.session.isWaitedFor) return void setTimeout(() => this.#soon(), 10);
    requestAnimationFrame(() => {
      this.asked = false;
      this.#draw();
    });
  }

  #draw() {
    const data = this.latest, header = data && frameHeader(data, headerBytes);
    if (!header) return;
    const number = new DataView(data).getUint32(4, true);
    try {
      if (header.version !== 1) throw new RangeError('this page is older than the program: reload it');
      if (header.width !== this.size?.width || header.height !== this.size?.height) {
        this.size = header;
        this.#fit();
      }
      this.reader.draw(data, headerBytes, header, this.ratio);
      this.number = header.canvas;
      this.drawn += 1;
      if (this.canvas.hidden) this.#reveal();
    } catch (error) {
      this.empty.textContent = `The picture cannot be shown: ${error.message}`;
      this.empty.hidden = false;
    }
    this.app.session.connection.tell('drawn', {frame: number});
  }

  /// At the beginning of a recording, where nothing was drawn yet.
  #blank() {
    this.latest = null;
    this.canvas.hidden = true;
    this.empty.hidden = false;
  }

  #reveal() {
    this.canvas.hidden = false;
    this.empty.hidden = true;
    this.element.closest('.view-picture')?.classList.remove('blank');
    this.#fit();
  }

  #fit() {
    if (!this.size) return this.element.closest('.view-picture')?.classList.add('blank');
    const {clientWidth, clientHeight} = this.element, {width, height} = this.size;
    const scale = Math.min(clientWidth / width, clientHeight / height) || 1;
    const before = this.ratio;
    this.canvas.style.width = `${width * scale}px`;
    this.canvas.style.height = `${height * scale}px`;
    this.ratio = scale * (devicePixelRatio || 1);
    this.scale = scale;
    const pixels = [Math.max(1, Math.round(width * this.ratio)), Math.max(1, Math.round(height * this.ratio))];
    if (this.canvas.width !== pixels[0] || this.canvas.height !== pixels[1]) {
      [this.canvas.width, this.canvas.height] = pixels;
    }
    if (before !== this.ratio && this.latest && !this.canvas.hidden) this.#redraw();
  }

  #redraw() {
    try { this.reader.draw(this.latest, headerBytes, this.size, this.ratio); } catch { /* it was told when it came */ }
  }

  #count() {
    this.note.textContent = this.drawn ? `${this.drawn} frames/s` : '';
    this.drawn = 0;
  }

  #listen() {
    const send = event => this.app.session.connection.tell('canvasEvent', {canvas: this.number, ...event});
    const place = event => {
      const box = this.canvas.getBoundingClientRect();
      return {x: Math.round((event.clientX - box.left) / this.scale * 10) / 10,
        y: Math.round((event.clientY - box.top) / this.scale * 10) / 10};
    };
    const {canvas} = this;
    canvas.addEventListener('pointerdown', event => {
      canvas.focus();
      canvas.setPointerCapture(event.pointerId);
      send({kind: 'pointerDown', button: event.button, ...place(event)});
    });
    canvas.addEventListener('pointerup', event => send({kind: 'pointerUp', button: event.button, ...place(event)}));
    let moved = null;
    canvas.addEventListener('pointermove', event => {
      // One move for each refresh is enough.
      if (!moved) requestAnimationFrame(() => { send({kind: 'pointerMove', ...moved}); moved = null; });
      moved = place(event);
    });
    canvas.addEventListener('wheel', event => {
      if (document.activeElement !== canvas) return;
      event.preventDefault();
      send({kind: 'wheel', x: event.deltaX, y: event.deltaY});
    }, {passive: false});
    canvas.addEventListener('contextmenu', event => event.preventDefault());
    for (const [name, kind] of [['keydown', 'keyDown'], ['keyup', 'keyUp']]) {
      canvas.addEventListener(name, event => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.key === 'Tab' || /^F\d/.test(event.key)) return;
        event.preventDefault();
        if (!event.repeat) send({kind, key: event.key});
      });
    }
  }

  shown() { this.#fit(); }
  focus() {
    this.canvas.hidden ? this.element.closest('section')?.querySelector('.fold')?.focus() : this.canvas.focus();
  }
}
