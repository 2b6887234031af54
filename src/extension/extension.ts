/** The extension: its parts, and what they need of each other. */
import * as vscode from 'vscode';
import { JitClient } from '../jit/client.ts';
import { registerAnnotationHover } from './annotationHover.ts';
import { registerLanguageReference } from './languageReference.ts';
import { measureCallbacks } from './callbackTimes.ts';
import { BenchmarkView } from './benchmarkView.ts';
import { BenchResults } from './benchmarkResults.ts';
import { Benchmarks } from './benchmarks.ts';
import { registerByteHover } from './byteHover.ts';
import { CodeLenses } from './codeLens.ts';
import { CommentChecks } from './commentChecks.ts';
import { CodeWarnings } from './codeWarnings.ts';
import { registerCompletion } from './completion.ts';
import { Consent } from './consent.ts';
import { Diagnostics } from './diagnostics.ts';
import { EditActions } from './editActions.ts';
import { registerEditCommands } from './editCommands.ts';
import { EditContext } from './editContext.ts';
import { DisassemblyHints } from './disassemblyHints.ts';
import { DisassemblyView } from './disassemblyView.ts';
import { documentWith } from './documents.ts';
import { DocumentChanges } from './documentChanges.ts';
import { registerExample } from './example.ts';
import { registerHover } from './hover.ts';
import { InlineValues } from './inlineValues.ts';
import { Instructions } from './instructions.ts';
import { LiveRun } from './liveRun.ts';
import { OutputChannel } from './outputChannel.ts';
import { ProtectionStatus } from './protection.ts';
import { RegistersView } from './registersView.ts';
import { Renames } from './renames.ts';
import { Results } from './results.ts';
import { registerCommands } from './runCommands.ts';
import { registerRunOnSave } from './runOnSave.ts';
import { Runs } from './runs.ts';
import { ScanCache } from './scanCache.ts';
import { onSettingsChange, sandboxSetting } from './settings.ts';
import { registerSnippets } from './snippets.ts';
import { StatusBar } from './statusBar.ts';
import type { Testing } from './testing.ts';
import { TestExplorer } from './tests/testExplorer.ts';
import { registerValueActions } from './valueActions.ts';
import { registerWalkthrough } from './walkthrough.ts';

export function activate(context: vscode.ExtensionContext): Testing {
  const started = performance.now();
  const bundled = (name: string): string =>
    vscode.Uri.joinPath(context.extensionUri, 'out', name).fsPath;
  const keep = <T extends vscode.Disposable>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };

  const output = keep(new OutputChannel());
  const log = (message: string): void => output.debug(message);
  const protection = keep(new ProtectionStatus());
  const startClient = (): JitClient =>
    new JitClient({
      hostPath: bundled('host/main.js'),
      sandbox: sandboxSetting(),
      log,
      onReady: (info) => protection.found(info.protection),
    });
  const client = keep(startClient());
  // Also before each run: settings that are not this machine's vanish without an event while the editor starts.
  const useSandbox = (): void => client.useSandbox(sandboxSetting());
  keep(onSettingsChange(['sandbox'], useSandbox));
  const scans = keep(new ScanCache(bundled('extension/scanWorker.js'), log));
  const results = keep(new Results());
  const runs = keep(new Runs({ prepare: useSandbox, runner: client, results, output }));
  const memory = context.workspaceState;

  const instructions = new Instructions(scans, log);

  // Of what several say of one place, the part that comes last is shown first.
  const benchResults = keep(new BenchResults());
  const benchmarkView = keep(new BenchmarkView(scans, benchResults));
  keep(new CodeLenses(scans, results));
  keep(registerAnnotationHover());
  keep(registerByteHover(instructions));
  keep(registerHover(results));
  keep(new DisassemblyHints(instructions));
  keep(new DisassemblyView(instructions));
  keep(new CommentChecks(scans, log));
  const benchmarks = keep(
    new Benchmarks({ prepare: useSandbox, client, scans, results: benchResults, output, memory }),
  );
  keep(registerEditCommands(scans));
  keep(new EditActions(scans));
  keep(new EditContext(scans));
  keep(new CodeWarnings(scans, log));
  const consent = new Consent(context.globalState);
  const live = keep(new LiveRun({ scans, runs, results, output, client, consent, log }));
  keep(new StatusBar(results, live, protection));
  keep(registerCommands({ scans, runs, results, live, output, client, memory, benchmarks }));
  keep(registerValueActions({ scans, results, memory }));
  keep(
    new RegistersView({
      scans,
      results,
      runner: client,
      prepare: useSandbox,
      mayRepeat: () => live.isOn,
      log,
    }),
  );
  keep(registerRunOnSave(scans, runs, consent, log));
  const testExplorer = keep(
    new TestExplorer({
      scans,
      workerPath: bundled('extension/scanWorker.js'),
      startClient,
      prepare: (own) => own.useSandbox(sandboxSetting()),
      log,
    }),
  );
  keep(registerCompletion(scans));
  keep(registerSnippets());
  keep(registerExample());
  keep(registerLanguageReference(context.extensionUri));
  keep(registerWalkthrough(results));
  const inlineValues = keep(new InlineValues(results));
  const diagnostics = keep(new Diagnostics(scans, results));
  const renames = keep(new Renames(results));
  keep(new DocumentChanges({ scans, results, renames, live, diagnostics, inlineValues }));

  return {
    values: (uri) => {
      const document = documentWith(uri.toString());
      return document ? inlineValues.shownIn(document) : [];
    },
    valuesIn: (editor) => inlineValues.shownInEditor(editor),
    onDidPaint: inlineValues.onDidPaint,
    settled: (document) => live.isSettled(document),
    benchmarks: (uri) => benchmarkView.shownIn(uri),
    hostPids: () => client.hostPids,
    protectionShown: () => protection.shown,
    logFolder: context.logUri,
    globalState: context.globalState,
    workspaceState: memory,
    tests: testExplorer.testing,
    measureCallbacks,
    activationMs: performance.now() - started,
  };
}
