/** Values as the editor shows them: short beside the code, whole in the hover. */
import * as vscode from 'vscode';
import { instructionText } from '../engine/crashListing.ts';
import { outputLines, registersOf } from '../engine/detailText.ts';
import { escapeControls } from '../engine/escape.ts';
import {
  abbreviate,
  formatChanges,
  formatMilliseconds,
  valueViews,
  type ValueView,
} from '../engine/format.ts';
import { formatOffset } from '../engine/instructionText.ts';
import { registerTable } from '../engine/registerTable.ts';
import type { CallReport } from '../engine/runBlock.ts';
import type { Call, JitBlock } from '../model/block.ts';
import { registerValue } from '../model/registers.ts';
import type { RunResult } from '../model/run.ts';
import { parameterName } from '../model/signature.ts';
import type { CallValue } from './results.ts';
import { valueCommands, valueLinks } from './valueCommands.ts';

/** Characters of a value beside the code. */
const longestInline = 80;

/** Characters of one argument, of a line, and elements of a buffer, in a hover. */
const hoverBounds = {
  argument: 60,
  line: 400,
  elements: 256,
  elementsInLine: 16,
  outputLines: 10,
} as const;

/** `add_four(4)`, with the arguments as they were written. */
export function callText(block: JitBlock, call: Call): string {
  const shown = call.arguments.map(({ text }) => abbreviate(text, hoverBounds.argument));
  return `${block.name ?? ''}(${shown.join(', ')})`;
}

/** What stands beside the call: `⇒ 8  ✓`. A stale value has no sign, for nothing is known of it any more. */
export function inlineText({ report, stale }: CallValue): string {
  const { explanation, verdict } = report;
  const value = abbreviate(inlineEnd(explanation.text), longestInline);
  if (stale) return `⇒ ${value}`;
  const sign = {
    passed: verdict.expectation === 'held' ? '  ✓' : '',
    failed: '  ✗',
    'ended-badly': '  ✗',
    refused: '',
  };
  return `⇒ ${value}${sign[verdict.status]}`;
}

/** How a call ended, without the registers where there is no room for them. */
function inlineEnd(text: string): string {
  if (!text.startsWith('fault ') || text.length <= longestInline) return text;
  const [end = text] = text.split('; ', 1);
  return end;
}

/** The registers that led to a bad end, as a hover over its bytes: what happened is told by the problem there. */
export function bytesHoverText({ report }: CallValue): vscode.MarkdownString {
  const { block, call, explanation } = report;
  const markdown = new vscode.MarkdownString();
  // An end that was expected is no problem, and so not told beside this.
  const end = report.verdict.status === 'passed' ? ` ⇒ ${explanation.text}` : '';
  const shown = abbreviate(`${callText(block, call)}${end}`, hoverBounds.line);
  const parts = [shown, table(registerRows(report))];
  markdown.appendCodeblock(parts.filter((part) => part !== '').join('\n'), 'plaintext');
  return markdown;
}

/** Everything known of a value, as a hover. */
export function hoverText({ id, report, stale }: CallValue): vscode.MarkdownString {
  const { block, call, result, explanation, verdict } = report;
  const markdown = new vscode.MarkdownString();
  markdown.isTrusted = { enabledCommands: Object.values(valueCommands) };
  const title = `${callText(block, call)} ⇒ ${explanation.text}`;
  const rows = rowsOf(report);
  const shown = abbreviate(title, hoverBounds.line);
  const parts = [shown, table(rows), registerLines(report), capturedLines(result)];
  markdown.appendCodeblock(parts.filter((part) => part !== '').join('\n\n'), 'plaintext');
  const said = [
    stale ? vscode.l10n.t('Changed since the run: this value may not hold any more.') : undefined,
    verdict.expectation === 'held' ? vscode.l10n.t('✓ as expected') : undefined,
    verdict.expectation === 'failed'
      ? vscode.l10n.t('✗ expected {0}', inCode(call.expectation?.text ?? ''))
      : undefined,
    result.outcome === 'returned'
      ? vscode.l10n.t('took {0}', formatMilliseconds(Number(result.durationNs) / 1e6))
      : undefined,
    ...explanation.notes.map((note) => `⚠ ${note}`),
  ].filter((part) => part !== undefined);
  const links =
    result.outcome === 'refused' ? [] : [valueLinks(id, verdict.expectation === 'held')];
  markdown.appendMarkdown([said.join(' · '), ...links].filter((part) => part !== '').join('\n\n'));
  return markdown;
}

