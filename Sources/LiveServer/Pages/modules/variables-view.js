// The variables of an activation: looked into, set, and expressions evaluated among them.

import {element, fill, button, ask} from './dom.js';

const kinds = {argument: 'argument', temporary: '', outer: 'of the method around', field: 'field'};

export class VariablesView {
  constructor(app, owner) {
    Object.assign(this, {app, owner});
    this.body = element('tbody');
    this.field = element('input.mono',
      {placeholder: 'an expression, here', 'aria-label': 'Evaluate in the activation'});
    this.field.style.flex = '1';
    this.answer = element('div.answer.mono', {role: 'status'});
    this.element = element('div.right', {}, element('h3.heading', {}, 'Variables'), element('div.children',
      {}, element('table', {}, element('caption.unseen', {}, 'Variables of the activation'), this.body)),
      this.answer, element('form.bar', {onsubmit: event => { event.preventDefault(); this.#evaluate(); }},
        this.field, element('button', {type: 'submit'}, 'Print')));
  }

  clear() {
    this.activation = null;
    fill(this.body, []);
    fill(this.answer, []);
  }

  show(activation, variables) {
    this.activation = activation;
    const rows = [{name: 'self', kind: 'self', value: activation.receiver},
      ...variables.filter(variable => variable.name !== 'self')];
    fill(this.body, rows.map(({name, kind, value, note}) => element('tr', {},
      element('th.mono', {scope: 'row', title: kinds[kind] ?? ''}, name),
      element('td.value', {},
        value ? value.id && value.childCount ? button(
          value.text, () => this.app.inspect(value, name), {title: `Inspect ${name}, a ${value.className}`}, 'link.mono'
        ) : value.text : element('span.quiet', {}, note ?? '')),
      element(
        'td', {},
        kind === 'self' ? '' : button('Set', () => this.#set(name, value, kind), {'aria-label': `Set ${name}`}, 'link')
      ))));
  }

  async #set(name, value) {
    const text = await ask(`Set ${name}`,
      {label: 'An expression, whose value it gets:', value: value?.text ?? '', action: 'Set'});
    if (text === null || !this.activation) return;
    try {
      await this.app.session.do('setVariable', {activation: this.activation.id, name, text});
      this.owner.showActivation(this.activation);
    } catch (error) { this.app.complain(error); }
  }

  async #evaluate() {
    const text = this.field.value.trim();
    if (!text || !this.activation) return;
    try {
      const result = await this.app.session.do('evaluateIn', {activation: this.activation.id, text, mode: 'print'});
      const words = result.kind === 'value' ? result.text ?? result.value?.text : result.kind === 'stopped'
        ? 'It has stopped: see the stack.' : result.kind;
      fill(this.answer,
        [element('span.quiet', {}, `${text} → `),
          result.value?.id && result.value.childCount ? button(words,
            () => this.app.inspect(result.value, text), {}, 'link.mono') : words]);
      this.field.select();
      if (result.kind === 'value') this.owner.showActivation(this.activation);
    } catch (error) {
      fill(this.answer,
        [element('span.quiet', {}, `${text} → `), element('span', {className: 'wrong-words'}, `✗ ${error.message}`)]);
    }
  }
}
