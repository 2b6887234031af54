/** The user's settings, checked: a wrong value in a settings file is the default. */
import process from 'node:process';
import * as vscode from 'vscode';
import type { RunSettings } from '../engine/plan.ts';
import { machineOf } from '../engine/plan.ts';
import { sandboxes, type Sandbox } from '../jit/protection.ts';
import { findArchitecture, type Architecture } from '../model/architecture.ts';

const section = 'jitBytes';

/** The bounds of `jitBytes.run.timeout`, in milliseconds. */
const timeoutBounds = { least: 1, most: 60_000, default: 1000 } as const;

/** When annotated bytes run. */
export const runModes = ['auto', 'live', 'onSave', 'manual'] as const;
export type RunMode = (typeof runModes)[number];

/** The name of a setting, for `affectsConfiguration`. */
export type SettingName =
  | 'run.timeout'
  | 'run.mode'
  | 'sandbox'
  | 'defaultArchitecture'
  | 'codeLens.enabled'
  | 'codeLens.benchmark'
  | 'inlineValues.enabled'
  | 'disassembly.hints'
  | 'disassembly.syntax'
  | 'commentCheck.enabled'
  | 'warnings.enabled'
  | 'testExplorer.enabled';

function read(name: SettingName, scope?: vscode.TextDocument | vscode.Uri): unknown {
  return vscode.workspace.getConfiguration(section, scope).get<unknown>(name);
}

/** The bound on each call and what can run on this machine. */
export function runSettings(): RunSettings {
  const timeout = read('run.timeout');
  const { least, most } = timeoutBounds;
  const timeoutMs =
    typeof timeout === 'number' && Number.isFinite(timeout)
      ? Math.min(most, Math.max(least, timeout))
      : timeoutBounds.default;
  return { timeoutMs, machine: machineOf(process.platform, process.arch) };
}

/** @param scope a document, or a file that is not open */
export function defaultArchitecture(scope: vscode.TextDocument | vscode.Uri): Architecture {
  const name = read('defaultArchitecture', scope);
  return (typeof name === 'string' ? findArchitecture(name)?.name : undefined) ?? 'x86_64';
}

export function codeLensEnabled(document: vscode.TextDocument): boolean {
  return read('codeLens.enabled', document) !== false;
}

export function benchmarkLensEnabled(document: vscode.TextDocument): boolean {
  return codeLensEnabled(document) && read('codeLens.benchmark', document) !== false;
}

export function inlineValuesEnabled(document: vscode.TextDocument): boolean {
  return read('inlineValues.enabled', document) !== false;
}

/** Which lines of bytes get their disassembly as a hint: those without a comment, all, or none. */
export function disassemblyHints(document: vscode.TextDocument): 'off' | 'missing' | 'all' {
  const mode = read('disassembly.hints', document);
  return mode === 'off' || mode === 'all' ? mode : 'missing';
}

/** The syntax of disassembly where the text does not show which one its author prefers. */
export function disassemblySyntax(): 'intel' | 'att' {
  return read('disassembly.syntax') === 'att' ? 'att' : 'intel';
}

export function commentCheckEnabled(document: vscode.TextDocument): boolean {
  return read('commentCheck.enabled', document) !== false;
}

export function codeWarningsEnabled(document: vscode.TextDocument): boolean {
  return read('warnings.enabled', document) !== false;
}

export function testExplorerEnabled(): boolean {
  return read('testExplorer.enabled') !== false;
}

/** What bytes may do: the user's own setting alone. What a workspace says does not count. */
export function sandboxSetting(): Sandbox {
  const { globalValue } =
    vscode.workspace.getConfiguration(section).inspect<unknown>('sandbox') ?? {};
  return sandboxes.find((name) => name === globalValue) ?? 'strict';
}

export function runMode(): RunMode {
  const mode = read('run.mode');
  return runModes.find((name) => name === mode) ?? 'auto';
}

/** Makes runs manual again, in the user's own settings. */
export async function setManualMode(): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  await configuration.update('run.mode', 'manual', vscode.ConfigurationTarget.Global);
}

/** Calls back when one of the named settings changes. */
export function onSettingsChange(
  names: readonly SettingName[],
  changed: () => void,
): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (names.some((name) => event.affectsConfiguration(`${section}.${name}`))) changed();
  });
}
