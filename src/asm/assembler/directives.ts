/** Directives that @defasm/core does not know or misreads. */
import type { AssemblyError, AssemblySyntax } from '../../model/assembly.ts';
import type { Span } from '../../model/text.ts';
import type { Part } from './prepare.ts';

/** A part of the text that another takes the place of. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

const attNames: Readonly<Record<string, string>> = {
  // Its own ends without the NUL.
  '.string': '.asciz',
  // Its own has eight.
  '.4byte': '.long',
};

const intelNames: Readonly<Record<string, string>> = {
  '.byte': 'db',
  '.2byte': 'dw',
  '.short': 'dw',
  '.hword': 'dw',
  '.value': 'dw',
  '.word': 'dw',
  '.4byte': 'dd',
  '.int': 'dd',
  '.long': 'dd',
  '.8byte': 'dq',
  '.quad': 'dq',
  '.ascii': 'db',
  '.asciz': 'db',
  '.string': 'db',
};

/** They say nothing about the bytes: unwinding, names for a linker, the mode that we are in. */
const silent =
  /^(?:\.cfi_\w+|\.ident|\.code64|\.globl|\.global|\.type|\.size|\.hidden|\.local|\.weak|\.text)$/;
const silentNasm = /^\s*(?:\[?\s*bits\s+64\s*\]?|use64|section\s+\.text)\s*$/i;

/** Bytes that `.zero` and its like may give. */
const mostFill = 65_536;

/** The edits that a statement needs, or why it cannot be. */
export function directiveEdits(
  part: Part,
  syntax: AssemblySyntax,
): readonly Edit[] | AssemblyError {
  const found = /^\s*(\.?\w+)/.exec(part.masked);
  if (!found) return [];
  const [lead, written = ''] = found;
  const name = written.toLowerCase();
  const whole = { start: part.start, end: part.end };
  const own = { start: part.start + lead.length - written.length, end: part.start + lead.length };
  const isIntel = syntax === 'intel';
  if (/^\.(?:att|intel)_syntax$/.test(name)) {
    return /\bprefix|\.att_syntax\s+noprefix/.test(part.masked.toLowerCase()) ? [] : blank(whole);
  }
  if (silent.test(name) && (isIntel || /^\.(?:cfi|ident|code64)/.test(name))) return blank(whole);
  if (isIntel && silentNasm.test(part.masked)) return blank(whole);
  if (/^\.(?:zero|skip|space)$/.test(name)) return filled(part, own, isIntel);
  if (isIntel && name === 'times') return repeated(part);
  if (isIntel && name === 'movabs') return movabs(part);
  const relative = isIntel ? relativeEdits(part) : [];
  if (relative.length > 0) return relative;
  const swapped = isIntel ? x87Edit(part) : undefined;
  if (swapped) return [swapped];
  const other = (isIntel ? intelNames : attNames)[name];
  if (other === undefined) return [];
  const edits = [{ span: own, text: other }];
  if (isIntel && (name === '.asciz' || name === '.string')) {
    if (part.masked.includes(',')) return { span: whole, message: 'one string to a directive' };
    const end = part.start + part.masked.trimEnd().length;
    edits.push({ span: { start: end, end }, text: ',0' });
  }
  return edits;
}

/** Its `fsub st(1), st` in Intel's syntax is `fsubr`, as in AT&T's, and the same for its kin. */
function x87Edit({ start, masked }: Part): Edit | undefined {
  const found =
    /^(\s*(?:addr32\s+)?f(?:sub|div))(r?)(?=p?\s*(?:$|st\s*\(\d\)(?:\s*,\s*st(?:\s*\(\s*0\s*\))?)?\s*$))/i.exec(
      masked,
    );
  if (!found) return undefined;
  const [whole, , reverse = ''] = found;
  const end = start + whole.length;
  return { span: { start: end - reverse.length, end }, text: reverse === '' ? 'r' : '' };
}

/** A move of all 64 bits, which it knows in AT&T's syntax alone. */
function movabs({ start, end, code }: Part): readonly Edit[] | AssemblyError {
  const span = { start, end };
  const [, register = '', value = ''] =
    /^\s*movabs\s+(r[a-z]{2}|r\d+)\s*,\s*([^[\]\s](?:[^[\]]*[^[\]\s])?)\s*$/i.exec(code) ?? [];
  if (register === '') return { span, message: 'movabs takes a 64-bit register and a number' };
  const text = ` .att_syntax prefix\nmovabs $${value}, %${register}\n.intel_syntax noprefix`;
  return [{ span, text }];
}

