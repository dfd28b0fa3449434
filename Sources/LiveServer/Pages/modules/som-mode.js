// Colours and indentation of SOM for CodeMirror 5.

const words = new Set(['self', 'super', 'nil', 'true', 'false', 'system', 'primitive', 'thisContext']);

/// To the end of a comment or string that may go over several lines.
function until(mark, style) {
  return (stream, state) => {
    let character;
    while ((character = stream.next()) !== undefined) {
      if (character === '\\' && mark === "'") stream.next();
      else if (character === mark) {
        state.inside = null;
        break;
      }
    }
    return style;
  };
}

const inComment = until('"', 'comment'), inString = until("'", 'string');

function token(stream, state) {
  if (state.inside) return state.inside(stream, state);
  if (stream.eatSpace()) return null;
  const character = stream.next();
  switch (character) {
    case '"': state.inside = inComment; return inComment(stream, state);
    case "'": state.inside = inString; return inString(stream, state);
    case '#':
      if (stream.peek() === "'") { stream.next(); state.inside = inString; return inString(stream, state); }
      if (stream.eat('(')) { state.depth += 1; return 'atom'; }
      if (stream.match(/^[\p{L}_][\p{L}\p{N}_:]*/u) || stream.match(/^[~&|*/\\+=<>,@%-]+/)) return 'atom';
      return null;
    case '(': case '[': state.depth += 1; return 'bracket';
    case ')': case ']': state.depth = Math.max(0, state.depth - 1); return 'bracket';
    case '^': return 'keyword';
    case '|': case '.': case ';': return 'punctuation';
    case ':':
      if (stream.eat('=')) return 'operator';
      stream.match(/^\s*[\p{L}_][\p{L}\p{N}_]*/u);
      return 'variable-2';
  }
  if (/\d/.test(character)) {
    stream.match(/^\d*(\.\d+)?/);
    return 'number';
  }
  if (/[\p{L}_]/u.test(character)) {
    stream.match(/^[\p{L}\p{N}_]*/u);
    if (stream.peek() === ':' && !stream.match(/^:=/, false)) { stream.next(); return 'message'; }
    const word = stream.current();
    if (words.has(word)) return 'keyword';
    return /^\p{Lu}/u.test(word) ? 'type' : 'variable';
  }
  stream.match(/^[~&|*/\\+=<>,@%-]*/);
  return 'operator';
}

export function defineMode(CodeMirror) {
  CodeMirror.defineMode('som', config => ({
    startState: () => ({inside: null, depth: 0}),
    copyState: state => ({...state}),
    token,
    indent: (state, after) => config.indentUnit * Math.max(0, state.depth - (/^[\])]/.test(after) ? 1 : 0)),
    electricInput: /^\s*[\])]$/,
    blockCommentStart: '"', blockCommentEnd: '"',
  }));
}
