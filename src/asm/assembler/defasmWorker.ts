/**
 * The entry of the assembling thread, the only one that loads @defasm/core: a text may keep it busy for ever
 * or take all its memory, and then the thread is ended. What it would pass over in silence is an error here:
 * names that nothing defines (they would be 0), bytes outside `.text`, and errors of its own.
 */
import { parentPort } from 'node:worker_threads';
import { AssemblyState, fetchMnemonic, type DefasmStatement } from '@defasm/core';
import type { Span } from '../../model/text.ts';
import type { AssemblyAnswer, AssemblyQuestion, StatementBytes } from './defasmMessages.ts';

/** Errors past this number say nothing new. */
const mostErrors = 20;

type Error = AssemblyAnswer['errors'][number];

/** Lines (from 1) on which the back end reported an error of its own; it does so on the console only. */
const ownErrors: number[] = [];
console.error = (message: unknown): void => {
  ownErrors.push(Number(/line (\d+)/.exec(String(message))?.[1] ?? 1));
};

refuseCutValues();

parentPort?.on('message', (question: AssemblyQuestion) => {
  parentPort?.postMessage(answerTo(question));
});

function answerTo(question: AssemblyQuestion): AssemblyAnswer {
  const { id, text } = question;
  const nothing = {
    id,
    bytes: new Uint8Array(0),
    statements: [],
    labels: new Map<string, number>(),
  };
  ownErrors.length = 0;
  try {
    const errors = doubts(question);
    const state = compiled(text, question.intel);
    errors.push(...errorsOf(state, text));
    for (const line of ownErrors) {
      errors.push({ span: lineSpan(text, line), message: 'the assembler cannot read this' });
    }
    if (errors.length > 0) {
      errors.sort((a, b) => a.span.start - b.span.start);
      return { ...nothing, errors: errors.slice(0, mostErrors), spoilt: ownErrors.length > 0 };
    }
    return { id, ...codeOf(state), labels: labelsOf(state), errors: [], spoilt: false };
  } catch (error) {
    const message = `the assembler failed: ${messageOf(error)}`;
    const errors = [{ span: { start: 0, end: text.length }, message }];
    return { ...nothing, errors, spoilt: true };
  }
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
}

function compiled(text: string, intel: boolean): AssemblyState {
  const state = new AssemblyState({ syntax: { intel, prefix: !intel } });
  state.compile(text);
  return state;
}

function statementsOf(state: AssemblyState): DefasmStatement[] {
  const found: DefasmStatement[] = [];
  state.iterate((statement) => found.push(statement));
  return found;
}

function errorsOf(state: AssemblyState, text: string): Error[] {
  const errors: Error[] = [];
  const statements = statementsOf(state);
  for (const { error, range, switchSection, section, opcode } of statements) {
    if (error) {
      const place = error.range ?? range;
      const span = nonEmpty({ start: place.start, end: place.end }, text);
      const isDirective = error.message === 'Unknown opcode' && text[span.start] === '.';
      const message = isDirective ? 'unknown directive' : withSmallInitial(error.message);
      errors.push({ span, message });
    } else if (switchSection === true && section.name !== '.text') {
      const message = `only the section .text becomes bytes, not ${section.name}`;
      errors.push({ span: { start: range.start, end: range.end }, message });
    } else if (opcode !== undefined && /\n/.test(text.slice(range.start, range.end).trim())) {
      const message = 'an instruction stands on one line';
      errors.push({ span: { start: range.start, end: range.end }, message });
    }
  }
  const unknown = new Set<DefasmStatement>();
  for (const { name, statement, references } of state.symbols.values()) {
    if (statement && !statement.error) continue;
    for (const reference of references) {
      if (reference.error || reference.setting !== undefined) continue;
      unknown.add(reference);
      const span = spanOf(name, reference, text);
      errors.push({ span, message: `nothing here defines "${name}"` });
    }
  }
  for (const statement of statements) {
    if (statement.error || unknown.has(statement) || statement.relocations.length === 0) continue;
    const { start, end } = statement.range;
    const name = statement.relocations[0]?.value.symbol?.name;
    const message =
      name === undefined || name === '.text'
        ? 'this depends on the address at which the bytes will lie; name a label'
        : `the address of "${name}" is known only when the bytes lie in memory; use it relative to ${
            statement.opcode === undefined ? 'another label' : 'rip'
          }`;
    errors.push({ span: { start, end }, message });
  }
  return errors;
}

