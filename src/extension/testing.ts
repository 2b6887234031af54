/** What the extension shows that tests cannot read back from the editor. No interface for other extensions. */
import type * as vscode from 'vscode';
import { measureCallbacks } from './callbackTimes.ts';
import type { InlineValue } from './inlineValues.ts';

export interface Testing {
  /** The values painted in a document's editors. */
  values(uri: vscode.Uri): readonly InlineValue[];
  /** The benchmarks painted in a document, each line's in one text. */
  benchmarks(uri: vscode.Uri): readonly string[];
  /** Process ids of the hosts that run. */
  hostPids(): readonly number[];
  /** What the status bar says of the protection in force, or undefined if it says nothing. */
  protectionShown(): string | undefined;
  /** The folder that holds the output channel's log file. */
  readonly logFolder: vscode.Uri;
  /** What the extension remembers for the user; consent among it. */
  readonly globalState: vscode.Memento;
  readonly workspaceState: vscode.Memento;
  readonly measureCallbacks: typeof measureCallbacks;
  /** Milliseconds that `activate` took. */
  readonly activationMs: number;
}
