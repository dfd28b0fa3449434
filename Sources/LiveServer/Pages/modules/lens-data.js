// What the runtime says of a method's code, line by line: tier, what is inlined there, where it was left and why. Made
// of a `LensReport`; of a `TierReport`, where there is no more.

import {duration, plural} from './names.js';

export const tierWords = {
  primitive: 'a primitive: machine code of the virtual machine', compiled: 'compiled', interpreted: 'interpreted',
  baseline: 'baseline code',
  notRun: 'has not run', inlined: 'runs compiled, as a part of code that has it inlined',
};

/// Of the answer to `lens`: {tier, words, lines: Map(line of the method → {tier, notes, inlines, left}), inlinedIn,
/// facts, firstLine}; facts are pairs of what and words.
export function lensData({tier, lens}, text) {
  return lens ? fromLens(lens) : fromTier(tier, text);
}

const words = (method, version, tier) =>
  `${method} v${version} ${tier === 'notRun' || tier === 'inlined' ? tierWords[tier] : `is ${tierWords[tier]}`}`;

const line = tier => ({tier, notes: [], inlines: 0, left: 0});

function inlines(entry, callee) {
  entry.inlines += 1;
  entry.notes.push({callee, words: `${callee} is inlined here`});
}

const origin = unit => unit.isFromCache ? 'from the cache' : `in ${duration(unit.compileTime)}`;
const author = entry => entry.receipt ? `accept ${entry.receipt}` : 'the machine';

function fromLens(lens) {
  const own = new Set(lens.units.map(unit => unit.name));
  // What is compiled by itself, too, runs in the code of others where it is inlined.
  const isElsewhere = units => units.some(unit => !own.has(unit));
  const inlinedIn = lens.inlinedInto.filter(place => place.caller !== lens.method);
  const lines = new Map(lens.lines.map(found => {
    const entry = line(found.tier === 'compiled' && isElsewhere(found.units) ? 'inlined' : found.tier);
    for (const callee of found.inlined) inlines(entry, callee);
    entry.left = found.deoptimizations;
    return [found.line, entry];
  }));
  for (const {line: number, count, explanation} of lens.deoptimizations) {
    lines.get(number)?.notes.push({words: `compiled code was left here ${plural(count, 'time')}: ${explanation}`});
  }
  const tier = inlinedIn.length && lens.tier !== 'primitive' ? 'inlined' : lens.tier;
  const facts = [];
  for (const unit of lens.units) {
    facts.push(['code',
      `${unit.name}: compiled ${duration(unit.age)} ago, ${origin(unit)}`
      + `${unit.deoptimizations ? `, left ${plural(unit.deoptimizations, 'time')}` : ''}`]);
  }
  for (const fact of new Set(lens.units.flatMap(unit => unit.dependencies))) facts.push(['relies on', fact]);
  for (const place of lens.deoptimizations) facts.push(
    [`line ${place.line}`, `left ${plural(place.count, 'time')}: ${place.explanation}`]
  );
  for (const entry of [...lens.invalidations].reverse()) {
    facts.push(
      [
        'invalidated',
        `${entry.unit}, ${duration(entry.age)} ago, by ${author(entry)}: ${entry.reason}`
      ]
    );
  }
  return {tier, lines, inlinedIn, facts, note: lens.note, firstLine: lens.firstLine,
    words: words(lens.method, lens.version, tier)};
}

/// A line with nothing but white space or a closing bracket is not shown as code.
const isCode = text => /[^\s)\].|]/.test(text);

function fromTier(report, text) {
  const tier = report.tier === 'interpreted' && report.inlined.length ? 'inlined' : report.tier;
  const lines = new Map(text.split('\n').map((words, i) => [i + 1, line(isCode(words) ? tier : null)]));
  const facts = report.units.map(unit => ['code', `${unit.name}: compiled in ${duration(unit.compileMicroseconds)}`]);
  return {tier, lines, inlinedIn: report.inlined, facts, note: report.note,
    words: words(report.method, report.version, tier)};
}
