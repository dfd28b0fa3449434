// Names of methods and classes: as texts, as objects, and as a method's own text says them.

/// {className, isClassSide, selector} → "Foo class>>bar:"
export const methodName = key => `${holderName(key)}>>${key.selector}`;
export const holderName = key => key.isClassSide ? `${key.className} class` : key.className;

/// The other way round; null if it is none.
export function methodKey(name) {
  const match = /^([\p{L}_][\p{L}\p{N}_]*)( class)?>>(\S+)$/u.exec(name);
  return match && {className: match[1], isClassSide: Boolean(match[2]), selector: match[3].replace(/\[\]+$/, '')};
}

export const isSame = (a, b) => a && b && methodName(a) === methodName(b);

const word = /^[\p{L}_][\p{L}\p{N}_]*/u;

/// The selector that the text of a method begins with; null if it begins with none.
export function selectorOf(text) {
  let rest = text;
  const skip = () => {
    for (;;) {
      const before = rest;
      rest = rest.replace(/^\s+/, '').replace(/^"[^"]*"/, '');
      if (rest === before) return;
    }
  };
  skip();
  const binary = /^[~&|*/\\+=<>,@%-]+/.exec(rest);
  if (binary) return binary[0];
  let keywords = '';
  for (;;) {
    const name = word.exec(rest)?.[0];
    if (!name) break;
    rest = rest.slice(name.length);
    if (rest.startsWith(':') && !rest.startsWith(':=')) {
      keywords += `${name}:`;
      rest = rest.slice(1);
      skip();
      const argument = word.exec(rest)?.[0];
      if (!argument) return null;
      rest = rest.slice(argument.length);
      skip();
    } else {
      if (keywords) return keywords;
      return name;
    }
  }
  return keywords || null;
}

/// The selector of the message around a place in a text: the word there, with its colon; or the operator.
export function selectorAt(line, column) {
  for (const match of line.matchAll(/[\p{L}_][\p{L}\p{N}_]*:?(?!=)|[~&|*/\\+=<>,@%-]+/gu)) {
    if (match.index <= column && column <= match.index + match[0].length) return match[0];
  }
  return null;
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/// 84 µs, 3.2 ms, 1.4 s
export function duration(microseconds) {
  if (microseconds < 1000) return `${Math.round(microseconds)} µs`;
  if (microseconds < 1e6) return `${(microseconds / 1000).toFixed(microseconds < 10000 ? 1 : 0)} ms`;
  return `${(microseconds / 1e6).toFixed(microseconds < 1e7 ? 1 : 0)} s`;
}

/// 950, 12.4 k, 3.21 M, 1.20 G
export function short(number) {
  const size = Math.abs(number);
  for (const [unit, name] of [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) {
    if (size >= unit) return `${(number / unit).toPrecision(3)} ${name}`;
  }
  return Number.isInteger(number) ? String(number) : number.toPrecision(3);
}

export const clock = seconds => new Date(seconds * 1000).toLocaleTimeString([], {hour12: false});
