// The page: session, documents, windows and keys are put together here.

import {Session} from './session.js';
import {Documents} from './documents.js';
import {Measured} from './measured.js';
import {Desk} from './desk.js';
import {Status} from './status.js';
import {CodeWindow} from './code-window.js';
import {WatchWindow} from './watch-window.js';
import {WorkspaceWindow} from './workspace-window.js';
import {InspectorWindow} from './inspector-window.js';
import {DebuggerWindow} from './debugger-window.js';
import {GuideWindow} from './guide-window.js';
import {HistoryWindow} from './history-window.js';
import {prepareEditors, editorProblem} from './editor.js';
import {clientName, kept, theme} from './kept.js';
import {commandOf, liveOnly} from './keys.js';
import {openPalette} from './palette.js';
import {openHelp} from './help.js';
import {newClass, removeClass, removeMethod, renameClass} from './class-commands.js';
import {announce, element, sign, later, ask} from './dom.js';
import {standardLayout} from './standard-layout.js';
import {isRecording} from './mode.js';
import {Player} from './player.js';

const kinds = {
  code: CodeWindow, watch: WatchWindow, workspace: WorkspaceWindow, inspector: InspectorWindow,
  debugger: DebuggerWindow, history: HistoryWindow, guide: GuideWindow,
};

/// Where the layout of the windows is kept.
const layoutKey = isRecording ? 'layout of recordings' : 'layout';

class App {
  async start() {
    theme.apply();
    const [client] = await Promise.all([clientName(), prepareEditors()]);
    this.session = new Session(client);
    this.session.name = kept.get('name', `guest ${client.slice(-2)}`);
    this.documents = new Documents(this.session);
    this.measured = new Measured(this.session);
    this.status = new Status(this, document.getElementById('top'), document.getElementById('status'));
    const keep = layout => {
      if (this.isArranged) kept.set(layoutKey, {program: this.session.program.className, layout});
    };
    this.desk = new Desk(document.getElementById('desk'), {make: (kind, state) => this.#make(kind, state), keep});
    this.present = later(300, () => this.#present());
    this.session.on('welcome', () => this.#welcomed());
    this.session.on('stops', stop => this.#stopped(stop));
    this.session.on('refused', ({receipt: {author, errors}}) => {
      if (author && author !== this.session.name) this.say(`Refused, of ${author}: ${errors[0]?.message}`);
    });
    this.session.on('takenBack', ({receipt, error}) => {
      this.complain({message: `Accept ${receipt} was taken back: ${error}`});
    });
    this.session.on('problem', error => this.complain(error));
    document.addEventListener('keydown', event => this.#key(event), true);
    addEventListener('resize', later(60, () => this.desk.shown()));
    if (editorProblem && !isRecording) this.#problem(editorProblem);
    if (isRecording) {
      this.player = new Player(this);
      document.getElementById('player').append(this.player.element);
    }
    this.session.connection.connect();
  }

  #make(kind, state) {
    const Kind = kinds[kind];
    if (!Kind) return null;
    const window = new Kind(this, state);
    window.changed = () => this.desk.save();
    return window;
  }

  async #welcomed() {
    this.present();
    if (this.isArranged || this.isArranging) return;
    this.isArranging = true;
    const {compilerProblem, connection} = this.session;
    if (compilerProblem) this.#problem(`Everything ${isRecording ? 'was' : 'is'} interpreted: ${compilerProblem}`);
    if (isRecording && connection.problem) this.#problem(connection.problem);
    const {program, layout} = kept.get(layoutKey, {});
    let isKept = layout && program === this.session.program.className;
    if (isKept) {
      try { this.desk.arrange(layout); } catch (error) { console.error(error); isKept = false; }
    }
    if (!isKept || !this.desk.all.length) this.desk.arrange(await standardLayout(this.session));
    this.isArranged = true;
    this.desk.save();
    const stop = [...this.session.stops.values()].at(-1);
    if (stop) this.#stopped(stop);
  }

  /// Opens the debugger; the keyboard stays where somebody is typing, but for what that person has asked for.
  #stopped(stop) {
    if (!stop || !this.isArranged) return;
    if (isRecording) {
      if (stop.reason === 'unhandledError') {
        this.say(`Process ${stop.process} stopped at an error: ${stop.message ?? stop.errorClass ?? ''}`);
      }
      return;
    }
    const isTyping = document.activeElement?.closest?.('.editor, input, dialog');
    const opened = this.desk.reveal('debugger',
      {focus: !isTyping, near: this.desk.all.find(window => window.kind === 'history' || window.kind === 'workspace')});
    this.desk.giveHeight(opened, 440);
    if (stop.reason === 'unhandledError') this.complain(
      {message: `Process ${stop.process} stands still at an error: ${stop.message ?? stop.errorClass ?? ''}`}
    );
  }

  #present() {
    const looksAt = [...new Set(this.desk.all.map(window => window.subject?.place).filter(Boolean))];
    this.session.request('presence', {looksAt, name: this.session.name}).catch(() => {});
  }

  #problem(words) {
    const notice = element('div.notice.draft', {role: 'status'}, element('span', {}, words),
      sign('✕', 'Close', () => notice.remove()));
    document.getElementById('desk').before(notice);
  }

  #key(event) {
    if (event.isComposing) return;
    const command = commandOf(event);
    if (!command) return;
    if (document.querySelector('dialog[open]')) return;
    if (command === 'escape') {
      // Others may want it, too: completions, the Tab key of editors.
      if (this.float) { this.float(); this.float = null; return; }
      this.desk.active?.commands?.escape?.();
      return;
    }
    if (command === 'complete' && !event.target.closest?.('.editor')) return;
    event.preventDefault();
    event.stopPropagation();
    this.run(command, event.timeStamp);
  }