/** NASM's `[rel name]`. */
function relativeEdits({ start, masked }: Part): Edit[] {
  return [...masked.matchAll(/\[\s*rel\s+(?=[\w.$@?])/gi)].map((found) => {
    const from = start + found.index;
    return { span: { start: from, end: from + found[0].length }, text: '[rip+' };
  });
}

/** Statements that NASM's `times` may make, and UTF-16 code units of their text. */
const mostTimes = 4096;
const mostRepeated = 1 << 16;

/** NASM's `times 8 nop`. */
function repeated({ start, end, code }: Part): readonly Edit[] | AssemblyError {
  const found = /^\s*times\s+(0x[\da-f]+|\d+)\s+(\S.*?)\s*$/is.exec(code);
  const count = Number(found?.[1] ?? Number.NaN);
  const statement = `${found?.[2] ?? ''}\n`;
  const span = { start, end };
  if (!(count <= mostTimes) || count * statement.length > mostRepeated || /['"]/.test(code)) {
    return { span, message: `expected a number up to ${mostTimes} and a short statement` };
  }
  return count === 0 ? blank(span) : [{ span, text: ` ${statement.repeat(count)}` }];
}

function blank(span: Span): Edit[] {
  return [{ span, text: ' ' }];
}

/** `.zero 16` and `.skip 16, 0x90` as so many bytes. */
function filled(part: Part, own: Span, isIntel: boolean): readonly Edit[] | AssemblyError {
  const rest = part.code.slice(own.end - part.start);
  const numbers = /^\s*(0x[\da-f]+|\d+)\s*(?:,\s*(0x[\da-f]+|\d+)\s*)?$/i.exec(rest);
  const count = Number(numbers?.[1] ?? Number.NaN);
  const value = Number(numbers?.[2] ?? 0);
  const span = { start: part.start, end: part.end };
  if (!(count <= mostFill) || value > 0xff) {
    const message = `expected a number of bytes up to ${mostFill}, and perhaps the value of each`;
    return { span: { start: own.start, end: part.end }, message };
  }
  if (count === 0) return blank(span);
  const values = Array.from({ length: count }, () => value).join(',');
  return [{ span, text: `${isIntel ? 'db' : '.byte'} ${values}` }];
}

const widths: Readonly<Record<string, number>> = {
  '.byte': 8,
  db: 8,
  '.2byte': 16,
  '.short': 16,
  '.hword': 16,
  '.value': 16,
  '.word': 16,
  dw: 16,
  '.4byte': 32,
  '.int': 32,
  '.long': 32,
  dd: 32,
  '.8byte': 64,
  '.quad': 64,
  dq: 64,
};

/** Numbers that do not fit into what their directive gives, and would be cut. */
export function dataErrors({ start, masked }: Part): AssemblyError[] {
  const found = /^\s*(\.?\w+)\s/.exec(masked);
  const bits = widths[found?.[1]?.toLowerCase() ?? ''];
  if (!found || bits === undefined) return [];
  const errors: AssemblyError[] = [];
  let at = found[0].length;
  for (const operand of masked.slice(at).split(',')) {
    const number = /^\s*([-~]?\s*(?:0x[\da-f]+|0b[01]+|0o[0-7]+|\d[\da-f]*h|\d+))\s*$/i.exec(
      operand,
    );
    const value = number ? valueOf((number[1] ?? '').toLowerCase()) : undefined;
    if (value !== undefined && (value < -(1n << BigInt(bits - 1)) || value >= 1n << BigInt(bits))) {
      const from = start + at + operand.length - operand.trimStart().length;
      const span = { start: from, end: from + operand.trim().length };
      errors.push({ span, message: `${operand.trim()} does not fit into ${bits} bits` });
    }
    at += operand.length + 1;
  }
  return errors;
}

function valueOf(number: string): bigint {
  const digits = number.replace(/^[-~]\s*/, '');
  const value = BigInt(digits.endsWith('h') ? `0x${digits.slice(0, -1)}` : digits);
  return number.startsWith('-') ? -value : number.startsWith('~') ? ~value : value;
}
