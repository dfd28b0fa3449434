// What is done with classes and methods as a whole: new, removed, renamed. Each is an accept, which History takes back.

import {ask} from './dom.js';
import {changeWords} from './receipt-view.js';

async function change(app, change) {
  const asked = performance.now();
  try {
    const {receipt} = await app.session.do('accept', {changes: [change]});
    app.session.epilogues.timed(receipt, asked, performance.now());
    app.say(`Accept ${receipt.id}: ${changeWords(receipt).join(', ')}. History takes it back.`);
    return receipt;
  } catch (error) {
    return app.complain(error);
  }
}

/// Of the method or class that the active code browser shows.
const subject = app => {
  const document = app.desk.active?.subject?.document ?? app.desk.all.find(
    window => window.kind === 'code'
  )?.pane.document;
  if (!document) app.say('No method is shown.');
  return document;
};

export async function removeMethod(app) {
  const document = subject(app);
  if (!document?.method) return app.say('A method must be shown to be removed.');
  return change(app, {kind: 'removeMethod', method: document.method, basedOn: document.version ?? undefined});
}

export async function removeClass(app) {
  const document = subject(app), className = document?.method?.className ?? document?.place;
  if (!className) return null;
  const text = await ask(`Remove ${className}`,
    {label: 'What exists of it stays what it is. Write its name again to remove it:', action: 'Remove'});
  if (text?.trim() === className) return change(app, {kind: 'removeClass', className});
  return text === null ? null : app.say('Nothing is removed.');
}

export async function renameClass(app) {
  const document = subject(app), className = document?.method?.className ?? document?.place;
  if (!className) return null;
  const newName = await ask(`Another name for ${className}`,
    {label: 'Its new name:', value: className, action: 'Rename'});
  if (!newName?.trim() || newName.trim() === className) return null;
  const receipt = await change(app, {kind: 'renameClass', className, newName: newName.trim()});
  if (receipt) app.browse(newName.trim());
  return receipt;
}

export async function newClass(app) {
  const name = (await ask('New class', {label: 'Its name:', value: 'NewClass', action: 'Write it'}))?.trim();
  if (!name) return;
  app.browse(name);
  const document = app.documents.of(name);
  const write = () => { if (!document.text) document.write(`${name} = (\n\n    run = ( 'Hello' println )\n)\n`); };
  if (document.accepted !== null) return write();
  const off = document.onChange(({accepted}) => { if (accepted) { off(); write(); } });
}