  /// In the window that has the focus, else in the page; debugger keys count everywhere.
  run(command, asked) {
    if (isRecording && liveOnly.has(command)) {
      return this.say('This is a recording: nothing runs in it, and nothing can be changed.');
    }
    const window = this.desk.active;
    const own = window?.commands?.[command];
    if (own) return own({asked});
    const global = this.commands[command];
    if (global) return global();
    const other = this.desk.all.find(window => window.kind === 'debugger')?.commands[command];
    if (other) return other();
    this.say('That has no meaning in this window.');
    return null;
  }

  commands = {
    palette: () => openPalette(this),
    help: () => openHelp(),
    nextWindow: () => this.desk.step(1),
    previousWindow: () => this.desk.step(-1),
    openCode: () => this.desk.open('code',
      {place: this.desk.active?.subject?.place ?? this.session.program.className}, {side: 'right'}),
    close: () => this.desk.close(),
    zoom: () => this.desk.zoom(),
    moveLeft: () => this.desk.move('left'), moveRight: () => this.desk.move('right'),
    moveUp: () => this.desk.move('up'), moveDown: () => this.desk.move('down'),
    theme: () => this.say({system: 'As the system says', light: 'Light', dark: 'Dark'}[theme.next()]),
    pause: () => this.#pause(),
    restartProgram: () => this.#try('restartProgram', {}),
    acceptBefore: () => this.player?.step(-1),
    acceptAfter: () => this.player?.step(1),
  };

  get openers() {
    const open = kind => () => this.desk.reveal(kind);
    if (isRecording) return [
      ['Watch: picture, speed, expressions, output', open('watch')], ['History', open('history')],
      ['Guide: what the program is, and what to try', open('guide')],
      ['The windows as at first', async () => this.desk.arrange(await standardLayout(this.session))]];
    return [[
      'Watch: picture, speed, expressions, output', open('watch')
    ], ['Workspace',
      () => this.desk.open('workspace')], ['Debugger and processes', open('debugger')], ['History', open('history')], [
        'Guide: what the program is, and what to try', open('guide')
      ],
      ['New class', () => newClass(this)], ['Remove the method', () => removeMethod(this)],
      ['Remove the class', () => removeClass(this)], ['Rename the class', () => renameClass(this)], [
        'The windows as at first', async () => this.desk.arrange(await standardLayout(this.session))
      ], ['My name, for others', () => this.#rename()]];
  }

  async #pause() {
    if (isRecording) return this.session.connection.toggle();
    const stops = this.session.programStops;
    if (!stops.length) return this.#try('pause', {});
    for (const {process} of stops) await this.#try('resume', {process});
  }

  async #try(request, parameters) {
    try { return await this.session.do(request, parameters); } catch (error) { return this.complain(error); }
  }

  async #rename() {
    const name = await ask('Your name',
      {label: 'As others see it, and as the author of accepts:', value: this.session.name, action: 'Keep it'});
    if (!name?.trim()) return;
    this.session.name = name.trim();
    kept.set('name', name.trim());
    this.#present();
  }

  /// Shows a method or class: in the code window at hand, or beside.
  browse(place, {beside = false, line, from} = {}) {
    const at = from && this.desk.all.find(window => window.subject === from);
    const target = [at, this.desk.active, ...this.desk.all].find(window => window?.kind === 'code');
    if (!target || beside) return this.desk.open('code', {place},
      {near: target ?? this.desk.active, side: target ? 'down' : undefined});
    target.show(place, {line});
    this.desk.focus(target);
    return target;
  }

  inspect(value, name) {
    const near = this.desk.all.find(
      window => window.kind === 'inspector'
    ) ?? this.desk.all.find(window => window.kind === 'workspace') ?? this.desk.active;
    this.desk.open('inspector', {value, name: name ?? value?.text?.slice(0, 24)}, {near, focus: false});
  }

  say(text) {
    this.status.say(text);
    announce(text);
  }

  complain(error) {
    const words = `${error.message}${error.remedy ? ` ${error.remedy}` : ''}`;
    this.status.say(words, true);
    announce(words);
    return null;
  }

  /// Something floats: Esc closes it, and it is said.
  floating(close, words) {
    this.float = close;
    announce(words);
  }
}

const app = new App();
// For tests, and for whoever looks with the browser's own tools.
window.ovid = app;
await app.start();
