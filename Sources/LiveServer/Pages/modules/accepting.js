// Accepting a document, and what can come of it: a receipt, errors with places, or a stale edit with both texts and a
// choice.

import {element, button, show, announce} from './dom.js';
import {methodName, selectorOf} from './names.js';
import {differenceView, sidesView} from './difference-view.js';
import {changeWords} from './receipt-view.js';
import {outdented} from './indentation.js';

/// The change that accepting the document stands for.
function changeOf(document) {
  const text = document.raw;
  if (document.isClass) return {kind: 'class', text, basedOnText: document.baseText ?? document.accepted ?? undefined};
  const {className, isClassSide, selector} = document.method;
  const isSame = selectorOf(text) === selector;
  const basedOn = isSame ? (document.isDraft ? document.basedOn : document.version) ?? 0 : undefined;
  return {kind: 'method', className, isClassSide, text, basedOn};
}

/// Answers {receipt, record, place}, {refused: receipt or error}, or {stale: true}. `asked`: when the key was pressed.
export async function accept(app, document, {policy, probation, force = false, asked = performance.now()} = {}) {
  const {session} = app, text = document.text;
  let result;
  try {
    result = await session.do('accept',
      {changes: [changeOf(document)], policy, probation: probation || undefined, force});
  } catch (error) {
    if (error.code === 'stale') return await decide(app, document, error, {policy, probation, asked});
    const receipt = error.receipt ?? {errors: [{message: error.message, remedy: error.remedy}]};
    announce(`Refused: ${error.message}`);
    return {refused: receipt, error};
  }
  const {receipt} = result;
  session.epilogues.timed(receipt, asked, result.heard);
  const own = receipt.methods?.find(({method}) => methodName(method) === document.place) ?? null;
  const made = receipt.methods?.find(({after}) => after);
  const place = document.isClass || own || !made ? document.place : methodName(made.method);
  if (place !== document.place) {
    document.revert();
  } else if (document.isClass) {
    document.take(text, 0, receipt);
  } else if (own?.after || receipt.methods?.length === 0) {
    document.take(text, own?.after ?? document.version, receipt);
    if (document.isDraft) document.rebase();
  }
  announce(`Accept ${receipt.id}: ${changeWords(receipt).join(', ') || 'nothing is otherwise'}`);
  return {receipt, record: session.epilogues.of(receipt.id), place};
}

/// Somebody else was first: both texts, and a choice.
function decide(app, document, error, options) {
  const stale = error.stale?.[0] ?? {};
  const who = stale.author ? `${stale.author} has` : 'Somebody has';
  return new Promise(answer => {
    const dialog = element('dialog', {'aria-labelledby': 'stale-title'},
      element('header', {}, element('h2', {id: 'stale-title'}, `${document.place} was changed meanwhile`),
        element('span.mark.draft', {}, 'stale')),
      element('div.body', {},
        element('p', {}, stale.found
          ? `Your draft was made on v${stale.basedOn}. ${who} accepted v${stale.found} since. `
            + 'Nothing of yours is lost, whatever you choose.'
          : error.message),
        sidesView(
          [stale.found ? `Accepted: v${stale.found}` : 'Accepted',
            stale.theirs === undefined ? '(there is none any more)' : outdented(stale.theirs).text],
          ['Yours', document.text]
        ),
        element('h3', {}, 'From theirs to yours'), differenceView(stale.difference)),
      element('footer', {},
        button('Take theirs', () => dialog.close('theirs')),
        button('Go on editing mine', () => dialog.close('edit')),
        button('Accept mine all the same', () => dialog.close('mine'), {autofocus: true}, 'main')));
    show(dialog, async () => {
      switch (dialog.returnValue) {
        case 'mine': return answer(await accept(app, document, {...options, force: true, asked: performance.now()}));
        case 'theirs':
          document.revert();
          break;
        default: document.load();
      }
      answer({stale: true});
    });
  });
}

/// Takes back the last accept that changed the method (or class) of the document.
export async function takeBack(app, document) {
  const {entries} = await app.session.request('history', {limit: 200});
  const isOf = entry => document.isClass
    ? entry.classes?.some(
      ({name}) => name.replace(/ class$/, '') === document.place
    ) || entry.methods?.some(({method}) => method.className === document.place)
    : entry.methods?.some(({method}) => methodName(method) === document.place);
  const entry = entries.filter(entry => entry.state !== 'takenBack' && !entry.takingBack && isOf(entry)).pop();
  if (!entry) {
    app.say(`Nothing of ${document.place} is there to take back.`);
    return null;
  }
  return undo(app, entry.id, document.isClass || entry.methods.length === 1 ? undefined : document.method);
}

/// Answers the receipt, or says why not.
export async function undo(app, entry, method, request = 'undo') {
  const asked = performance.now();
  try {
    const {receipt, heard} = await app.session.do(request, {entry, method});
    app.session.epilogues.timed(receipt, asked, heard);
    app.say(
      `Accept ${entry} is ${request === 'undo' ? 'taken back' : 'done again'}: ${changeWords(receipt).join(', ')}`
    );
    return receipt;
  } catch (error) {
    app.complain(error);
    return null;
  }
}
