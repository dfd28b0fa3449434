// Processes, and of one that stands still its stack: which version each activation runs, its variables, and the
// commands.

import {element, fill, button, ask, announce} from './dom.js';
import {List} from './list.js';
import {MethodPane} from './method-pane.js';
import {VariablesView} from './variables-view.js';
import {Evaluator} from './evaluating.js';
import {withKey, keyName, keyOf} from './keys.js';
import {methodName, methodKey} from './names.js';
import {markStatement, runningText} from './statement.js';
import {breakWords, placeWords, editBreakpoint} from './break-gutter.js';

const reasons = {breakpoint: 'at a breakpoint', step: 'after a step', pause: 'paused', halt: 'at a halt',
  unhandledError: 'at an error', error: 'where an error is signalled'};

export class DebuggerWindow {
  kind = 'debugger';
  title = 'Debugger';

  constructor(app) {
    this.app = app;
    this.processes = new List({
      label: 'Processes', key: item => item.id, row: item => this.#processRow(item),
      chosen: item => this.showProcess(item.id),
    });
    this.stack = new List({
      label: 'Stack, innermost first', key: item => JSON.stringify(item.id), row: item => this.#activationRow(item),
      chosen: item => this.showActivation(item), opened: () => this.pane.focus(),
    });
    this.breakpoints = element('div.breakpoints');
    this.notice = element('div');
    this.pane = new MethodPane(app, {});
    this.old = element('div');
    this.variables = new VariablesView(app, this);
    const here = () => ['evaluateIn', {activation: this.activation?.id}];
    this.evaluator = new Evaluator(app, this.pane.editor, here, false);
    this.tools = this.#makeTools();
    const left = element('div.left', {},
      element('h3.heading', {}, 'Processes'), this.processes.element,
      element('h3.heading', {}, 'Stack'), this.stack.element, this.breakpoints);
    this.element = element('div.debugger', {},
      element('div.bar.ruled.tools', {role: 'toolbar', 'aria-label': 'Debugger'}, Object.values(this.tools)), this.notice,
      element('div.columns', {},
        left, element('div.middle', {}, this.old, this.pane.element), this.variables.element));
    const {session} = app;
    this.offs = [
      session.on('processes', () => this.#drawProcesses()),
      session.on('stops', stop => this.#stopped(stop)),
      session.on('reset', () => this.#reset()),
      session.on('accepted', () => { if (this.stop) this.#loadStack(this.activation?.id); }),
      session.on('breakpoints', () => this.#drawBreakpoints()),
    ];
    this.#reset();
  }

  state() { return {}; }
  closed() {
    for (const off of this.offs) off();
    this.off?.();
    this.pane.closed();
  }

  #makeTools() {
    const tool = (name, words, command) => button(
      [name, keyOf(command) ? element('kbd', {'aria-hidden': 'true'}, keyName(keyOf(command))) : ''],
      () => this.commands[command]?.(), {title: withKey(words, command), disabled: true}
    );
    return {
      continue: tool('▶ Continue', 'Go on', 'continue'),
      over: tool('Over', 'To the next statement here', 'stepOver'),
      into: tool('Into', 'To the next statement anywhere', 'stepInto'),
      out: tool('Out', 'Until the activation has returned', 'stepOut'),
      restart: tool('Restart', 'Begin the activation again, with the installed version', 'restartActivation'),
      answer: button('Return …', () => this.returnValue(), {title: 'End the activation with a value', disabled: true}),
      terminate: button('Terminate', () => this.#act('terminate', {process: this.processID}),
        {title: 'End the process', disabled: true}),
    };
  }

  #reset() {
    this.#drawProcesses();
    this.#drawBreakpoints();
    const stop = [...this.app.session.stops.values()].at(-1);
    this.#stopped(stop ?? null);
  }

  #drawProcesses() {
    const {processes, stops} = this.app.session;
    this.processes.show(processes.map(process => ({...process, stop: stops.get(process.id)})));
    if (this.processID !== undefined) this.processes.select(this.processID);
  }

  #processRow({id, name, activity, stop}) {
    return [element('span.name', {}, name && name !== String(id) ? `${id} ${name}` : `process ${id}`),
      element('span.end', {title: activity},
        stop ? element('span.mark.draft', {}, `❚❚ ${reasons[stop.reason] ?? stop.reason}`) : activity)];
  }

  #activationRow(activation) {
    const {name, place, version, installedVersion, isMachinery, isCompiled} = activation;
    const isOld = !isMachinery && installedVersion !== version;
    return [element(`span.name.mono${isMachinery ? '.quiet' : ''}`, {title: name}, name),
      element('span.end', {}, isOld ? element('span.mark.draft',
        {title: installedVersion ? `It runs v${version}; v${installedVersion} is installed` : 'The method was removed'},
        installedVersion ? `runs v${version}, v${installedVersion} installed` : `runs v${version}, removed`) : '',
        ` ${place ? `line ${place.line}` : ''}${isCompiled ? ' ▮' : ''}`)];
  }

  #stopped(stop) {
    this.#drawProcesses();
    if (stop) this.showProcess(stop.process);
    else if (this.processID !== undefined && !this.app.session.stops.has(this.processID)) {
      const other = [...this.app.session.stops.keys()].at(-1);
      if (other !== undefined) this.showProcess(other);
      else this.#clear();
    } else if (this.processID === undefined) this.#clear();
  }

