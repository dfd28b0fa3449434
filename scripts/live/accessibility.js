// Runs in the page (see accessibility.py): what somebody would miss who uses only the keyboard, hears the page, or cannot
// tell its colours.

window.accessibility = (() => {
  const isVisible = part =>
    part.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) && part.getClientRects().length > 0;

  const words = part => `<${part.tagName.toLowerCase()} class="${part.className?.baseVal ?? part.className}"> `
    + (part.getAttribute('aria-label') ?? part.textContent ?? '').trim().slice(0, 40);

  // Colours, as they are seen: those that one can see through are laid over what is behind.
  const pixel = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const known = new Map();
  function colour(text) {
    if (!known.has(text)) {
      pixel.clearRect(0, 0, 1, 1);
      pixel.fillStyle = text;
      pixel.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
      known.set(text, [r, g, b, a / 255]);
    }
    return known.get(text);
  }
  const over = (upper, lower) => [0, 1, 2].map(i => upper[i] * upper[3] + lower[i] * (1 - upper[3])).concat(1);
  function behind(part) {
    const layers = [];
    for (let place = part; place; place = place.parentElement) {
      const found = colour(getComputedStyle(place).backgroundColor);
      if (found[3] > 0) layers.push(found);
      if (found[3] >= 1) break;
    }
    return layers.reverse().reduce((base, layer) => over(layer, base), [255, 255, 255, 1]);
  }

  // WCAG 2.2, 1.4.3.
  function luminance([r, g, b]) {
    const linear = value => value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  }
  function contrast(a, b) {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  }

  function namesAndRoles(say) {
    const ids = new Map();
    for (const part of document.querySelectorAll('[id]')) ids.set(part.id, (ids.get(part.id) ?? 0) + 1);
    for (const [id, count] of ids) if (count > 1) say(`the id ${id} is there ${count} times`);
    for (const name of ['aria-controls', 'aria-labelledby', 'aria-activedescendant']) {
      for (const part of document.querySelectorAll(`[${name}]`)) {
        if (!ids.has(part.getAttribute(name)) && isVisible(part)) say(`${name} names nothing: ${words(part)}`);
      }
    }
    for (const [role, around] of [['tab', 'tablist'], ['option', 'listbox']]) {
      for (const part of document.querySelectorAll(`[role=${role}]`)) {
        if (!part.closest(`[role=${around}]`)) say(`a ${role} outside of a ${around}: ${words(part)}`);
      }
    }
    for (const field of document.querySelectorAll('input, select, textarea')) {
      if (!field.getAttribute('aria-label') && !field.labels?.length) say(`a field without a label: ${words(field)}`);
    }
  }

  function letters(say) {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), seen = new Set();
    while (walker.nextNode()) {
      const part = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || part.closest('.unseen, script, style, noscript, :disabled')) continue;
      if (!isVisible(part)) continue;
      const style = getComputedStyle(part), back = behind(part), ink = colour(style.color);
      let alpha = ink[3];
      for (let place = part; place; place = place.parentElement) alpha *= Number(getComputedStyle(place).opacity);
      const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      const found = contrast(over([...ink.slice(0, 3), alpha], back), back);
      const key = `${part.className} ${style.color} ${back} ${size}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (found < (isLarge ? 3 : 4.5)) say(`contrast ${found.toFixed(2)}: ${words(part)}`);
      if (size < 10.9) say(`letters of ${size} px: ${words(part)}`);
    }
  }

  const numbers = new Map();

  return {
    problems() {
      const found = [];
      namesAndRoles(problem => found.push(problem));
      letters(problem => found.push(problem));
      return found;
    },

    /// How many places Tab should reach.
    focusable() {
      return [...document.querySelectorAll('a[href], button, input, select, textarea, [tabindex]')].filter(part =>
        part.tabIndex >= 0 && !part.disabled && part.checkVisibility({checkVisibilityCSS: true})
        && part.getClientRects().length).length;
    },

    /// What has the focus, and whether that can be seen.
    focused() {
      const part = document.activeElement;
      if (!part || part === document.body) return null;
      if (!numbers.has(part)) numbers.set(part, numbers.size);
      const style = getComputedStyle(part), box = part.getBoundingClientRect(), editor = part.closest('.CodeMirror');
      const hasOutline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
      const isOnPage = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
      return {
        number: numbers.get(part), words: words(part), isEditor: Boolean(editor), isOnPage: isOnPage || Boolean(editor),
        isSeen: hasOutline || Boolean(editor?.classList.contains('CodeMirror-focused')),
      };
    },
  };
})();
