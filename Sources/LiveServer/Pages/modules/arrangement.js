// How windows are arranged, as data: splits into rows and columns, whose leaves are stacks of windows of which one is
// in front. Nothing here touches the page; desk.js draws it.
//
//   split: {split: 'row' | 'column', parts: [node], shares: [number]}      stack: {windows: [window], front: number}

export const isSplit = node => Boolean(node.split);

export function stacks(node) { return isSplit(node) ? node.parts.flatMap(stacks) : [node]; }

export function windows(node) { return stacks(node).flatMap(stack => stack.windows); }

export function stackOf(root, window) { return stacks(root).find(stack => stack.windows.includes(window)); }

export function parentOf(node, child) {
  if (!isSplit(node)) return null;
  if (node.parts.includes(child)) return node;
  for (const part of node.parts) {
    const found = parentOf(part, child);
    if (found) return found;
  }
  return null;
}

/// Splits that have one part become that part; equal directions are merged; empty stacks go, but for the last.
export function tidy(node) {
  if (!isSplit(node)) return node;
  const parts = [], shares = [];
  node.parts.forEach((old, i) => {
    const part = tidy(old);
    if (!isSplit(part) && part.windows.length === 0) return;
    if (part.split === node.split) {
      const sum = part.shares.reduce((a, b) => a + b, 0);
      part.parts.forEach((inner, k) => { parts.push(inner); shares.push(node.shares[i] * part.shares[k] / sum); });
    } else {
      parts.push(part);
      shares.push(node.shares[i]);
    }
  });
  if (parts.length === 0) return {windows: [], front: 0};
  if (parts.length === 1) return parts[0];
  node.parts = parts;
  node.shares = shares;
  return node;
}

export function put(stack, window) {
  stack.windows.push(window);
  stack.front = stack.windows.length - 1;
}

export function take(root, window) {
  const stack = stackOf(root, window);
  if (!stack) return;
  const at = stack.windows.indexOf(window);
  stack.windows.splice(at, 1);
  if (stack.front >= at) stack.front = Math.max(0, stack.front - 1);
}

/// Puts the window into a stack of its own beside another one: side is left, right, up, down. Answers the new root.
export function putBeside(root, stack, window, side) {
  const direction = side === 'left' || side === 'right' ? 'row' : 'column';
  const isFirst = side === 'left' || side === 'up';
  const made = {windows: [window], front: 0};
  const parent = parentOf(root, stack);
  if (parent && parent.split === direction) {
    const at = parent.parts.indexOf(stack);
    parent.shares[at] /= 2;
    parent.parts.splice(isFirst ? at : at + 1, 0, made);
    parent.shares.splice(at, 0, parent.shares[at]);
    return tidy(root);
  }
  const split = {split: direction, parts: isFirst ? [made, stack] : [stack, made], shares: [1, 1]};
  if (!parent) return tidy(split);
  parent.parts[parent.parts.indexOf(stack)] = split;
  return tidy(root);
}

/// What is kept of it; `read` makes windows again of what was kept.
export function written(node) {
  return isSplit(node)
    ? {split: node.split, shares: node.shares.map(share => Math.round(share * 1000) / 1000),
      parts: node.parts.map(written)}
    : {front: node.front, windows: node.windows.map(window => ({kind: window.kind, state: window.state?.() ?? {}}))};
}

export function read(kept, make) {
  if (kept.split) {
    const parts = kept.parts.map(part => read(part, make));
    const shares = parts.map((_, i) => Number(kept.shares?.[i]) > 0 ? Number(kept.shares[i]) : 1);
    return {split: kept.split === 'row' ? 'row' : 'column', parts, shares};
  }
  const made = (kept.windows ?? []).map(window => make(window.kind, window.state ?? {})).filter(Boolean);
  return {windows: made, front: Math.min(kept.front ?? 0, Math.max(0, made.length - 1))};
}
