/** The extension: its parts, and what they need of each other. */
import * as vscode from 'vscode';
import { JitClient } from '../jit/client.ts';
import { measureCallbacks } from './callbackTimes.ts';
import { BenchmarkView } from './benchmarkView.ts';
import { BenchResults } from './benchmarkResults.ts';
import { Benchmarks } from './benchmarks.ts';
import { registerByteHover } from './byteHover.ts';
import { CodeLenses } from './codeLens.ts';
import { CommentChecks } from './commentChecks.ts';
import { Consent } from './consent.ts';
import { Diagnostics } from './diagnostics.ts';
import { DisassemblyHints } from './disassemblyHints.ts';
import { DisassemblyView } from './disassemblyView.ts';
import { DocumentChanges } from './documentChanges.ts';
import { registerHover } from './hover.ts';
import { InlineValues } from './inlineValues.ts';
import { Instructions } from './instructions.ts';
import { OutputChannel } from './outputChannel.ts';
import { ProtectionStatus } from './protection.ts';
import { Results } from './results.ts';
import { registerCommands } from './runCommands.ts';
import { registerRunOnSave } from './runOnSave.ts';
import { Runs } from './runs.ts';
import { ScanCache } from './scanCache.ts';
import { onSettingsChange, sandboxSetting } from './settings.ts';
import { StatusBar } from './statusBar.ts';
import type { Testing } from './testing.ts';

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
  const client = keep(
    new JitClient({
      hostPath: bundled('host/main.js'),
      sandbox: sandboxSetting(),
      log,
      onReady: (info) => protection.found(info.protection),
    }),
  );
  // Also before each run: settings that are not this machine's vanish without an event while the editor starts.
  const useSandbox = (): void => client.useSandbox(sandboxSetting());
  keep(onSettingsChange(['sandbox'], useSandbox));
  const scans = keep(new ScanCache(bundled('extension/scanWorker.js'), log));
  const results = keep(new Results());
  const runs = keep(new Runs({ prepare: useSandbox, runner: client, results, output }));
  const memory = context.workspaceState;

  const instructions = new Instructions(scans, log);

  keep(new CodeLenses(scans, results));
  keep(new StatusBar(results));
  keep(registerByteHover(instructions));
  // The last one registered is shown first.
  keep(registerHover(results));
  keep(new DisassemblyHints(instructions));
  keep(new DisassemblyView(instructions));
  keep(new CommentChecks(scans, log));
  const benchResults = keep(new BenchResults());
  const benchmarkView = keep(new BenchmarkView(scans, benchResults));
  const benchmarks = keep(
    new Benchmarks({ prepare: useSandbox, client, scans, results: benchResults, output, memory }),
  );
  keep(registerCommands({ scans, runs, results, output, client, memory, benchmarks }));
  keep(registerRunOnSave(scans, runs, new Consent(context.globalState), log));
  const inlineValues = keep(new InlineValues(results));
  const diagnostics = keep(new Diagnostics(scans, results));
  keep(new DocumentChanges({ scans, results, diagnostics, inlineValues }));

  return {
    values: (uri) => {
      const document = vscode.workspace.textDocuments.find(
        (one) => one.uri.toString() === uri.toString(),
      );
      return document ? inlineValues.shownIn(document) : [];
    },
    benchmarks: (uri) => benchmarkView.shownIn(uri),
    hostPids: () => client.hostPids,
    protectionShown: () => protection.shown,
    logFolder: context.logUri,
    globalState: context.globalState,
    workspaceState: memory,
    measureCallbacks,
    activationMs: performance.now() - started,
  };
}
