// Every key of the page is a row here: what it does, where it counts, and what the help window says of it.

export const groups = ['Program', 'Code', 'Text', 'Debugger', 'Windows', 'Recording'];

/// [keys, command, group, words]. A key is modifiers and a `code` (the place on the keyboard) or a `key`.
export const bindings = [
  ['Ctrl-S', 'accept', 'Code', 'Accept the method'],
  ['Alt-U', 'takeBack', 'Code', 'Take back the last accept of this method; in History, the chosen one'],
  ['Alt-V', 'versions', 'Code', 'Versions of the method'],
  ['Alt-N', 'senders', 'Code', 'Senders of the method, or of the selector at the cursor'],
  ['Alt-M', 'implementors', 'Code', 'Implementors of it'],
  ['Alt-L', 'lens', 'Code', 'What the compiler made of the line'],
  ['Alt-C', 'lists', 'Code', 'Go to the classes; hide them, if that is where you are'],
  ['Alt-R', 'revertDraft', 'Code', 'Give up the draft: the accepted text again'],
  ['F9', 'breakpoint', 'Code', 'Breakpoint on the line; again: its condition, or none'],
  ['Ctrl-Space', 'complete', 'Text', 'Complete the word'],
  ['Ctrl-D', 'doIt', 'Text', 'Do it: evaluate the selection, or the line'],
  ['Ctrl-P', 'printIt', 'Text', 'Print it: and write the value behind it'],
  ['Ctrl-I', 'inspectIt', 'Text', 'Inspect it: and open its value'],
  ['Escape', 'escape', 'Text', 'Close what floats; stop an evaluation; Tab then leaves the editor'],
  ['Ctrl-.', 'pause', 'Program', 'Pause the program; continue it'],
  ['Ctrl-Shift-.', 'restartProgram', 'Program', 'Start the program again'],
  ['F8', 'continue', 'Debugger', 'Continue'],
  ['F10', 'stepOver', 'Debugger', 'Step over: to the next statement here'],
  ['F11', 'stepInto', 'Debugger', 'Step into: to the next statement anywhere'],
  ['Shift-F11', 'stepOut', 'Debugger', 'Step out: until the activation has returned'],
  ['Shift-F8', 'restartActivation', 'Debugger', 'Restart the activation, in the installed version'],
  ['Ctrl-K', 'palette', 'Windows', 'Find a class, a method or a command'],
  ['F1', 'help', 'Windows', 'All keys'],
  ['F6', 'nextWindow', 'Windows', 'Next window'],
  ['Shift-F6', 'previousWindow', 'Windows', 'Window before'],
  ['Alt-B', 'openCode', 'Windows', 'Another code browser, beside'],
  ['Alt-W', 'close', 'Windows', 'Close the window'],
  ['Alt-Enter', 'zoom', 'Windows', 'The window over all of the page; back'],
  ['Alt-Shift-ArrowLeft', 'moveLeft', 'Windows', 'Move the window left'],
  ['Alt-Shift-ArrowRight', 'moveRight', 'Windows', '… right'],
  ['Alt-Shift-ArrowUp', 'moveUp', 'Windows', '… up'],
  ['Alt-Shift-ArrowDown', 'moveDown', 'Windows', '… down'],
  ['Alt-T', 'theme', 'Windows', 'Light, dark, or as the system says'],
  ['Alt-J', 'acceptBefore', 'Recording', 'To the accept before'],
  ['Alt-K', 'acceptAfter', 'Recording', 'To the next accept'],
];

/// What has no meaning in a recording.
export const liveOnly = new Set(['accept', 'takeBack', 'revertDraft', 'breakpoint', 'complete', 'doIt', 'printIt',
  'inspectIt', 'restartProgram', 'continue', 'stepOver', 'stepInto', 'stepOut', 'restartActivation', 'senders', 'lens']);

const byCommand = new Map(bindings.map(([keys, command]) => [command, keys]));
export const keyOf = command => byCommand.get(command);

/// What a person reads: "Ctrl-S", "Alt-Shift-←".
export const keyName = keys => keys
  .replace('ArrowLeft', '←').replace('ArrowRight', '→').replace('ArrowUp', '↑').replace('ArrowDown', '↓')
  .replace('Escape', 'Esc');

/// For a tool tip: "Accept (Ctrl-S)".
export const withKey = (words, command) => keyOf(command) ? `${words} (${keyName(keyOf(command))})` : words;

function spelled(event) {
  // Letters by their place: Alt turns them into other characters on some systems.
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  const name = letter ?? (event.code === 'Period' ? '.' : event.code === 'Space' ? 'Space' : event.key);
  const control = event.ctrlKey || event.metaKey;
  return `${control ? 'Ctrl-' : ''}${event.altKey ? 'Alt-' : ''}${event.shiftKey ? 'Shift-' : ''}${name}`;
}

const byKeys = new Map(bindings.map(([keys, command]) => [keys, command]));

/// The command that a key event stands for, if any.
export const commandOf = event => byKeys.get(spelled(event));
