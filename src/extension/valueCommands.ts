/** The names of the commands for values, and the links to them in a hover. */
import * as vscode from 'vscode';

export const valueCommands = {
  copyValue: 'jitBytes.copyValue',
  expect: 'jitBytes.useAsExpectation',
  addCall: 'jitBytes.addCall',
  showRegisters: 'jitBytes.showRegisters',
} as const;

/**
 * Links that do something with a value, as a line of a hover. The hover must trust the commands.
 * @param id the value's
 */
export function valueLinks(id: number, isExpected: boolean): string {
  const link = (command: string, title: string): string =>
    `[${title}](command:${command}?${encodeURIComponent(JSON.stringify([id]))})`;
  return [
    link(valueCommands.copyValue, vscode.l10n.t('Copy value')),
    ...(isExpected ? [] : [link(valueCommands.expect, vscode.l10n.t('Use as expectation'))]),
    link(valueCommands.showRegisters, vscode.l10n.t('Show registers')),
  ].join(' · ');
}
