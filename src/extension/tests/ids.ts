/** Names of tests that stay the same while their items come and go: of a place, a block's name, a call's number. */
import type * as vscode from 'vscode';

/** A folder of files with tests, or of the workspace. */
export function folderId(uri: vscode.Uri): string {
  return `folder:${uri.toString()}`;
}

export function fileId(uri: vscode.Uri): string {
  return uri.toString();
}

/** @param name the block's name, or `` for none; the second of the same name ends with ` #2` */
export function blockId(file: string, name: string): string {
  return `${file}#${name}`;
}

/** @param index 0-based, among the tests of the block */
export function callId(block: string, index: number): string {
  return `${block}/${index}`;
}

/** The ids of an item and of all it stands below, innermost first. */
export function chainOf(item: vscode.TestItem): readonly string[] {
  const ids: string[] = [];
  for (let at: vscode.TestItem | undefined = item; at; at = at.parent) ids.push(at.id);
  return ids;
}
