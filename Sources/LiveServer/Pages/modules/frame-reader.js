// Draws the bytes of a frame (docs/canvas.md) into a 2D context.

const alignments = ['left', 'center', 'right'];
const text = new TextDecoder();

/// Of the bytes from `start` on: {version, width, height, canvas, frame}; null if they are too short.
export function frameHeader(buffer, start) {
  if (buffer.byteLength < start + 16) return null;
  const view = new DataView(buffer, start);
  return {version: view.getUint8(0), width: view.getUint16(2, true), height: view.getUint16(4, true),
    canvas: view.getUint32(8, true), frame: view.getUint32(12, true)};
}

const css = (view,
  at) => `rgba(${view.getUint8(at)},${view.getUint8(at + 1)},${view.getUint8(at + 2)},${view.getUint8(at + 3) / 255})`;

/// Colours come again and again in a frame; each is made a text once.
const colours = new Map();
function colour(view, at) {
  const key = view.getUint32(at);
  let found = colours.get(key);
  if (!found) {
    if (colours.size > 4096) colours.clear();
    colours.set(key, found = css(view, at));
  }
  return found;
}

export class FrameReader {
  constructor(context) { this.context = context; }

  /// `ratio`: pixels of the screen for one of the canvas. Answers how many operations it had; throws `RangeError` if
  /// the bytes end in the middle of one.
  draw(buffer, start, {width, height}, ratio) {
    const view = new DataView(buffer, start), {context: c} = this;
    let at = 16, count = 0, fill = '#000', stroke = null, size = 16, align = 'left';
    const pens = [];
    const f = () => { const value = view.getFloat32(at, true); at += 4; return value; };
    const paint = () => { if (fill) c.fill(); if (stroke) c.stroke(); };
    // The browser looks at the styles of the page for it, so only who writes has a font.
    let written = null;
    const font = () => { if (written !== size) c.font = `${written = size}px system-ui, "DejaVu Sans", sans-serif`; };
    c.reset?.();
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (!c.reset) c.clearRect(0, 0, width, height);
    c.fillStyle = fill;
    c.lineWidth = 1;
    c.lineCap = c.lineJoin = 'round';
    while (at < view.byteLength) {
      count += 1;
      switch (view.getUint8(at++)) {
        case 0x01: c.fillStyle = fill = colour(view, at); at += 4; break;
        case 0x02: fill = null; break;
        case 0x03: c.strokeStyle = stroke = colour(view, at); at += 4; break;
        case 0x04: stroke = null; break;
        case 0x05: c.lineWidth = f(); break;
        case 0x06: c.globalAlpha = f(); break;
        case 0x07: size = f(); break;
        case 0x08: c.textAlign = align = alignments[view.getUint8(at++)] ?? 'left'; break;
        case 0x10: c.save(); pens.push([fill, stroke, size, align]); break;
        case 0x11:
          if (pens.length) { [fill, stroke, size, align] = pens.pop(); c.restore(); written = null; }
          break;
        case 0x12: c.translate(f(), f()); break;
        case 0x13: c.rotate(f()); break;
        case 0x14: c.scale(f(), f()); break;
        case 0x20:
          c.save();
          c.setTransform(ratio, 0, 0, ratio, 0, 0);
          c.globalAlpha = 1;
          c.clearRect(0, 0, width, height);
          c.fillStyle = colour(view, at);
          at += 4;
          c.fillRect(0, 0, width, height);
          c.restore();
          break;
        case 0x21: c.beginPath(); c.rect(f(), f(), f(), f()); paint(); break;
        case 0x22: c.beginPath(); c.roundRect(f(), f(), f(), f(), f()); paint(); break;
        case 0x23: c.beginPath(); c.arc(f(), f(), f(), 0, 2 * Math.PI); paint(); break;
        case 0x24: c.beginPath(); c.ellipse(f(), f(), f(), f(), 0, 0, 2 * Math.PI); paint(); break;
        case 0x25: {
          const x = f(), y = f(), radius = f(), from = f(), to = f();
          if (fill) { c.beginPath(); c.moveTo(x, y); c.arc(x, y, radius, from, to); c.closePath(); c.fill(); }
          if (stroke) { c.beginPath(); c.arc(x, y, radius, from, to); c.stroke(); }
          break;
        }
        case 0x26: c.beginPath(); c.moveTo(f(), f()); c.lineTo(f(), f()); if (stroke) c.stroke(); break;
        case 0x27: case 0x28: {
          const isClosed = view.getUint8(at - 1) === 0x27, points = view.getUint32(at, true);
          at += 4;
          if (points > (view.byteLength - at) / 8) throw new RangeError('a frame ends in the middle of its points');
          c.beginPath();
          for (let i = 0; i < points; i++) i ? c.lineTo(f(), f()) : c.moveTo(f(), f());
          if (isClosed) { c.closePath(); paint(); } else if (stroke) c.stroke();
          break;
        }
        case 0x29: {
          const x = f(), y = f(), length = view.getUint32(at, true);
          at += 4;
          if (fill) {
            font();
            c.fillText(text.decode(new Uint8Array(buffer, start + at, length)), x, y);
          }
          at += length;
          break;
        }
        case 0x30: c.beginPath(); break;
        case 0x31: c.moveTo(f(), f()); break;
        case 0x32: c.lineTo(f(), f()); break;
        case 0x33: c.quadraticCurveTo(f(), f(), f(), f()); break;
        case 0x34: c.bezierCurveTo(f(), f(), f(), f(), f(), f()); break;
        case 0x35: c.closePath(); break;
        case 0x36: paint(); break;
        default: throw new RangeError('a frame has an operation that this page does not know');
      }
    }
    return count;
  }
}
