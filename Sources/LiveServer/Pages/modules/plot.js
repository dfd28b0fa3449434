// Small drawings of numbers over time. Colours come from the style sheet, so they follow the theme.

import {shownTime} from './now.js';

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const probe = document.createElement('span');

const colours = new Map();
// Before those that draw anew because of it.
addEventListener('theme', () => colours.clear(), {capture: true});

/// The colour itself: canvases do not know `light-dark()`.
function inked(name) {
  if (!colours.has(name)) colours.set(name, computed(name));
  return colours.get(name);
}

function computed(name) {
  probe.style.color = `var(${name})`;
  if (!probe.isConnected) {
    probe.className = 'unseen';
    document.body.append(probe);
  }
  return getComputedStyle(probe).color || colour(name);
}

/// Of each canvas: asking the page for it would lay out whatever has changed.
const sizes = new WeakMap();
const resizes = new ResizeObserver(entries => {
  for (const {target} of entries) sizes.set(target, {width: target.clientWidth, height: target.clientHeight});
});

function sizeOf(canvas) {
  if (!sizes.has(canvas)) {
    sizes.set(canvas, {width: canvas.clientWidth, height: canvas.clientHeight});
    resizes.observe(canvas);
  }
  return sizes.get(canvas);
}

/// Fits a canvas to its place on the page, in the screen's own pixels; answers its context, scaled to CSS pixels.
function fitted(canvas) {
  const ratio = devicePixelRatio || 1, {width, height} = sizeOf(canvas);
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    // Another size forgets it, nothing else does; and the browser lays the page out to understand it.
    canvas.getContext('2d').font = `600 10px ${getComputedStyle(document.body).fontFamily}`;
  }
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return {context, width, height};
}

/// points: [{time, value}], of which those in the last `span` seconds are shown; marks: [{time, text}] are upright
/// lines.
export function drawPlot(canvas, points,
  {span = 60, now = shownTime.now(), marks = [], fromZero = false, filled = false} = {}) {
  const {context, width, height} = fitted(canvas);
  if (!width || !height) return;
  const x = time => width - 6 - (now - time) / span * (width - 12);
  const shown = points.filter((point, i) => point.time >= now - span || points[i + 1]?.time >= now - span);
  const values = shown.map(point => point.value);
  let low = fromZero ? 0 : Math.min(...values), high = Math.max(...values);
  if (!(high > low)) { low = fromZero ? 0 : low - 1; high = Math.max(high, low) + 1; }
  const top = marks.length ? 14 : 5;
  const y = value => height - 5 - (value - low) / (high - low) * (height - top - 5);
  context.strokeStyle = inked('--line');
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, height - 0.5);
  context.lineTo(width, height - 0.5);
  context.stroke();
  drawMarks(context, marks.filter(mark => mark.time > now - span), x, height);
  if (!shown.length) return;
  context.beginPath();
  shown.forEach(
    (point, i) => i ? context.lineTo(x(point.time), y(point.value)) : context.moveTo(x(point.time), y(point.value))
  );
  context.strokeStyle = inked('--accent');
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.stroke();
  if (filled && shown.length > 1) {
    context.lineTo(x(shown.at(-1).time), height);
    context.lineTo(x(shown[0].time), height);
    context.globalAlpha = 0.14;
    context.fillStyle = inked('--accent');
    context.fill();
    context.globalAlpha = 1;
  }
  const last = shown.at(-1);
  context.beginPath();
  context.arc(x(last.time), y(last.value), 2.5, 0, 7);
  context.fillStyle = inked('--accent');
  context.fill();
}

function drawMarks(context, marks, x, height) {
  const places = marks.map(mark => Math.round(x(mark.time)) + 0.5);
  context.strokeStyle = inked('--draft');
  context.lineWidth = 1;
  context.setLineDash([3, 2]);
  context.beginPath();
  for (const at of places) {
    context.moveTo(at, 2);
    context.lineTo(at, height - 1);
  }
  context.stroke();
  context.setLineDash([]);
  // Numbers, newest first, as long as there is room.
  let free = Infinity;
  for (let i = marks.length - 1; i >= 0; i--) {
    const width = context.measureText(marks[i].text).width + 4;
    if (places[i] + width > free) continue;
    context.fillStyle = inked('--pane');
    context.fillRect(places[i] + 1, 1, width, 11);
    context.fillStyle = inked('--draft');
    context.fillText(marks[i].text, places[i] + 3, 10);
    free = places[i] - 2;
  }
}