  #clear() {
    this.stop = null;
    this.activation = null;
    this.stack.show([]);
    this.variables.clear();
    this.pane.editor.clearMarks('statement-place');
    this.pane.editor.clearLineLooks();
    fill(this.notice, []);
    fill(this.old, []);
    for (const tool of Object.values(this.tools)) tool.disabled = true;
    this.#drawBreakpoints();
  }

  async showProcess(id) {
    this.processID = id;
    this.processes.select(id);
    this.stop = this.app.session.stops.get(id) ?? null;
    if (!this.stop) return this.#clear();
    this.#drawStop();
    await this.#loadStack();
  }

  #drawStop() {
    const {stop} = this;
    const isError = stop.reason === 'unhandledError' || stop.reason === 'error';
    const message = stop.message ? `: ${stop.message}` : '';
    const answered = stop.answered ? `; the message answered ${stop.answered.text}` : '';
    const words = `${isError ? '✗' : '❚❚'} Process ${stop.process} stands still `
      + `${reasons[stop.reason] ?? stop.reason}${message}${answered}`;
    fill(this.notice,
      element(`div.notice.${isError ? 'wrong' : 'accent'}`, {role: 'status'}, element('span', {}, words),
      isError ? button('Go on with a value …', () => this.resumeWith(),
        {title: 'What failed answers this value instead'}) : '',
      stop.evaluations ? button('Leave the evaluation', () => this.#act('leave', {process: stop.process})) : ''));
    announce(words);
  }

  async #loadStack(keep) {
    const {stop, processID} = this;
    try {
      const {activations} = await this.app.session.request('stack', {process: processID, count: 200});
      if (stop !== this.stop) return;
      this.activations = activations;
      this.stack.show(activations);
      const key = keep && JSON.stringify(keep);
      const chosen = activations.find(item => JSON.stringify(item.id) === key)
        ?? activations.find(item => !item.isMachinery && item.name !== 'evaluation') ?? activations[0];
      if (chosen) this.showActivation(chosen);
    } catch (error) { if (error.code !== 'notStopped') this.app.complain(error); }
  }

  async showActivation(activation) {
    this.activation = activation;
    this.stack.select(JSON.stringify(activation.id));
    for (const tool of Object.values(this.tools)) tool.disabled = false;
    this.tools.restart.disabled = Boolean(activation.restartObstacle);
    this.tools.restart.title = activation.restartObstacle
      ?? withKey('Begin the activation again, with the installed version', 'restartActivation');
    this.tools.answer.disabled = Boolean(activation.returnObstacle);
    this.tools.answer.title = activation.returnObstacle ?? 'End the activation with a value';
    try {
      const {text, variables} = await this.app.session.request('activation', {activation: activation.id});
      if (activation !== this.activation) return;
      this.text = text;
      this.variables.show(activation, variables);
      // What was evaluated is in no class: there is nothing to accept.
      const place = activation.method && methodName(activation.method);
      this.pane.show(methodKey(place) ? place : null);
      this.pane.element.hidden = !this.pane.place;
      this.off?.();
      this.off = this.pane.document?.onChange(() => this.#mark());
      this.#mark();
    } catch (error) { if (error.code !== 'gone' && error.code !== 'notStopped') this.app.complain(error); }
  }

  #mark() {
    const {activation, text, pane} = this;
    if (!activation) return;
    if (!pane.place) return fill(this.old, text ? [runningText(text, activation)] : []);
    markStatement(pane.editor, text, activation);
    const isOld = activation.installedVersion !== activation.version && !activation.isMachinery;
    const installed = activation.installedVersion
      ? `v${activation.installedVersion} is installed, and shown below.` : 'the method was removed.';
    fill(this.old, isOld ? element('div.notice.draft', {}, element(
      'span', {},
      `This activation runs v${activation.version}; ${installed}`
    ),
      button('What runs',
        event => {
          const open = this.old.querySelector('pre');
          if (open) open.remove();
          else this.old.append(runningText(text, activation));
          event.target.setAttribute('aria-expanded', String(!open));
        },
        {'aria-expanded': 'false'}),
      activation.installedVersion && !activation.restartObstacle ? button(
        `Restart with v${activation.installedVersion}`, () => this.commands.restartActivation(),
        {title: withKey('Begin the activation again', 'restartActivation')}
      ) : '') : []);
  }

  #drawBreakpoints() {
    const {breakpoints} = this.app.session;
    fill(this.breakpoints, [element(
      'h3.heading', {}, 'Breakpoints'
    ), breakpoints.length ? breakpoints.map(report => element('button.row', {type: 'button',
      onclick: () => editBreakpoint(this.app, report)},
      element(
        'span', {'aria-hidden': 'true'}, report.isVerified ? '●' : '○'
      ), element('span.name.mono', {}, placeWords(report)), element('span.end', {}, breakWords(report))))
      : element('p.none.quiet', {},
        `None. ${keyName(keyOf('breakpoint'))} in a method, or a click beside its line, sets one.`)]);
  }

  async #act(request, parameters) {
    try { await this.app.session.do(request, parameters); } catch (error) { this.app.complain(error); }
  }

  #step(kind) {
    if (this.stop) this.#act('step',
      {process: this.processID, kind, from: kind === 'into' ? undefined : this.activation?.id.index});
  }

  async returnValue() {
    const text = await ask('Return',
      {label: `What ${this.activation.name} answers, an expression:`, value: 'nil', action: 'Return'});
    if (text !== null) this.#act('return', {activation: this.activation.id, text});
  }

  async resumeWith() {
    const text = await ask('Go on with a value',
      {label: 'What the failed message answers, an expression:', value: 'nil', action: 'Go on'});
    if (text !== null) this.#act('resume', {process: this.processID, text});
  }

  get commands() {
    const evaluator = this.activation && this.pane.hasFocus ? this.evaluator.commands : {};
    return {
      ...this.pane.commands, ...evaluator,
      continue: () => this.stop && this.#act('resume', {process: this.processID}),
      stepOver: () => this.#step('over'), stepInto: () => this.#step('into'), stepOut: () => this.#step('out'),
      restartActivation: () => this.activation && this.#act('restart',
        {activation: this.activation.id, version: 'installed'}),
    };
  }

  get subject() { return this.pane; }
  shown() { this.pane.shown(); }
  focus() { (this.stack.items.length ? this.stack : this.processes).element.focus(); }
}
