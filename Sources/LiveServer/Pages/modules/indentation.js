// Methods stand indented in their class's text; in an editor they begin at the left. What is accepted is indented
// again, so that class files look as before.

/// Whether a string goes over several lines: its spaces are part of the program, so nothing is moved then.
function hasLongString(text) {
  let inside = null;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (inside === "'" && character === '\\') i++;
    else if (inside === "'" && character === '\n') return true;
    else if (inside) inside = character === inside ? null : inside;
    else if (character === "'" || character === '"') inside = character;
  }
  return false;
}

export const commonIndentation = lines => lines.map(line => /^[ \t]*/.exec(line)[0])
  .reduce((a, b) => a === null || a.startsWith(b) ? b : b.startsWith(a) ? a : '', null) ?? '';

/// {text, base}: the text as it is edited, and by what its lines, but for the first, were indented.
export function outdented(raw) {
  const lines = raw.split('\n'), rest = lines.slice(1).filter(line => line.trim());
  if (!rest.length || hasLongString(raw)) return {text: raw, base: ''};
  const base = commonIndentation(rest);
  return {text: lines.map((line, i) => i && line.startsWith(base) ? line.slice(base.length) : line).join('\n'), base};
}

export function indented(text, base) {
  if (!base || hasLongString(text)) return text;
  return text.split('\n').map((line, i) => i && line.trim() ? base + line : line).join('\n');
}

/// A column from 1 of a line from 1 of the indented text, in the text as it is edited.
export const shownColumn = (line, column, base) => line > 1 ? Math.max(1, column - base.length) : column;
