/**
 * The report for programs: one JSON document, described in docs/json.md. It is written as it grows, a line for each file,
 * block and call, for what many calls leave in their buffers need not fit into memory.
 */
import { instructionText } from '../engine/crashListing.ts';
import { registerText } from '../engine/fragmentText.ts';
import { formatReturn } from '../engine/format.ts';
import type { CallReport } from '../engine/runBlock.ts';
import type { JitBlock } from '../model/block.ts';
import type { Instruction } from '../model/instruction.ts';
import type { Registers } from '../model/registers.ts';
import type { Fault, Place, RunResult } from '../model/run.ts';
import { formatSignature, parameterName, type Signature, type Type } from '../model/signature.ts';
import { LineIndex, type Span } from '../model/text.ts';
import type { ReturnValue } from '../model/value.ts';
import { hexOf, type Json, problemJson, textOf } from './jsonText.ts';
import type { Report, ReportedFile, Write } from './report.ts';

/** What is open in the document, outermost first. */
type Level = 'document' | 'file' | 'block';

const closing: Readonly<Record<Level, string>> = { document: ']}\n', file: ']}', block: ']}' };

export class JsonReport implements Report {
  readonly #write: Write;
  /** What is open, each with whether its list has an element already. */
  readonly #open: { readonly level: Level; filled: boolean }[] = [];
  #lines = new LineIndex('');

  constructor(write: Write) {
    this.#write = write;
    this.#begin('document', { version: 1 }, 'files');
  }

  beginFile({ file, lines, problems }: ReportedFile): void {
    this.#lines = lines;
    this.#closeTo('document');
    this.#begin('file', { file, problems: problems.map(problemJson) }, 'blocks');
  }

  beginBlock(block: JitBlock): void {
    this.#closeTo('file');
    this.#begin(
      'block',
      {
        line: this.#line(block.tag),
        name: block.name ?? null,
        arch: block.architecture,
        signature: formatSignature(block.signature),
        bytes: hexOf(block.bytes),
      },
      'calls',
    );
  }

  call(report: CallReport): void {
    this.#element();
    this.#write(textOf({ line: this.#line(report.call.tag), ...callJson(report) }));
  }

  end(): void {
    this.#closeTo(undefined);
  }

  #line(span: Span): number {
    return this.#lines.lineAt(span.start) + 1;
  }

  /** Opens an object whose last key is a list that is still to come. */
  #begin(level: Level, head: Readonly<Record<string, Json>>, list: string): void {
    this.#element();
    this.#write(`${textOf(head).slice(0, -1)},"${list}":[`);
    this.#open.push({ level, filled: false });
  }

  /** Separates what comes from what stands before it. */
  #element(): void {
    const inner = this.#open.at(-1);
    if (!inner) return;
    this.#write(inner.filled ? ',\n' : '\n');
    inner.filled = true;
  }

  #closeTo(level: Level | undefined): void {
    for (let inner = this.#open.at(-1); inner && inner.level !== level; inner = this.#open.at(-1)) {
      this.#write(closing[inner.level]);
      this.#open.pop();
    }
  }
}

function callJson(report: CallReport): Readonly<Record<string, Json>> {
  const { block, call, result, explanation, verdict } = report;
  const returned = result.outcome === 'returned' ? result : undefined;
  const { instruction, notes } = explanation;
  return {
    args: [
      ...call.arguments.map(({ text }) => text),
      ...call.registers.map(({ register, value }) => `${register} = ${registerText(value)}`),
    ],
    outcome: result.outcome,
    value: returned ? valueText(returned.value, block.signature.result) : null,
    hex: returned ? valueHex(returned.value, block.signature.result) : null,
    buffers: returned ? buffersJson(returned, block.signature) : [],
    registers: block.kind === 'fragment' ? registersJson(returned?.registers) : null,
    fault: result.outcome === 'fault' ? faultJson(result.fault) : null,
    stuck: result.outcome === 'timeout' ? placeJson(result.stuck) : null,
    blocked: result.outcome === 'blocked' ? blockedJson(result) : null,
    exitStatus: result.outcome === 'exited' ? result.status : null,
    abi: result.outcome === 'abi' ? abiJson(result) : null,
    instruction: instruction ? instructionJson(instruction) : null,
    output: result.output ? hexOf(result.output) : null,
    notes,
    expectation: verdict.expectation ?? null,
    message: verdict.message ?? null,
    durationNs: returned ? Number(returned.durationNs) : null,
  };
}

function valueText(value: ReturnValue, type: Type): string | null {
  if (value.kind === 'void') return null;
  return value.kind === 'address' ? hexNumber(value.value) : formatReturn(value, type);
}

/** The bits of a number in the width of its type, or the bytes to which an address leads. */
function valueHex(value: ReturnValue, type: Type): string | null {
  switch (value.kind) {
    case 'void':
      return null;
    case 'integer': {
      const bits = type.kind === 'integer' ? type.bits : 8;
      return hexNumber(BigInt.asUintN(bits, value.value), bits);
    }
    case 'float':
      return hexNumber(value.bits, type.kind === 'float' ? type.bits : 64);
    case 'vector':
      return hexOf(value.bytes);
    case 'address':
      return value.target ? hexOf(value.target.bytes) : null;
  }
}

function buffersJson(result: RunResult & { outcome: 'returned' }, signature: Signature): Json {
  return result.buffers.map(({ parameter, before, after }) => ({
    name: parameterName(signature, parameter),
    before: hexOf(before),
    after: hexOf(after),
  }));
}

function faultJson({ signal, code, access, address, offset, registers }: Fault): Json {
  return {
    signal,
    code: code ?? null,
    access: access ?? null,
    address: address === undefined ? null : hexNumber(address),
    offset: offset ?? null,
    registers: registersJson(registers),
  };
}

function placeJson(place: Place | undefined): Json {
  if (!place) return null;
  return { offset: place.offset ?? null, registers: registersJson(place.registers) };
}

function blockedJson(result: RunResult & { outcome: 'blocked' }): Json {
  const { systemCall, arguments: values, at } = result;
  return {
    systemCall,
    arguments: values.map((value) => hexNumber(value)),
    offset: at?.offset ?? null,
    registers: registersJson(at?.registers),
  };
}

function abiJson({ register, expected, found }: RunResult & { outcome: 'abi' }): Json {
  return { register, expected: hexNumber(expected), found: hexNumber(found) };
}

function instructionJson(instruction: Instruction): Json {
  return {
    offset: instruction.offset,
    bytes: hexOf(instruction.bytes),
    text: instructionText(instruction),
  };
}

/** Full registers by their names in lower case. */
function registersJson(registers: Registers | undefined): Json {
  if (!registers) return null;
  return Object.fromEntries(
    Object.entries(registers).map(([name, value]) => [name, hexNumber(value)]),
  );
}

/** `0x…`, padded to a width in bits where one is given. */
function hexNumber(value: bigint, bits = 0): string {
  return `0x${value.toString(16).padStart(bits / 4, '0')}`;
}
