// The editor where CodeMirror is missing: a text area. What would be marked in the text is said by the windows in
// words.

export class PlainEditor {
  constructor(options) {
    this.options = options;
    this.area = document.createElement('textarea');
    this.area.spellcheck = false;
    this.area.value = options.text ?? '';
    this.area.readOnly = options.readOnly ?? false;
    this.area.setAttribute('aria-label', options.label ?? 'Text');
    if (options.placeholder) this.area.placeholder = options.placeholder;
    this.area.addEventListener('input', () => options.changed?.(this.area.value));
    this.area.addEventListener('keyup', () => options.moved?.());
    this.area.addEventListener('click', () => options.moved?.());
    this.element = document.createElement('div');
    this.element.className = 'editor plain';
    this.element.append(this.area);
  }

  get text() { return this.area.value; }

  setText(text) {
    if (text === this.area.value) return;
    const {selectionStart, selectionEnd, scrollTop} = this.area;
    this.area.value = text;
    this.area.setSelectionRange(selectionStart, selectionEnd);
    this.area.scrollTop = scrollTop;
  }

  set readOnly(value) { this.area.readOnly = value; }

  cursor() {
    const before = this.area.value.slice(0, this.area.selectionStart).split('\n');
    const line = before.length - 1;
    return {line, column: before[line].length, text: this.area.value.split('\n')[line]};
  }

  #range() {
    const {selectionStart: from, selectionEnd: to, value} = this.area;
    if (from !== to) return [from, to];
    const end = value.indexOf('\n', from);
    return [value.lastIndexOf('\n', from - 1) + 1, end < 0 ? value.length : end];
  }

  statement() { return this.area.value.slice(...this.#range()); }

  insertBehind(text) {
    const [, end] = this.#range();
    this.area.setRangeText(` ${text}`, end, end, 'select');
    this.area.setSelectionRange(end + 1, end + 1 + text.length);
    this.options.changed?.(this.area.value);
  }

  markIndices(start, end) { this.area.setSelectionRange(start, end); }
  mark() { return {clear() {}}; }
  clearMarks() {}
  gutter() {}
  clearGutter() {}
  lineLook() {}
  clearLineLooks() {}
  together(changes) { return changes(); }
  complete() {}

  goTo(line, column = 0) {
    const before = this.area.value.split('\n').slice(0, line).join('\n').length + (line ? 1 : 0) + column;
    this.area.setSelectionRange(before, before);
  }

  lineBox() {
    const box = this.area.getBoundingClientRect();
    return {left: box.left, top: box.top, bottom: box.top + 20};
  }

  focus() { this.area.focus(); }
  shown() {}
}
