// An editor for SOM texts: CodeMirror 5 of the system if the server has it, else a plain text area with the same
// interface.
//
// text, setText(text), cursor() → {line, column} from 0, selection() → {text, from, to}, statement() → what Ctrl-D
// evaluates,
//   insertBehind(text), mark(from, to, look) → {clear()}, clearMarks(), gutter(line, name, element), clearGutter(name),
//   lineLook(line, look), together(changes), focus(), shown(), goTo(line, column), complete(), readOnly

import {PlainEditor} from './editor-plain.js';

let rich = null;
export let editorProblem = null;

function script(path) {
  return new Promise((done, fail) => {
    const tag = document.createElement('script');
    tag.src = path;
    tag.async = false;
    tag.onload = done;
    tag.onerror = () => fail(new Error(path));
    document.head.append(tag);
  });
}

function sheet(path) {
  const tag = document.createElement('link');
  tag.rel = 'stylesheet';
  tag.href = path;
  document.head.prepend(tag);
}

/// Once, before any editor is made.
export async function prepareEditors() {
  const base = 'codemirror/';
  try {
    await script(`${base}lib/codemirror.js`).catch(() => script(`${base}codemirror.js`));
    sheet(`${base}lib/codemirror.css`);
    sheet(`${base}addon/hint/show-hint.css`);
    // Each of these is missed, but nothing ends without it.
    for (const addon of ['edit/matchbrackets', 'edit/closebrackets', 'hint/show-hint', 'comment/comment']) {
      await script(`${base}addon/${addon}.js`).catch(() => {});
    }
    (await import('./som-mode.js')).defineMode(window.CodeMirror);
    rich = (await import('./editor-codemirror.js')).CodeMirrorEditor;
  } catch {
    editorProblem = 'CodeMirror is not installed, so texts are edited without colours and marks at their lines. '
      + 'To have them: apt-get install libjs-codemirror, then reload this page.';
  }
}

/// options: {label, text, readOnly, changed(text), moved(), gutterClicked(line, name), hints(before, after) → {prefix,
/// items}, lines: false}
export function makeEditor(options) { return new (rich ?? PlainEditor)(options); }
