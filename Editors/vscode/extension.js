// Starts `ovid lsp` and `ovid dap`, and shows what the lenses' commands answer.
'use strict';

const vscode = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;

const setting = name => vscode.workspace.getConfiguration('ovid').get(name);

/// What a lens or an action asks for is answered by the server; places are shown here.
async function executeCommand(command, words, next) {
  const answer = await next(command, words);
  if (!Array.isArray(answer)) return answer;
  const places = answer.map(place => client.protocol2CodeConverter.asLocation(place));
  const editor = vscode.window.activeTextEditor;
  if (editor && places.length > 0) {
    await vscode.commands.executeCommand(
      'editor.action.goToLocations', editor.document.uri, editor.selection.active, places, 'peek');
  }
  return answer;
}

function serverArguments() {
  const attach = setting('attach');
  if (!attach) return ['lsp'];
  return attach === '*' ? ['lsp', '--attach'] : ['lsp', '--attach', attach];
}

async function activate(context) {
  client = new LanguageClient(
    'ovid', 'Ovid', { command: setting('path'), args: serverArguments() },
    { documentSelector: [{ language: 'som' }], middleware: { executeCommand } });
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory('ovid', {
      createDebugAdapterDescriptor: () => new vscode.DebugAdapterExecutable(setting('path'), ['dap']),
    }));
  await client.start();
}

function deactivate() {
  return client && client.stop();
}

module.exports = { activate, deactivate };
