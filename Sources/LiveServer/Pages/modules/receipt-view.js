// A receipt with what has followed it, in words.

import {element} from './dom.js';
import {methodName, duration, plural} from './names.js';

/// "Flow>>methB v1 → v2"
export function changeWords(receipt) {
  const words = (receipt.methods ?? []).map(({method, before, after}) => {
    const name = methodName(method);
    if (!after) return `${name} removed`;
    if (!before) return `${name} new, v${after}`;
    return before === after ? `${name} stays v${after}` : `${name} v${before} → v${after}`;
  });
  for (const change of receipt.classes ?? []) {
    words.push(change.superclass
      ? `${change.name} is below ${change.superclass}`
        : `${change.name} has the fields ${change.fields.join(', ') || '(none)'}`);
  }
  for (const name of receipt.loaded ?? []) words.push(`${name} is new`);
  for (const name of receipt.restored ?? []) words.push(`${name} is back`);
  for (const {name} of receipt.removed ?? []) words.push(`${name} removed`);
  for (const {old, new: name, from, to} of receipt.renamed ?? []) words.push(`${old ?? from} is ${name ?? to}`);
  return words;
}

const line = (sign, words, look = '') => element(`div.then${look ? `.${look}` : ''}`, {},
  element('span.sign', {'aria-hidden': 'true'}, sign), element('span', {}, words));

const hasCode = receipt => (receipt.methods ?? []).some(({before, after}) => after && before !== after);

const policies = {
  next: 'finishes with the old code', restart: 'starts again with the new code',
  migrate: 'goes on in the new code at the head of its loop',
};

export function receiptView(record) {
  const {receipt} = record;
  if (receipt.errors?.length) return refusedView(receipt);
  const changes = changeWords(receipt);
  return element('div.receipt', {},
    element('div.first', {},
      element('strong', {}, `Accept ${receipt.id}`),
      element('span', {}, changes.length ? changes.join(', ') : 'nothing is otherwise'),
      element('span.quiet', {}, receipt.author ? `by ${receipt.author}` : ''),
      latencyView(receipt.latency)),
    hasCode(receipt) && !record.isOld ? stateView(record) : null,
    effectLines(receipt), record.isOld ? [] : epilogueLines(record));
}

/// Whether it was executed, optimized, settled: three marks, which come as it happens.
function stateView(record) {
  const {receipt, effects, reoptimized, settled} = record;
  const mark = (isDone, sign, done, waiting) => element(`span.mark${isDone ? '.fast' : ''}`, {},
    element('span', {'aria-hidden': 'true'}, isDone ? sign : '…'), isDone ? done() : waiting);
  return element('div.first', {},
    mark(effects.length, '▶', () => `executed after ${duration(effects[0].microseconds)}`,
      'installed, not executed yet'),
    receipt.invalidated?.length
      ? mark(reoptimized.length, '⚡', () => `fast again after ${duration(reoptimized[0].microseconds)}`,
        'to be optimized again') : null,
    mark(settled !== undefined, '✓', () => `settled after ${duration(settled)}`, 'old activations may still run'));
}

/// What the accept itself did.
function effectLines(receipt) {
  const lines = [];
  for (const unit of receipt.invalidated ?? []) {
    lines.push(line('↯', [`invalidated ${unit.name}: `, element('span.quiet', {}, unit.dependency),
      unit.frames ? `, ${plural(unit.frames, 'live activation')}` : '']));
  }
  // Several units may have it inlined at the same place.
  const sites = (receipt.callSites ?? []).map(
    ({callee, caller, line}) => `${callee} was inlined in ${caller}, line ${line}`
  );
  for (const words of new Set(sites)) lines.push(line('⤵', words));
  for (const {process, method, line: number, policy} of receipt.policyEffects ?? []) {
    lines.push(line('↻', `process ${process}: ${methodName(method)}, line ${number}, ${policies[policy]}`));
  }
  for (const {method, name} of receipt.mentions ?? []) {
    lines.push(line('!', `${methodName(method)} still says ${name}`, 'wrong'));
  }
  if (!receipt.invalidated?.length && receipt.methods?.length) {
    lines.push(line('○', 'No compiled code relied on it.', 'waiting'));
  }
  for (const problem of [receipt.logFailure, receipt.fileFailure]) if (problem) lines.push(line('!', problem, 'wrong'));
  return lines;
}

/// What came after.
function epilogueLines(record) {
  const lines = [];
  for (const {method, microseconds, sender} of record.effects) {
    const place = sender ? `, sent in ${sender.caller}, line ${sender.line}, process ${sender.process}` : '';
    lines.push(line('▶', `${methodName(method)} ran first after ${duration(microseconds)}${place}`, 'fast'));
  }
  for (const {name, microseconds} of record.reoptimized) {
    lines.push(line('⚡', `optimized again: ${name}, after ${duration(microseconds)}`, 'fast'));
  }
  if (record.settled !== undefined) {
    lines.push(line('✓', `settled after ${duration(record.settled)}: nothing runs what it has replaced`, 'fast'));
  }
  if (record.takesBack) {
    const {receipt, error} = record.takesBack;
    lines.push(line('↶', `takes accept ${receipt} back by itself, since: ${error}`, 'wrong'));
  }
  if (record.takenBack) {
    const {by, error} = record.takenBack;
    lines.push(line('↶', by?.errors?.length
      ? `could not be taken back, since: ${error}` : `taken back by accept ${by?.id}, since: ${error}`, 'wrong'));
  }
  if (record.answered !== undefined) {
    const seen = record.seen
      ? `, ${record.seen.toFixed(1)} ms to its first run, shown after ${record.shown.toFixed(1)} ms` : '';
    lines.push(line('·', `in this page's clock: ${record.answered.toFixed(1)} ms from the key to the receipt${seen}`,
      'waiting'));
  }
  return lines;
}

const partNames = ['waiting', 'parsing', 'installing', 'invalidating'];

function latencyView(latency) {
  if (!latency) return null;
  const words = `${latency.total} µs: ${partNames.map(name => `${name} ${latency[name]}`).join(', ')}`;
  const parts = element('span.parts', {'aria-hidden': 'true'}, partNames.map(name => {
    const part = element('i');
    part.style.flexGrow = latency[name];
    return part;
  }));
  return element('span.number', {title: words}, element('span.unseen', {}, words),
    element('span', {'aria-hidden': 'true'}, duration(latency.total)), parts);
}

function refusedView(receipt) {
  return element('div.receipt', {},
    element('div.first', {}, element('span.mark.wrong', {}, '✗ refused'), element('span', {}, 'Nothing has changed.')),
    receipt.errors.map(error => line('✗', [
      error.line ? `line ${error.line}, column ${error.column ?? 1}: ` : '', error.message,
      error.expected && !error.message.includes(error.expected) ? `, expected ${error.expected}` : '',
      error.remedy ? element('span.quiet', {}, ` ${error.remedy}`) : '',
    ], 'wrong')));
}
