/** What can be done with a value: copy it, expect it, look at the registers behind it; and further calls. */
import * as vscode from 'vscode';
import type { JitBlock } from '../model/block.ts';
import { applyRewrite, mayEdit } from './applyRewrite.ts';
import { explain, say } from './messages.ts';
import { askForArguments } from './askForCall.ts';
import { timed } from './callbackTimes.ts';
import { languageIdOf } from './documents.ts';
import { withCall } from './givenCall.ts';
import { blockOnLine } from './blockAtPlace.ts';
import type { CallValue, Results } from './results.ts';
import { optionsOf, type ScanCache } from './scanCache.ts';
import { valueCommands } from './valueCommands.ts';

export interface ValueActionParts {
  readonly scans: ScanCache;
  readonly results: Results;
  readonly memory: vscode.Memento;
}

/** A value and where it stands. */
interface Chosen {
  readonly document: vscode.TextDocument;
  readonly value: CallValue;
}

export function registerValueActions(parts: ValueActionParts): vscode.Disposable {
  const { commands, languages } = vscode;
  const register = (name: string, run: (given: unknown) => unknown): vscode.Disposable =>
    commands.registerCommand(name, timed(name, run));
  const provider = {
    provideCodeActions: timed(
      'value actions',
      (
        document: vscode.TextDocument,
        range: vscode.Range,
        { diagnostics }: vscode.CodeActionContext,
      ) => actionsAt(parts, document, range, diagnostics),
    ),
  };
  return vscode.Disposable.from(
    register(valueCommands.copyValue, (given) => copyValue(chosen(parts, given))),
    register(valueCommands.expect, (given) => expectValue(parts, chosen(parts, given))),
    register(valueCommands.addCall, () => addCallAtCursor(parts)),
    languages.registerCodeActionsProvider('*', provider, {
      providedCodeActionKinds: [
        vscode.CodeActionKind.QuickFix,
        vscode.CodeActionKind.RefactorRewrite,
      ],
    }),
  );
}

/** The value that a link or an action means, or else the one of the call at the cursor. */
function chosen({ results }: ValueActionParts, given: unknown): Chosen | undefined {
  const found = typeof given === 'number' ? results.withId(given) : undefined;
  if (found) return found;
  const editor = vscode.window.activeTextEditor;
  const value = editor && valueAt(results, editor.document, editor.selection.active);
  if (value) return { document: editor.document, value };
  return explain(vscode.l10n.t('There is no value at the cursor: put it on the line of a call.'));
}

/** The value on the line of a place; of several the one whose call holds it, or is the nearest. */
function valueAt(
  results: Results,
  document: vscode.TextDocument,
  place: vscode.Position,
): CallValue | undefined {
  const at = document.offsetAt(place);
  const distance = ({ call: { span } }: CallValue): number =>
    span.start <= at && at <= span.end
      ? 0
      : Math.min(Math.abs(span.start - at), Math.abs(span.end - at));
  const [nearest] = results
    .of(document)
    .flatMap(({ values }) => values)
    .filter(({ anchor }) => document.positionAt(anchor).line === place.line)
    .toSorted((a, b) => distance(a) - distance(b));
  return nearest;
}

async function copyValue(found: Chosen | undefined): Promise<void> {
  if (!found) return;
  const { block, call, result, explanation } = found.value.report;
  const { expectationOf } = await import('../engine/rewrite/expectation.ts');
  // The whole value as the annotation language writes it; where it has no words, as it is shown.
  await vscode.env.clipboard.writeText(expectationOf(block, call, result) ?? explanation.text);
  say(vscode.l10n.t('JIT Bytes: value copied'));
}

async function expectValue({ scans }: ValueActionParts, found: Chosen | undefined): Promise<void> {
  if (!found || !(await mayEdit(found.document))) return;
  const { document, value } = found;
  const scan = await scans.current(document);
  if (value.stale) {
    explain(vscode.l10n.t('This value is of an earlier state of the bytes: run them again first.'));
    return;
  }
  const block = scan.blocks.find(({ calls }) =>
    calls.some(({ tag }) => tag.start === value.call.tag.start),
  );
  const call = block?.calls.find(({ tag }) => tag.start === value.call.tag.start);
  if (!block || !call) {
    explain(vscode.l10n.t('There is no @call in the text that could expect this value.'));
    return;
  }
  const { useAsExpectation } = await import('../engine/rewrite/expectation.ts');
  const rewrite = useAsExpectation(
    {
      text: scan.text,
      languageId: languageIdOf(document),
      options: optionsOf(document),
      block,
      call,
    },
    value.report.result,
  );
  await applyRewrite(document, scan.version, rewrite);
}

async function addCallAtCursor({ scans, memory }: ValueActionParts): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return explain(vscode.l10n.t('Open a file with machine code first.'));
  const { document, selection } = editor;
  if (!(await mayEdit(document))) return;
  const scan = await scans.current(document);
  const block = blockOnLine(scan, document.offsetAt(selection.active));
  if (!block || block.kind === 'fragment') {
    return explain(
      block
        ? vscode.l10n.t('Write calls of a fragment by hand: they name registers.')
        : vscode.l10n.t('No annotated bytes here: put the cursor into a block with @jit.'),
    );
  }
  const read = (words: string) =>
    withCall(block, words, scan.text, languageIdOf(document), optionsOf(document));
  const words = await askForArguments(memory, read, block, vscode.l10n.t('Add call'));
  if (words === undefined) return;
  const { addCall } = await import('../engine/rewrite/expectation.ts');
  await applyRewrite(document, scan.version, addCall(scan.text, block, words));
}

/** The actions for the value on the line of the cursor, and for the block around it. */
function actionsAt(
  { scans, results }: ValueActionParts,
  document: vscode.TextDocument,
  range: vscode.Range,
  diagnostics: readonly vscode.Diagnostic[],
): vscode.CodeAction[] {
  const scan = scans.known(document);
  const block = scan && blockOnLine(scan, document.offsetAt(range.start));
  const value = valueAt(results, document, range.start);
  const actions: vscode.CodeAction[] = [];
  if (value && !value.stale && value.report.verdict.status !== 'refused') {
    const failed = diagnostics.filter(({ code }) => code === 'expectation-failed');
    const isFailed = value.report.verdict.expectation === 'failed';
    if (isFailed || value.report.call.expectation === undefined) {
      const kind = isFailed
        ? vscode.CodeActionKind.QuickFix
        : vscode.CodeActionKind.RefactorRewrite;
      const title = isFailed
        ? vscode.l10n.t('Expect what came')
        : vscode.l10n.t('Use the value as expectation');
      const made = action(title, kind, valueCommands.expect, value.id);
      made.diagnostics = isFailed ? failed : [];
      actions.push(made);
    }
  }
  if (block && isCallable(block)) {
    const title = vscode.l10n.t('Add call…');
    actions.push(action(title, vscode.CodeActionKind.RefactorRewrite, valueCommands.addCall));
  }
  return actions;
}

function isCallable(block: JitBlock): boolean {
  return block.kind === 'function' && !block.broken;
}

function action(
  title: string,
  kind: vscode.CodeActionKind,
  command: string,
  id?: number,
): vscode.CodeAction {
  const made = new vscode.CodeAction(title, kind);
  made.command = { title, command, arguments: id === undefined ? [] : [id] };
  return made;
}
