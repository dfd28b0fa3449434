// A workspace: a text of which parts are evaluated beside the running program, with variables of its own.

import {element, fill, button, later} from './dom.js';
import {makeEditor} from './editor.js';
import {Evaluator} from './evaluating.js';
import {completionsFor} from './completion.js';
import {withKey} from './keys.js';

const first = '"A line, or what is selected: Ctrl-D does it, Ctrl-P prints its value behind it, Ctrl-I inspects it."\n'
  + '3 + 4\n';
let count = 0;

export class WorkspaceWindow {
  kind = 'workspace';

  constructor(app, state = {}) {
    this.app = app;
    this.name = state.name ?? `workspace-${Date.now().toString(36)}${count++}`;
    this.title = 'Workspace';
    this.editor = makeEditor({label: 'Workspace', lines: false, text: state.text ?? first, changed: () => this.keep?.(),
      hints: (before, after) => completionsFor(app, null, before, after, this.name)});
    this.evaluator = new Evaluator(app, this.editor, () => ['evaluate', {workspace: this.name}]);
    this.variables = element('div.variables', {'aria-label': 'Variables of the workspace'});
    const run = (words, command, look) => button(words, async () => { await this.#run(command); },
      {title: withKey(words, command)}, look);
    this.element = element('div.workspace', {}, element('div.bar.ruled', {},
      run('Do it', 'doIt'), run('Print it', 'printIt', 'main'), run('Inspect it', 'inspectIt'), element('span.space'),
      button('Stop', () => this.evaluator.stop(), {title: 'Stop the evaluation (Esc)'})),
    element('div.text', {}, this.editor.element), this.variables);
    this.keep = later(400, () => this.changed?.());
    this.offs = [app.session.on('welcome', () => this.#drawVariables())];
    this.#drawVariables();
  }

  state() { return {name: this.name, text: this.editor.text}; }
  closed() { for (const off of this.offs) off(); }

  async #run(command) {
    await this.evaluator.commands[command]();
    this.#drawVariables();
  }

  async #drawVariables() {
    try {
      const {variables} = await this.app.session.request('variables', {workspace: this.name});
      fill(this.variables, variables.length ? [element('span.quiet', {}, 'Variables'), variables.map(variable =>
        button(`${variable.name}: ${variable.className}`, () => this.#inspect(variable.name),
          {title: `Inspect ${variable.name}`}, 'link'))]
        : [
          element('span.quiet', {}, 'What is assigned here and declared nowhere becomes a variable of this workspace.')
        ]);
    } catch { fill(this.variables, []); }
  }

  async #inspect(name) {
    try {
      const {value} = await this.app.session.do('evaluate', {workspace: this.name, text: name, mode: 'inspect'});
      this.app.inspect(value, name);
    } catch (error) { this.app.complain(error); }
  }

  get commands() {
    const commands = this.evaluator.commands;
    return {...commands, doIt: () => this.#run('doIt'), printIt: () => this.#run('printIt'),
      inspectIt: () => this.#run('inspectIt')};
  }

  shown() { this.editor.shown(); }
  focus() { this.editor.focus(); }
}
