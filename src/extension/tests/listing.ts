/** The tests of one text as the Test Explorer lists them: the same that the command line runs. */
import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import {
  asksNothing,
  beginsIn,
  numbered,
  testsOfBlocks,
  type BlockTests,
} from '../../engine/fileTests.ts';
import type { PlannedCall, RunSettings } from '../../engine/plan.ts';
import { type JitBlock, spanOfBlock } from '../../model/block.ts';
import { formatSignature } from '../../model/signature.ts';
import type { LineIndex, Range } from '../../model/text.ts';
import { blockKey } from '../results.ts';
import type { FoundInFile } from '../scanThread.ts';
import { blockId, callId, fileId } from './ids.ts';
import { inSlices } from './slices.ts';

export interface ListedFile {
  readonly uri: vscode.Uri;
  readonly lines: LineIndex;
  readonly blocks: readonly ListedBlock[];
  /** Problems that keep something from being tested, outside of all blocks. */
  readonly errors: readonly ListedError[];
}

export interface ListedBlock {
  readonly id: string;
  readonly label: string;
  /** The signature, where the label does not say it; else nothing. */
  readonly description: string;
  readonly range: vscode.Range;
  /** All that the results of its calls depend on, but the calls. */
  readonly fingerprint: string;
  readonly block: JitBlock;
  readonly errors: readonly ListedError[];
  readonly calls: readonly ListedCall[];
}

export interface ListedCall {
  readonly id: string;
  /** `add_four(4) => 8`. */
  readonly label: string;
  readonly range: vscode.Range;
  /** What is passed and expected. */
  readonly fingerprint: string;
  readonly planned: PlannedCall;
}

export interface ListedError {
  readonly range: vscode.Range;
  readonly message: string;
}

/** Lists the tests of a file in their order in the text; long ones take several turns. */
export async function listTests(
  uri: vscode.Uri,
  { blocks, problems, lines }: FoundInFile,
  settings: RunSettings,
): Promise<ListedFile> {
  const listed: ListedBlock[] = [];
  let errors = problems
    .filter(({ severity }) => severity === 'error')
    .map(({ span, message }) => ({ range: lines.range(span), message }));
  const uniqueName = numbered();
  await inSlices('list tests', testsOfBlocks(blocks, settings), (tests) => {
    const { block } = tests;
    const id = blockId(fileId(uri), uniqueName(block.name ?? ''));
    const extent = lines.range(spanOfBlock(block));
    const own = errors.filter(({ range }) => beginsIn(extent, range));
    if (own.length > 0) errors = errors.filter((error) => !own.includes(error));
    const isTested = own.length > 0 || (tests.tests.length > 0 && !block.broken);
    if (!isTested || asksNothing(block)) return;
    listed.push({
      id,
      label: tests.name,
      description: block.name === undefined ? '' : signatureOf(block),
      range: rangeOf(extent),
      fingerprint: hashOf(blockKey(block)),
      block,
      errors: own.map(listedError),
      calls: block.broken ? [] : callsOf(id, tests, lines),
    });
  });
  return { uri, lines, blocks: listed, errors: errors.map(listedError) };
}

function callsOf(block: string, { tests }: BlockTests, lines: LineIndex): ListedCall[] {
  return tests.map(({ planned, name }, index) => {
    const { call } = planned;
    const passed = call.arguments.map(({ text }) => text);
    const registers = call.registers.map(({ register, value }) => `${register} = ${value}`);
    return {
      id: callId(block, index),
      label: name,
      range: rangeOf(lines.range(call.span)),
      fingerprint: hashOf([...passed, ...registers, call.expectation?.text ?? ''].join('\n')),
      planned,
    };
  });
}

/** The signature without the name. */
function signatureOf({ signature }: JitBlock): string {
  return formatSignature({ ...signature, name: undefined });
}

function listedError(error: { readonly range: Range; readonly message: string }): ListedError {
  return { range: rangeOf(error.range), message: error.message };
}

/** A range of a text as the editor's. */
export function rangeOf({ start, end }: Range): vscode.Range {
  return new vscode.Range(start.line, start.column, end.line, end.column);
}

/** Equal for equal texts: kept in their place, for a block may be a megabyte long. */
function hashOf(text: string): string {
  return createHash('sha1').update(text).digest('base64');
}
