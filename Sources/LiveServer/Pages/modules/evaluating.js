// Evaluating a text of an editor: do it, print it, inspect it; it can be stopped, and what comes of it is told at its
// place.

import {announce} from './dom.js';
import {duration} from './names.js';

/// `editor` has the text; `where` says how it is asked for: (text, mode) → [request, parameters]. `writes`:
/// values are written behind what was evaluated; else they are told in the status line, since the text is a method's.
export class Evaluator {
  constructor(app, editor, where, writes = true) {
    Object.assign(this, {app, editor, where, writes});
  }

  async run(mode) {
    const text = this.editor.statement();
    if (!text.trim()) return this.app.say('There is nothing to evaluate: the line is empty.');
    this.cancel?.abort();
    const cancel = this.cancel = new AbortController();
    const [request, parameters] = this.where(text, mode);
    try {
      const result = await this.app.session.do(request, {...parameters, text, mode}, {
        cancel: cancel.signal,
        progress: ({seconds}) => this.app.say(`Still evaluating, ${Math.round(seconds)} s. Esc stops it.`),
      });
      this.#answered(result, mode);
      return result;
    } catch (error) {
      if (error.code === 'cancelled') this.app.say('Stopped.');
      else this.#failed(error, mode);
      return null;
    } finally {
      if (this.cancel === cancel) this.cancel = null;
    }
  }

  #answered(result, mode) {
    switch (result.kind) {
      case 'value': {
        const words = result.text ?? result.value?.text ?? '';
        const printed = result.printProblem ? `"${result.value?.text}: ${result.printProblem}"` : words;
        const time = duration(result.microseconds ?? 0);
        if (mode === 'print' && this.writes) {
          this.editor.insertBehind(printed);
          this.app.say(`Printed after ${time}.`);
        }
        else if (mode === 'inspect') this.app.inspect(result.value);
        else this.app.say(`Done in ${time}: ${words}`);
        announce(words);
        break;
      }
      case 'nothing': this.app.say('There is nothing to evaluate here.'); break;
      case 'accepted': this.app.say(`Accept ${result.receipt.id}`); break;
      case 'stopped':
        this.app.say(`It has stopped: ${result.stop.message ?? result.stop.reason}. The debugger has it.`);
        break;
    }
  }

  #failed(error, mode) {
    const place = error.line ? ` (line ${error.line}, column ${error.column})` : '';
    const isOfText = error.code === 'text' || error.code === 'failed';
    if (mode === 'print' && this.writes && isOfText) this.editor.insertBehind(`"${error.message}${place}"`);
    this.app.complain({...error, message: error.message + place});
  }

  /// Answers whether there was something to stop.
  stop() {
    if (!this.cancel) return false;
    this.cancel.abort();
    return true;
  }

  get commands() {
    return {
      doIt: () => this.run('do'), printIt: () => this.run('print'), inspectIt: () => this.run('inspect'),
      complete: () => this.editor.complete(), escape: () => this.stop(),
    };
  }
}
