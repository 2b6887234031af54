/** The command that opens an example in the language one works in, and those of the walkthrough's steps. */
import process from 'node:process';
import * as vscode from 'vscode';
import {
  crashingFunction,
  sampleDocument,
  sampleLanguages,
  sampleLanguageOf,
  type SampleLanguage,
  type SampleMachine,
} from '../engine/samples.ts';
import { machineOf } from '../engine/plan.ts';
import { timed } from './callbackTimes.ts';
import { commands as runCommands } from './runCommands.ts';
import { mayRun } from './documents.ts';

/** The commands' names. All but the first are asked for by the walkthrough alone. */
export const commands = {
  open: 'jitBytes.openExample',
  run: 'jitBytes.example.run',
  crash: 'jitBytes.example.crash',
  disassemble: 'jitBytes.example.disassemble',
} as const;

/** For which machine samples are written: this one, or the commonest where this one cannot run any. */
export function sampleMachine(): SampleMachine {
  const { architecture } = machineOf(process.platform, process.arch);
  return {
    architecture: architecture === 'aarch64' ? 'aarch64' : 'x86_64',
    windows: process.platform === 'win32',
  };
}

export function registerExample(): vscode.Disposable {
  const register = <A extends readonly unknown[]>(
    name: string,
    run: (...args: A) => unknown,
  ): vscode.Disposable => vscode.commands.registerCommand(name, timed(name, run));
  return vscode.Disposable.from(
    register(commands.open, (languageId?: unknown) => openExample(languageId)),
    register(commands.run, async () => {
      if (await showExample('add_four')) await vscode.commands.executeCommand(runCommands.run);
    }),
    register(commands.crash, async () => {
      if (await showExample(crashingFunction)) {
        await vscode.commands.executeCommand(runCommands.run);
      }
    }),
    register(commands.disassemble, async () => {
      if (await showExample('add_four')) {
        await vscode.commands.executeCommand('jitBytes.showDisassembly');
      }
    }),
  );
}

interface LanguagePick extends vscode.QuickPickItem {
  readonly language: SampleLanguage;
}

/** @param languageId whose example is wanted; without it the user is asked */
async function openExample(languageId: unknown): Promise<vscode.TextEditor | undefined> {
  const language =
    typeof languageId === 'string' ? sampleLanguageOf(languageId) : await pickLanguage();
  if (!language) return undefined;
  const installed = new Set(await vscode.languages.getLanguages());
  const id = language.ids.find((name) => installed.has(name)) ?? 'plaintext';
  const content = sampleDocument(language, sampleMachine(), {
    addFour: vscode.l10n.t(
      'Adds four. Change the 0x04: the values follow, or run it again with the lens.',
    ),
    sum: vscode.l10n.t('Adds up an array. Each call gets memory of its own.'),
    readNull: vscode.l10n.t('Crashes on purpose: nothing is mapped at address 0.'),
  });
  const document = await vscode.workspace.openTextDocument({ language: id, content });
  return vscode.window.showTextDocument(document, { viewColumn: columnForExample() });
}

/** Beside a page that is no text, such as the walkthrough, so that both are seen. */
function columnForExample(): vscode.ViewColumn {
  const { activeTab } = vscode.window.tabGroups.activeTabGroup;
  const isPage = activeTab !== undefined && !(activeTab.input instanceof vscode.TabInputText);
  return isPage ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
}

/** Asks for a language that this editor knows; that of the text in front comes first. */
async function pickLanguage(): Promise<SampleLanguage | undefined> {
  const installed = new Set(await vscode.languages.getLanguages());
  const own = vscode.window.activeTextEditor?.document.languageId;
  const picks = sampleLanguages
    .filter(({ ids }) => ids.some((id) => installed.has(id)))
    .map((language): LanguagePick => ({ label: language.name, language }));
  const first = picks.filter(({ language }) => own !== undefined && language.ids.includes(own));
  const others = picks.filter((pick) => !first.includes(pick));
  const picked = await vscode.window.showQuickPick([...first, ...others], {
    title: vscode.l10n.t('Open an example in which language?'),
  });
  return picked?.language;
}

/** Puts the cursor to the annotation of a function in an open document; opens an example if there is none. */
async function showExample(name: string): Promise<boolean> {
  const words = new RegExp(String.raw`@jit\s.*\b${name}\b`);
  const [visible] = vscode.window.visibleTextEditors.filter(
    ({ document }) => mayRun(document.uri) && words.test(document.getText()),
  );
  const document =
    visible?.document ??
    vscode.workspace.textDocuments.find(
      (one) => one.uri.scheme === 'untitled' && !one.isClosed && words.test(one.getText()),
    );
  const editor = document
    ? await vscode.window.showTextDocument(document, {
        viewColumn: visible?.viewColumn ?? columnForExample(),
      })
    : await openExample(undefined);
  const at = editor?.document.getText().search(words) ?? -1;
  if (!editor || at < 0) return false;
  const place = editor.document.positionAt(at);
  editor.selection = new vscode.Selection(place, place);
  editor.revealRange(
    new vscode.Range(place, place),
    vscode.TextEditorRevealType.InCenterIfOutsideViewport,
  );
  return true;
}