type Row = readonly [label: string, text: string];

function rowsOf(report: CallReport): readonly Row[] {
  const { block, result } = report;
  const { signature } = block;
  switch (result.outcome) {
    case 'returned': {
      const views = valueViews(result.value, signature.result).flatMap(viewRows);
      const buffers = result.buffers.flatMap((buffer): readonly Row[] => {
        const type = signature.parameters[buffer.parameter]?.type;
        const element =
          type?.kind === 'pointer' && type.target.kind !== 'void'
            ? type.target
            : ({ kind: 'integer', bits: 8, signed: false } as const);
        const name = parameterName(signature, buffer.parameter);
        // What changed stands with what it was: memory of hundreds of elements is not compared by eye.
        const { before, after } = buffer;
        return [[name, formatChanges(before, after, element, hoverBounds.elements)]];
      });
      return [...views, ...buffers];
    }
    case 'fault':
    case 'timeout':
    case 'blocked':
      return placeRows(report);
    case 'abi': {
      const hex = (value: bigint): string => `0x${value.toString(16)}`;
      return [
        [vscode.l10n.t('expected'), `${result.register} = ${hex(result.expected)}`],
        [vscode.l10n.t('found'), `${result.register} = ${hex(result.found)}`],
      ];
    }
    default:
      return [];
  }
}

/** The instruction that ended the call, and the registers that it uses. */
function placeRows(report: CallReport): readonly Row[] {
  const { instruction } = report.explanation;
  if (!instruction) return [];
  return [
    [vscode.l10n.t('instruction'), instructionText(instruction)],
    [vscode.l10n.t('at byte'), formatOffset(instruction.offset)],
    ...registerRows(report),
  ];
}

/** The registers that the instruction uses which ended the call. */
function registerRows({ block, result, explanation }: CallReport): readonly Row[] {
  const { instruction } = explanation;
  const registers = registersOf(result);
  if (!instruction || !registers) return [];
  const used = new Set([...instruction.registersRead, ...instruction.registersWritten]);
  return [...used].flatMap((name): readonly Row[] => {
    const value = registerValue(block.architecture, registers, name);
    if (value === undefined || name === 'rip') return [];
    return [[name, `0x${value.toString(16).padStart(16, '0')}`]];
  });
}

/** All registers of a fragment: they are its result. */
function registerLines({ block, result }: CallReport): string {
  if (block.kind !== 'fragment' || result.outcome !== 'returned' || !result.registers) return '';
  return registerTable(block.architecture, result.registers).join('\n');
}

function capturedLines({ output }: RunResult): string {
  return output
    ? outputLines(output).slice(0, hoverBounds.outputLines).map(escapeControls).join('\n')
    : '';
}

/** A view's rows: long binary numbers take two lines, so that the hover need not scroll. */
function viewRows({ label, text }: ValueView): readonly Row[] {
  const names: Readonly<Record<ValueView['label'], string>> = {
    decimal: vscode.l10n.t('decimal'),
    unsigned: vscode.l10n.t('unsigned'),
    signed: vscode.l10n.t('signed'),
    hex: vscode.l10n.t('hex'),
    binary: vscode.l10n.t('binary'),
    character: vscode.l10n.t('character'),
    'as float': vscode.l10n.t('as float'),
    bits: vscode.l10n.t('bits'),
    address: vscode.l10n.t('address'),
  };
  const groups = text.split(' ');
  const name = names[label];
  if (label !== 'binary' || groups.length <= 4) return [[name, text]];
  const half = groups.length / 2;
  return [
    [name, groups.slice(0, half).join(' ')],
    ['', groups.slice(half).join(' ')],
  ];
}

function table(rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => `${label.padEnd(width)}  ${text}`).join('\n');
}

/** Text between as many backticks as keep it whole. */
function inCode(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${text} ${fence}`;
}
