/** Bytes written anew, as a literal of another language. */
import type { AssemblySyntax } from '../../model/assembly.ts';
import type { Instruction } from '../../model/instruction.ts';

/** How a language writes bytes. */
export interface ByteFormat {
  readonly id: string;
  /** What it is called in a list, a proper name. */
  readonly label: string;
  /** What opens and closes the literal; of directives what begins each line. */
  readonly open: string;
  readonly close: string;
  /** Between two elements on a line. */
  readonly separator: string;
  readonly element: (byte: number) => string;
  /** What stands around a comment, or undefined where the literal cannot hold one. */
  readonly comment: readonly [open: string, close: string] | undefined;
  /** Whether every line opens and closes: adjacent strings, directives. */
  readonly everyLine?: true;
  /** Whether a separator follows the last element of a literal over several lines. */
  readonly trailing?: true;
}

const two = (byte: number): string => byte.toString(16).padStart(2, '0');
const prefixed = (byte: number): string => `0x${two(byte)}`;
const escaped = (byte: number): string => `\\x${two(byte)}`;
/** NASM and MASM take a number for one only if it begins with a decimal digit. */
const trailingH = (byte: number): string => `${byte > 0x9f ? '0' : ''}${two(byte)}h`;
const slashes = ['// ', ''] as const;
const hash = ['# ', ''] as const;
const commas = { separator: ', ', comment: slashes, trailing: true } as const;

/** The largest byte that a signed one can hold. */
const largestSigned = 0x7f;

export const byteFormats: readonly ByteFormat[] = [
  { id: 'rust', label: 'Rust', open: '[', close: ']', element: prefixed, ...commas },
  { id: 'c', label: 'C, C++', open: '{', close: '}', element: prefixed, ...commas },
  {
    id: 'cString',
    label: 'C, C++ ("\\x…")',
    open: '"',
    close: '"',
    separator: '',
    element: escaped,
    comment: slashes,
    everyLine: true,
  },
  { id: 'go', label: 'Go', open: '[]byte{', close: '}', element: prefixed, ...commas },
  { id: 'zig', label: 'Zig', open: '[_]u8{', close: '}', element: prefixed, ...commas },
  {
    id: 'python',
    label: 'Python',
    open: 'bytes([',
    close: '])',
    element: prefixed,
    ...commas,
    comment: hash,
  },
  {
    id: 'pythonString',
    label: 'Python (b"\\x…")',
    open: 'b"',
    close: '"',
    separator: '',
    element: escaped,
    comment: hash,
    everyLine: true,
  },
  {
    id: 'javascript',
    label: 'JavaScript, TypeScript',
    open: 'new Uint8Array([',
    close: '])',
    element: prefixed,
    ...commas,
  },
  {
    id: 'java',
    label: 'Java',
    open: 'new byte[] {',
    close: '}',
    element: (byte) => (byte > largestSigned ? `(byte) ${prefixed(byte)}` : prefixed(byte)),
    ...commas,
  },
  {
    id: 'kotlin',
    label: 'Kotlin',
    open: 'byteArrayOf(',
    close: ')',
    element: (byte) => (byte > largestSigned ? `${prefixed(byte)}.toByte()` : prefixed(byte)),
    ...commas,
  },
  { id: 'csharp', label: 'C#', open: 'new byte[] {', close: '}', element: prefixed, ...commas },
  {
    id: 'fsharp',
    label: 'F#',
    open: '[|',
    close: '|]',
    separator: '; ',
    element: (byte) => `${prefixed(byte)}uy`,
    comment: slashes,
  },
  { id: 'swift', label: 'Swift', open: '[', close: '] as [UInt8]', element: prefixed, ...commas },
  {
    id: 'gas',
    label: 'GNU as (.byte)',
    open: '.byte ',
    close: '',
    separator: ', ',
    element: prefixed,
    comment: hash,
    everyLine: true,
  },
  {
    id: 'nasm',
    label: 'NASM, MASM (db)',
    open: 'db ',
    close: '',
    separator: ', ',
    element: trailingH,
    comment: ['; ', ''],
    everyLine: true,
  },
  {
    id: 'hex',
    label: '48 89 f8',
    open: '',
    close: '',
    separator: ' ',
    element: two,
    comment: undefined,
  },
  {
    id: 'hexText',
    label: '4889f8',
    open: '',
    close: '',
    separator: '',
    element: two,
    comment: undefined,
  },
  {
    id: 'base64',
    label: 'base64',
    open: '',
    close: '',
    separator: '',
    element: two,
    comment: undefined,
  },
];

export interface Commented {
  /** In a row; bytes past the last one have no comment. */
  readonly instructions: readonly Instruction[];
  readonly syntax: AssemblySyntax;
}

/** A literal of up to so many bytes stands on one line. */
const oneLine = 8;
/** Bytes on a line of a longer one. */
const perLine = 12;
const indentation = '    ';
/** The widest line of elements, in characters, after which comments are aligned. */
const widestAligned = 64;

/**
 * The bytes as a literal in that format, lines ended by line feeds.
 * @param commented one instruction a line, with its text beside it, where the format has comments
 */
export function copyAs(bytes: Uint8Array, format: ByteFormat, commented?: Commented): string {
  if (format.id === 'base64') return Buffer.from(bytes).toString('base64');
  const comment = commented && format.comment;
  if (!comment && (format.comment === undefined || bytes.length <= oneLine)) {
    return format.open + written(format, bytes) + format.close;
  }
  const rows = comment ? instructionRows(bytes, commented) : plainRows(bytes);
  const lines = rows.map(({ bytes: own }, index) => {
    const isLast = index + 1 === rows.length;
    if (format.everyLine) return format.open + written(format, own) + format.close;
    const end = isLast && !format.trailing ? '' : format.separator.trimEnd();
    return indentation + written(format, own) + end;
  });
  const column =
    Math.max(0, ...lines.map(({ length }) => length).filter((length) => length <= widestAligned)) +
    2;
  const whole = lines.map((line, index) => {
    const words = rows[index]?.text;
    if (!comment || words === undefined || words === '') return line;
    return `${line.padEnd(Math.max(column, line.length + 2))}${comment[0]}${words}${comment[1]}`;
  });
  return format.everyLine ? whole.join('\n') : [format.open, ...whole, format.close].join('\n');
}

function written({ element, separator }: ByteFormat, bytes: Uint8Array): string {
  return Array.from(bytes, element).join(separator);
}

interface CopiedRow {
  readonly bytes: Uint8Array;
  readonly text: string;
}

function plainRows(bytes: Uint8Array): readonly CopiedRow[] {
  const rows: CopiedRow[] = [];
  for (let at = 0; at < bytes.length; at += perLine) {
    rows.push({ bytes: bytes.subarray(at, at + perLine), text: '' });
  }
  return rows;
}

function instructionRows(
  bytes: Uint8Array,
  { instructions, syntax }: Commented,
): readonly CopiedRow[] {
  const rows = instructions.map((instruction): CopiedRow => {
    const { offset, length } = instruction;
    return {
      bytes: bytes.subarray(offset, offset + length),
      text: syntax === 'att' ? instruction.att : instruction.intel,
    };
  });
  const last = instructions.at(-1);
  const end = last ? last.offset + last.length : 0;
  return [...rows, ...plainRows(bytes.subarray(end))];
}
