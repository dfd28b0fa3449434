// The requests that a recording can answer, from what the session was at the moment that is shown.

import {methodKey, methodName} from './names.js';
import {lineDifference} from './line-difference.js';
import {answerKey} from './recorded-state.js';

const refusal = (code, message, remedy) => ({error: {code, message, remedy}});
const readOnly = refusal('recording', 'This is a recording: nothing runs in it, and nothing can be changed.');
const notRecorded = what => refusal('notRecorded', `${what} is not in the recording.`);
const notAsked = what => refusal('notRecorded', `${what} is not in the recording: nobody had looked at it before this moment.`);

/// The result of a request, or {error}.
export function answerFrom(state, request, parameters) {
  const known = state.answers.get(answerKey(request, parameters));
  if (known) return known;
  const answer = answers[request];
  return answer ? answer(state, parameters) : readOnly;
}

const answers = {
  presence: () => ({}), canvas: () => ({}), draft: () => ({}), ping: () => ({}),
  check: () => ({findings: []}), complete: () => ({prefix: '', items: []}),
  lens: (state, {method}) => notAsked(`How ${methodName(asKey(method))} ran`),
  senders: (state, {selector}) => notAsked(`Who sends ${selector}`),
  references: (state, {name}) => notAsked(`Who names ${name}`),
  stack: (state, {process}) => notAsked(`The stack of process ${process}`),
  activation: () => notAsked('This activation'),
  inspect: () => notAsked('This object'),
  classes: state => ({classes: state.readableClasses, loadable: []}),
  class: (state, {name}) => withSource(state, name, ({class: report, comment, methods, isLibrary}) =>
    ({class: report, comment, methods, isLibrary})),
  classText: (state, {name}) => withSource(state, name, ({text}) => ({text: text ?? ''})),
  method: (state, {method}) => {
    const key = asKey(method);
    return withSource(state, key.className, source => methodAnswer(state, key, source));
  },
  implementors: (state, {selector}) => ({methods: everyMethod(state).filter(method => method.selector === selector)}),
  search(state, {text, limit = 200}) {
    const letters = text.toLowerCase();
    const methods = everyMethod(state).filter(({selector}) => selector.toLowerCase().includes(letters));
    const classes = state.readableClasses.map(({name}) => name).filter(name => name.toLowerCase().includes(letters));
    return {classes: classes.slice(0, limit), methods: methods.slice(0, limit), places: [],
      isCut: Math.max(methods.length, classes.length) > limit};
  },
  history(state, {before = Infinity, limit = 100} = {}) {
    const all = [...state.entries.values()].filter(({id}) => id < before).sort((a, b) => a.id - b.id);
    return {entries: all.slice(-limit).map(entry => ({...entry, state: entryState(state, entry)}))};
  },
  entry: (state, {entry}) => state.entries.has(entry) ? {entry: state.entries.get(entry)}
    : notRecorded(`Accept ${entry}`),
  versions: (state, {method}) => ({versions: versionsOf(state, asKey(method))}),
  difference(state, {method, old, new: to, oldText, newText}) {
    if (oldText !== undefined) return {difference: lineDifference(oldText, newText)};
    const all = versionsOf(state, asKey(method));
    const text = spelled => all.find(({version}) => `v${version}` === spelled)?.state.text;
    return text(old) === undefined || text(to) === undefined ? notRecorded('One of these versions')
      : {difference: lineDifference(text(old), text(to))};
  },
};

const asKey = method => typeof method === 'string' ? methodKey(method) : method;

function withSource(state, name, answer) {
  const source = state.sources.get(name);
  if (source) return answer(source);
  return state.classes.some(known => known.name === name)
    ? notRecorded(`The text of ${name}, of the library,`)
    : refusal('noSuchClass', `There is no class ${name} at this moment.`);
}

const isMethod = ({selector, isClassSide = false}, key) =>
  selector === key.selector && isClassSide === (key.isClassSide ?? false);

function methodAnswer(state, key, source) {
  for (let at = source, steps = 0; at && steps < 100; at = state.sources.get(at.class.superclass), steps += 1) {
    const found = at.methods.find(({method}) => isMethod(method, key));
    if (!found) continue;
    const text = at.texts.find(text => isMethod(text, key))?.text ?? '';
    const {isPrimitive, line} = found;
    return at === source ? {method: key, text, version: found.version, isPrimitive, line}
      : {method: key, text, version: 0, isPrimitive, line, implementation: found.method};
  }
  return refusal('noSuchMethod', `There is no method ${methodName(key)} at this moment.`);
}

const everyMethod = state => [...state.sources.values()].flatMap(({methods}) => methods.map(({method}) => method));

/// Whether something is left of what an accept did.
function entryState(state, {id}) {
  let result = 'done';
  for (const {takingBack} of [...state.entries.values()].sort((a, b) => a.id - b.id)) {
    if (takingBack?.entry !== id) continue;
    result = takingBack.isRedo ? 'done' : takingBack.method ? 'partlyTakenBack' : 'takenBack';
  }
  return result;
}

function versionsOf(state, key) {
  const name = methodName(key), versions = [];
  const add = (version, text, entry) => {
    if (!version || text === undefined) return;
    versions.push({method: key, version, entry: entry?.id, author: entry?.author, time: entry?.time,
      state: {text}, place: {version: {_0: version}}, isCurrent: false});
  };
  for (const entry of [...state.entries.values()].sort((a, b) => a.id - b.id)) {
    const change = entry.methods?.find(({method}) => methodName(method) === name);
    const made = entry.receipt?.methods?.find(({method}) => methodName(method) === name);
    if (!change || !made) continue;
    if (!versions.length) add(made.before, change.before?.text, null);
    add(made.after, change.after?.text, entry);
  }
  const now = answers.method(state, {method: key});
  if (!versions.length && now.version) add(now.version, now.text, null);
  const current = versions.findLast(({version}) => version === now.version);
  if (current) current.isCurrent = true;
  return versions;
}
