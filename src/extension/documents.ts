/** Which documents count, and what language they are read in. */
import * as vscode from 'vscode';
import { languageIdOfFile } from '../source/languages.ts';

/** Schemes of documents that a person edits, whatever the file systems registered at the moment are. */
const editedSchemes: ReadonlySet<string> = new Set([
  'file',
  'untitled',
  'vscode-notebook-cell',
  'vscode-remote',
]);

/** Schemes that show the past, a proposal, or what the editor itself prints; some are writable file systems. */
const shownSchemes =
  /^(?:git|gitlens|gitfs|svn|hg|review|pr$|githubpr|output|vscode$|vscode-(?:scm|local-history|userdata|settings|terminal|interactive|chat)|chat|debug|comment|search|walkthrough)/i;

/**
 * Whether the bytes of a document may ever run: a person edits it, and it is no picture of the past or of a
 * proposal. Documents of a read-only file system never run.
 */
export function mayRun({ scheme }: vscode.Uri): boolean {
  if (editedSchemes.has(scheme)) return true;
  if (shownSchemes.test(scheme)) return false;
  return vscode.workspace.fs.isWritableFileSystem(scheme) === true;
}

/** The language a document is read in: its own, or where the editor knows none, that of its file name. */
export function languageIdOf(document: vscode.TextDocument): string {
  if (document.languageId !== 'plaintext') return document.languageId;
  return languageIdOfFile(document.uri.path) ?? document.languageId;
}

/** The open document of a URI, written as text. */
export function documentWith(uri: string | undefined): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri);
}

/** `file.rs:12`, with the folder's name where several folders are open. */
export function placeOf(document: vscode.TextDocument, offset: number): string {
  const name = vscode.workspace.asRelativePath(document.uri);
  return `${name}:${document.positionAt(offset).line + 1}`;
}

/** A span of a document's text as the editor's range. */
export function rangeOf(
  document: vscode.TextDocument,
  span: { readonly start: number; readonly end: number },
): vscode.Range {
  return new vscode.Range(document.positionAt(span.start), document.positionAt(span.end));
}
