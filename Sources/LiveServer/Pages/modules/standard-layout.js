// The first arrangement: two code browsers, a window that watches, and below it guide, history, debugger and workspace.

import {methodName} from './names.js';
import {suggestionsIn, commentText} from './suggestions.js';
import {isRecording} from './mode.js';

/// A loop and what it sends, if the program has such a pair; else what it begins with.
async function firstPlaces(session) {
  const own = session.program.className ?? session.classes.find(item => !item.isLibrary)?.name;
  if (!own) return [undefined, undefined];
  try {
    const {methods, comment} = await session.request('class', {name: own});
    const instance = methods.map(({method}) => method).filter(method => !method.isClassSide);
    const named = name => instance.find(method => method.selector === name);
    const suggested = suggestionsIn(commentText(comment ?? '')).map(({selector}) => named(selector)).find(Boolean);
    const first = named('methA') ?? named('step') ?? named('frame') ?? named('draw') ?? named('run') ?? named('run:')
      ?? instance[0];
    const second = suggested ?? named('methB') ?? instance.find(
      method => method !== first && !/^run:?$/.test(method.selector)
    );
    return [first ? methodName(first) : own, second ? methodName(second) : own];
  } catch {
    return [own, own];
  }
}

export async function standardLayout(session) {
  const [first, second] = await firstPlaces(session);
  const stack = (...windows) => ({front: 0, windows});
  const others = isRecording ? ['history', 'guide'] : ['guide', 'history', 'debugger', 'workspace'];
  return {split: 'row', shares: [0.52, 0.48], parts: [
    {
      split: 'column', shares: [1, 1],
      parts: [stack({kind: 'code', state: {place: first}}), stack({kind: 'code', state: {place: second, bare: false}})]
    },
    {split: 'column', shares: [0.6, 0.4],
      parts: [stack({kind: 'watch'}),
        stack(...others.map(kind => ({kind})))]},
  ]};
}
