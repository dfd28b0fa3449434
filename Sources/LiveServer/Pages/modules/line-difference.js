// The difference of two texts, line by line, as the session itself tells it: {lines: [{kind, text}]}.

const linesOf = text => text === '' ? [] : text.replace(/\n$/, '').split('\n');

export function lineDifference(old, text) {
  const before = linesOf(old), after = linesOf(text);
  // The length of the longest common part of what is left, from each pair of places on.
  const common = Array.from({length: before.length + 1}, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let k = after.length - 1; k >= 0; k -= 1) {
      common[i][k] = before[i] === after[k] ? common[i + 1][k + 1] + 1
        : Math.max(common[i + 1][k], common[i][k + 1]);
    }
  }
  const lines = [];
  let i = 0, k = 0;
  while (i < before.length || k < after.length) {
    if (i < before.length && k < after.length && before[i] === after[k]) {
      lines.push({kind: 'same', text: before[i++]});
      k += 1;
    } else if (i < before.length && (k === after.length || common[i + 1][k] >= common[i][k + 1])) {
      lines.push({kind: 'removed', text: before[i++]});
    } else {
      lines.push({kind: 'added', text: after[k++]});
    }
  }
  return {lines};
}
