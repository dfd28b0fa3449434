// An editor on CodeMirror 5.

const gutters = ['breaks', 'CodeMirror-linenumbers', 'lens'];

export class CodeMirrorEditor {
  constructor(options) {
    this.options = options;
    this.element = document.createElement('div');
    this.element.className = 'editor';
    const hasLines = options.lines !== false;
    this.mirror = window.CodeMirror(this.element, {
      value: options.text ?? '', mode: 'som', theme: 'ovid', readOnly: options.readOnly ?? false, indentUnit: 4,
      tabSize: 4,
      lineNumbers: hasLines, gutters: hasLines ? gutters
        : [], matchBrackets: true, autoCloseBrackets: "()[]''", lineWrapping: true,
      screenReaderLabel: options.label, undoDepth: 2000, viewportMargin: 40, placeholder: options.placeholder,
      extraKeys: {
        Tab: mirror => mirror.somethingSelected() ? mirror.indentSelection('add') : mirror.replaceSelection('    '),
        'Shift-Tab': 'indentLess', 'Ctrl-Space': () => this.complete(), 'Ctrl-/': 'toggleComment',
        Esc: () => { this.leavesWithTab = true; return window.CodeMirror.Pass; },
      },
    });
    this.mirror.on('change', (_, change) => {
      if (change.origin !== 'setValue' && change.origin !== 'outside') options.changed?.(this.text);
    });
    this.mirror.on('cursorActivity', () => options.moved?.());
    this.mirror.on('gutterClick',
      (_, line, gutter) => options.gutterClicked?.(line, gutter === 'lens' ? 'lens' : 'breaks'));
    // Tab indents; behind Escape it leaves, so that nobody is caught here.
    this.mirror.on('keydown', (mirror, event) => {
      if (event.key === 'Tab' && this.leavesWithTab) event.codemirrorIgnore = true;
      if (event.key !== 'Escape' && event.key !== 'Shift') this.leavesWithTab = false;
    });
    this.mirror.on('inputRead', (mirror, change) => this.#typed(change));
    this.marks = [];
    this.lineLooks = [];
  }

  get text() { return this.mirror.getValue(); }

  /// Only what differs is replaced, so that cursor, marks and place stay where they are.
  setText(text, {fresh = false} = {}) {
    const old = this.text;
    if (old === text) return;
    if (fresh) {
      this.mirror.setValue(text);
      this.mirror.clearHistory();
      return;
    }
    let start = 0;
    while (start < old.length && start < text.length && old[start] === text[start]) start++;
    let end = 0;
    while (
      end < old.length - start && end < text.length - start && old[old.length - 1 - end] === text[text.length - 1 - end]
    ) end++;
    const at = index => this.mirror.posFromIndex(index);
    this.mirror.replaceRange(text.slice(start, text.length - end), at(start), at(old.length - end), 'outside');
  }

  set readOnly(value) { this.mirror.setOption('readOnly', value); }

  cursor() {
    const {line, ch} = this.mirror.getCursor();
    return {line, column: ch, text: this.mirror.getLine(line)};
  }

  /// What is selected, or the line of the cursor.
  statement() {
    if (this.mirror.somethingSelected()) return this.mirror.getSelection();
    return this.mirror.getLine(this.mirror.getCursor().line);
  }

  /// Writes behind the selection (or the line), and selects what it has written.
  insertBehind(text) {
    const end = this.mirror.somethingSelected()
      ? this.mirror.getCursor('to') : {line: this.mirror.getCursor().line, ch: Infinity};
    const from = this.mirror.clipPos(end);
    this.mirror.replaceRange(` ${text}`, from);
    const start = this.mirror.indexFromPos(from) + 1;
    this.mirror.setSelection(this.mirror.posFromIndex(start), this.mirror.posFromIndex(start + text.length));
  }

  mark(from, to, look, title) {
    const mark = this.mirror.markText({line: from.line, ch: from.column}, {line: to.line, ch: to.column},
      {className: look, title});
    this.marks.push(mark);
    return mark;
  }

  markIndices(start, end, look) {
    const at = index => { const {line, ch} = this.mirror.posFromIndex(index); return {line, column: ch}; };
    return this.mark(at(start), at(end), look);
  }

  clearMarks(look) {
    this.marks = this.marks.filter(mark => {
      if (look && mark.className !== look) return true;
      mark.clear();
      return false;
    });
  }

  gutter(line, name, element) {
    if (line >= 0 && line < this.mirror.lineCount()) this.mirror.setGutterMarker(line, name, element);
  }
  clearGutter(name) { this.mirror.clearGutter(name); }

  lineLook(line, look) {
    if (line < 0 || line >= this.mirror.lineCount()) return;
    this.lineLooks.push([this.mirror.addLineClass(line, 'background', look), look]);
  }

  clearLineLooks() {
    for (const [line, look] of this.lineLooks) this.mirror.removeLineClass(line, 'background', look);
    this.lineLooks = [];
  }

  /// Laid out once, whatever `changes()` does to the text, its marks and its gutters.
  together(changes) { return this.mirror.operation(changes); }

  goTo(line, column = 0) {
    this.mirror.setCursor({line, ch: column});
    this.mirror.scrollIntoView({line, ch: column}, 60);
  }

  /// Where a line is on the page.
  lineBox(line) {
    const box = this.mirror.charCoords({line, ch: 0}, 'window');
    return {left: box.left, top: box.top, bottom: box.bottom};
  }

  focus() { this.mirror.focus(); }
  shown() { this.mirror.refresh(); }

  #typed(change) {
    if (!this.options.hints || this.mirror.state.completionActive) return;
    const typed = change.text[0];
    const {line, ch} = this.mirror.getCursor();
    const before = this.mirror.getLine(line).slice(0, ch);
    if (/[\p{L}_]$/u.test(typed) && /[\p{L}_][\p{L}\p{N}_]{1,}$/u.test(before) && !/["'#][^"']*$/.test(before)) {
      this.complete(true);
    }
  }

  complete(byItself = false) {
    if (!this.options.hints || !this.mirror.showHint) return;
    const hint = async mirror => {
      const cursor = mirror.getCursor(), index = mirror.indexFromPos(cursor);
      const {prefix, items} = await this.options.hints(this.text.slice(0, index), this.text.slice(index));
      const list = items.filter(item => item.text !== prefix).slice(0, 60).map(item => ({
        text: item.text,
        render: row => {
          row.textContent = item.text;
          const kind = row.appendChild(document.createElement('span'));
          kind.className = 'kind';
          kind.textContent = item.detail ?? item.kind;
        },
      }));
      return {list, from: mirror.posFromIndex(index - (prefix ?? '').length), to: cursor};
    };
    this.mirror.showHint({hint, completeSingle: !byItself, alignWithWord: true,
      // What opens by itself must not take Enter: one wants a new line more often.
      extraKeys: byItself ? {
        Enter: (mirror, handle) => { handle.close(); mirror.execCommand('newlineAndIndent'); }
      } : {}});
  }
}
