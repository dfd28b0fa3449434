// What the comment of a class suggests to try: methods that stand in it as they would be accepted.

import {selectorOf} from './names.js';

/// [{text, start, end, selector}] of a comment, in order: `gravity = ( ^1.62 )` and the like.
export function suggestionsIn(comment) {
  const found = [];
  for (
    const match of comment.matchAll(/(?<![\p{L}\p{N}_])[\p{Ll}_][\p{L}\p{N}_]*(?:: [\p{L}_][\p{L}\p{N}_]*)? = \(/gu)
  ) {
    let depth = 0, end = match.index + match[0].length - 1;
    for (; end < comment.length && comment[end] !== '\n'; end++) {
      if (comment[end] === '(') depth += 1;
      else if (comment[end] === ')' && --depth === 0) break;
    }
    if (comment[end] !== ')') continue;
    const text = comment.slice(match.index, end + 1);
    found.push({text, start: match.index, end: end + 1, selector: selectorOf(text)});
  }
  return found;
}

/// A comment without its quotes, and without the indentation that it has in its file.
export const commentText = comment => comment.replace(/^"|"$/g, '').replace(/\n /g, '\n').trim();