/** The name's place in the statement that refers to it. */
function spanOf(name: string, { range }: DefasmStatement, text: string): Span {
  const own = text.slice(range.start, range.end);
  for (let at = own.indexOf(name); at >= 0; at = own.indexOf(name, at + 1)) {
    const around = own.charAt(at - 1) + own.charAt(at + name.length);
    if (!/[\w.$]/.test(around)) {
      return { start: range.start + at, end: range.start + at + name.length };
    }
  }
  return { start: range.start, end: range.end };
}

function codeOf(state: AssemblyState): { bytes: Uint8Array; statements: StatementBytes[] } {
  const statements: StatementBytes[] = [];
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const { range, bytes, length, opcode } of statementsOf(state)) {
    if (length === 0) continue;
    parts.push(bytes.subarray(0, length));
    const span = { start: range.start, end: range.end };
    statements.push({ span, offset, length, mnemonic: opcode });
    offset += length;
  }
  return { bytes: new Uint8Array(Buffer.concat(parts)), statements };
}

function labelsOf(state: AssemblyState): Map<string, number> {
  const labels = new Map<string, number>();
  for (const { name, value } of state.symbols.values()) {
    if (value.section.name === '.text' && !name.startsWith('.text')) {
      labels.set(name, Number(value.addend ?? 0n));
    }
  }
  return labels;
}

/** A value that does not fit, signed or not, is an error instead of being cut. */
function refuseCutValues(): void {
  const [statement] = statementsOf(compiled('.byte 0', false));
  let owner: object | null = statement ?? null;
  while (owner && !Object.hasOwn(owner, 'genValue')) owner = Reflect.getPrototypeOf(owner);
  if (!statement || !owner) throw new Error('the assembler is not the one expected');
  const prototype = owner as Pick<DefasmStatement, 'genValue'>;
  const { genValue } = prototype;
  prototype.genValue = function genFittingValue(this: DefasmStatement, value, options) {
    const { size, sizeRelative = false } = options;
    if (!value.isRelocatable() && size < 128) {
      const number = (value.addend ?? 0n) - (sizeRelative ? BigInt(this.length + size / 8) : 0n);
      if (!fits(number, BigInt(size))) {
        const { range = this.range } = value;
        // Thrown as the back end throws its own.
        throw Object.assign(new RangeError(`this does not fit into ${size} bits`), { range });
      }
    }
    return genValue.call(this, value, options);
  };
}

/** Whether a value is one of so many bits, with or without sign, or is sign-extended to 64. */
function fits(value: bigint, bits: bigint): boolean {
  const half = 1n << (bits - 1n);
  return (
    (value >= -half && value < 2n * half) || (value < 1n << 64n && value >= (1n << 64n) - half)
  );
}

/** Texts behind a `;` in Intel's syntax that would be instructions: NASM begins comments so, GNU as does not. */
function doubts({ doubtful }: AssemblyQuestion): Error[] {
  return doubtful.flatMap(({ span, text: said }) => {
    const name = /^\s*([a-z]\w*)/i.exec(said)?.[1];
    if (name === undefined || fetchMnemonic(name.toLowerCase(), true).length === 0) return [];
    const state = compiled(said, true);
    if (errorsOf(state, said).length > 0 || codeOf(state).bytes.length === 0) return [];
    const message =
      'a comment or an instruction? Put an instruction on a line of its own, or begin the comment with #';
    return [{ span, message }];
  });
}

function nonEmpty({ start, end }: Span, text: string): Span {
  const from = Math.min(Math.max(0, start), text.length);
  const to = Math.min(Math.max(from, end), text.length);
  if (to > from && text[from] !== '\n') return { start: from, end: to };
  // What is missing is missed behind what stands before.
  const before = Math.max(0, text.slice(0, from).trimEnd().length - 1);
  return { start: before, end: Math.min(before + 1, text.length) };
}

function withSmallInitial(message: string): string {
  return /^[A-Z][a-z']/.test(message)
    ? message.charAt(0).toLowerCase() + message.slice(1)
    : message;
}

/** A line's text, counted from 1. */
function lineSpan(text: string, line: number): Span {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const next = text.indexOf('\n', start);
    if (next < 0) break;
    start = next + 1;
  }
  const end = text.indexOf('\n', start);
  return { start, end: end < 0 ? text.length : end };
}
