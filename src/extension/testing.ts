/** What the extension shows that tests cannot read back from the editor. No interface for other extensions. */
import type * as vscode from 'vscode';
import { measureCallbacks } from './callbackTimes.ts';
import type { InlineValue } from './inlineValues.ts';
import type { TestExplorerTesting } from './tests/testExplorer.ts';

export interface Testing {
  /** The values painted in a document's editors. */
  values(uri: vscode.Uri): readonly InlineValue[];
  /** The values painted in one of the editors of a document. */
  valuesIn(editor: vscode.TextEditor): readonly InlineValue[];
  /** Values were handed to the editor. */
  readonly onDidPaint: vscode.Event<vscode.TextDocument>;
  /** Whether each block that runs by itself has its value. */
  settled(document: vscode.TextDocument): boolean;
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
  readonly tests: TestExplorerTesting;
  readonly measureCallbacks: typeof measureCallbacks;
  /** Milliseconds that `activate` took. */
  readonly activationMs: number;
}
