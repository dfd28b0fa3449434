// Runs in the page: what its modules compute without it. Answers the checks that failed, as sentences.

(async () => {
  const load = name => import(`/modules/${name}.js`);
  const failures = [];
  const is = (found, wanted, what) => {
    const [a, b] = [found, wanted].map(value => JSON.stringify(value));
    if (a !== b) failures.push(`${what}: ${a}, not ${b}`);
  };

  const {selectorOf, selectorAt, methodKey, methodName, duration, short} = await load('names');
  for (const [text, selector] of [
    ['at: i put: x = ( ^x )', 'at:put:'], ['"a comment"  + other = ( ^1 )', '+'], ['methB = ( ^1 )', 'methB'],
    ['at: = ( )', null], ['', null], ['größe = ( ^1 )', 'größe'],
  ]) is(selectorOf(text), selector, `the selector of ${text}`);
  is(selectorAt('self count: self methB', 8), 'count:', 'the selector at a keyword');
  is(selectorAt('x := 3', 1), 'x', 'the word before :=');
  for (const name of ['Foo>>bar:baz:', 'Foo class>>+']) is(methodName(methodKey(name)), name, 'a name there and back');
  is(methodKey('<workspace 3>>>input'), null, 'what is no method');
  is([duration(84), duration(3200), duration(1.4e6)], ['84 µs', '3.2 ms', '1.4 s'], 'durations');
  is([short(950), short(12400), short(-3.21e6)], ['950', '12.4 k', '-3.21 M'], 'numbers');

  const {outdented, indented, shownColumn} = await load('indentation');
  const raw = 'a = (\n        | x |\n\n        x := 1.\n            ^x\n    )';
  is(outdented(raw), {text: 'a = (\n    | x |\n\n    x := 1.\n        ^x\n)', base: '    '}, 'an indented method');
  is(indented(outdented(raw).text, '    '), raw, 'and back');
  const long = "a = (\n    ^'two\n    lines' )";
  is(outdented(long), {text: long, base: ''}, 'a string over several lines stays');
  is(indented(long, '    '), long, 'and is not indented');
  is([shownColumn(1, 5, '    '), shownColumn(2, 9, '    ')], [5, 5], 'columns');

  const {statementIn} = await load('statement');
  const place = {line: 13, column: 9, file: '', text: ''};
  is(statementIn({text: raw, line: 10, column: 5}, {place, start: 100, end: 106}),
    {text: outdented(raw).text, from: 21, to: 27, line: 3}, 'a statement');

  const {suggestionsIn} = await load('suggestions');
  is(suggestionsIn('Look at\n  gravity = ( ^(1 + 2) ), drops = ( ^200 )  more').map(found => [found.selector, found.text]),
    [['gravity', 'gravity = ( ^(1 + 2) )'], ['drops', 'drops = ( ^200 )']], 'suggestions');

  const {tidy, putBeside, put, take, windows} = await load('arrangement');
  let root = {windows: ['a', 'b'], front: 1};
  const first = root;
  root = putBeside(root, first, 'c', 'right');
  is([root.split, windows(root)], ['row', ['a', 'b', 'c']], 'a window beside');
  root = putBeside(root, first, 'd', 'left');
  is([root.parts.length, windows(root)], [3, ['d', 'a', 'b', 'c']], 'one more in the same row');
  for (const window of ['a', 'b', 'c']) take(root, window);
  put(root.parts[0], 'e');
  is(tidy(root), {windows: ['d', 'e'], front: 1}, 'what is empty goes');

  const {fit} = await load('palette');
  is([fit('meth', 'Flow>>methB') < fit('fwmb', 'Flow>>methB'), fit('zz', 'Flow'), fit('fwmb', 'Flow>>methB', true)],
    [true, null, null], 'what fits better');

  const {FrameReader, frameHeader} = await load('frame-reader');
  const reader = new FrameReader(new OffscreenCanvas(4, 4).getContext('2d'));
  const frame = (...bytes) => new Uint8Array([1, 0, 4, 0, 4, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, ...bytes]).buffer;
  is(frameHeader(frame(), 0), {version: 1, width: 4, height: 4, canvas: 1, frame: 7}, 'the header of a frame');
  is(frameHeader(new ArrayBuffer(3), 0), null, 'no frame');
  is(reader.draw(frame(0x20, 255, 0, 0, 255), 0, {width: 4, height: 4}, 1), 1, 'a background');
  is([...reader.context.getImageData(3, 3, 1, 1).data], [255, 0, 0, 255], 'is red');
  for (const [bytes, what] of [[[0x20, 1], 'a colour that is cut off'], [[0x99], 'an unknown operation'],
    [[0x27, 255, 255, 255, 255], 'points that are not there'], [[0x11, 0x11], null]]) {
    let hasFailed = false;
    try { reader.draw(frame(...bytes), 0, {width: 4, height: 4}, 1); } catch (error) { hasFailed = error instanceof RangeError; }
    is(hasFailed, what !== null, what ?? 'restore without save');
  }
  return failures;
})()
