/** How byte literals are written, by language: the styles that edits have to keep. */

export interface Writing {
  readonly newline: string;
  readonly indent: string;
  /** Whether the last element has a separator after it. */
  readonly trailing: boolean;
  readonly perLine: number;
}

export interface Form {
  readonly language: string;
  readonly name: string;
  readonly comment: readonly [string, string];
  write(bytes: readonly number[], writing: Writing): string;
}

const slashes = ['// ', ''] as const;
const hash = ['# ', ''] as const;
const semicolon = ['; ', ''] as const;
const dashes = ['-- ', ''] as const;
const mlComment = ['(* ', ' *)'] as const;

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
const HEX = (byte: number): string => hex(byte).toUpperCase();

interface ListHabits {
  readonly separator?: string;
  readonly trailing?: boolean;
}

function list(
  language: string,
  name: string,
  comment: readonly [string, string],
  [open, close]: readonly [string, string],
  element: (byte: number) => string,
  { separator = ', ', trailing = true }: ListHabits = {},
): Form {
  return {
    language,
    name,
    comment,
    write: (bytes, { newline, indent, trailing: hasTrailing, perLine }) => {
      const last = trailing && hasTrailing ? separator.trim() : '';
      if (perLine === 0) return open + bytes.map(element).join(separator) + last + close;
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at += perLine) {
        lines.push(
          indent +
            bytes
              .slice(at, at + perLine)
              .map(element)
              .join(separator),
        );
      }
      return open + newline + lines.join(separator.trimEnd() + newline) + last + newline + close;
    },
  };
}

function strings(
  language: string,
  name: string,
  comment: readonly [string, string],
  [before, open, after]: readonly [string, string, string],
  element: (byte: number) => string,
): Form {
  return {
    language,
    name,
    comment,
    write: (bytes, { newline, indent, perLine }) => {
      if (perLine === 0) return `${before} ${open}${bytes.map(element).join('')}"${after}`;
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at += perLine) {
        lines.push(
          `${indent}${open}${bytes
            .slice(at, at + perLine)
            .map(element)
            .join('')}"`,
        );
      }
      return before + newline + lines.join(newline) + after;
    },
  };
}

function directives(
  language: string,
  name: string,
  comment: readonly [string, string],
  directive: string,
  element: (byte: number) => string,
  separator = ', ',
): Form {
  return {
    language,
    name,
    comment,
    write: (bytes, { newline, indent, perLine }) => {
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at += perLine || 8) {
        lines.push(
          indent +
            directive +
            bytes
              .slice(at, at + (perLine || 8))
              .map(element)
              .join(separator),
        );
      }
      return lines.join(newline);
    },
  };
}

export const forms: readonly Form[] = [
  list('rust', '0x', slashes, ['let a = [', '];'], (b) => `0x${hex(b)}`),
  list('rust', 'upper case', slashes, ['let a = [', '];'], (b) => `0x${HEX(b)}`),
  list('rust', 'decimal', slashes, ['let a: [u8; 4] = [', '];'], String),
  list('rust', 'suffix', slashes, ['let a = vec![', '];'], (b) => `${b}u8`),
  list(
    'rust',
    'binary',
    slashes,
    ['let a = [', '];'],
    (b) => `0b${b.toString(2).padStart(8, '0')}`,
  ),
  list('rust', 'cast', slashes, ['let a = [', '];'], (b) => `0x${hex(b)} as u8`),
  list('c', 'braces', slashes, ['unsigned char a[] = {', '};'], (b) => `0x${hex(b)}`, {
    separator: ',',
  }),
  list(
    'c',
    'block comments',
    ['/* ', ' */'],
    ['unsigned char a[] = { ', ' };'],
    (b) => `0x${hex(b)}`,
  ),
  list('c', 'signed', slashes, ['char a[] = {', '};'], (b) => String((b << 24) >> 24)),
  list('c', 'cast', slashes, ['char a[] = {', '};'], (b) => `(char)0x${hex(b)}`),
  list('c', 'octal', slashes, ['char a[] = {', '};'], (b) => `0${b.toString(8)}`),
  strings('c', 'string', slashes, ['char a[] =', '"', ';'], (b) => `\\x${hex(b)}`),
  strings(
    'c',
    'octal string',
    slashes,
    ['char a[] =', '"', ';'],
    (b) => `\\${b.toString(8).padStart(3, '0')}`,
  ),
  strings('c', 'argument', slashes, ['run(', '"', ');'], (b) => `\\x${HEX(b)}`),
  strings('cpp', 'hex text', slashes, ['auto a = decode_hex(', '"', ');'], (b) => hex(b)),
  list('csharp', 'array', slashes, ['var a = new byte[] { ', ' };'], (b) => `0x${hex(b)}`),
  list('go', 'slice', slashes, ['var a = []byte{', '}'], (b) => `0x${hex(b)}`),
  list('java', 'casts', slashes, ['byte[] a = { ', ' };'], (b) => `(byte) 0x${hex(b)}`),
  list('java', 'casts where needed', slashes, ['byte[] a = { ', ' };'], (b) =>
    b < 128 ? `0x${hex(b)}` : `(byte)0x${hex(b)}`,
  ),
  list('kotlin', 'methods', slashes, ['val a = byteArrayOf(', ')'], (b) => `0x${hex(b)}.toByte()`),
  list('swift', 'array', slashes, ['let a: [UInt8] = [', ']'], (b) => `0x${HEX(b)}`),
  list('zig', 'array', slashes, ['const a = [_]u8{ ', ' };'], (b) => `0x${hex(b)}`),
  list('javascript', 'array', slashes, ['const a = new Uint8Array([', ']);'], (b) => `0x${hex(b)}`),
  list('nim', 'suffix', hash, ['let a = [', ']'], (b) => `0x${HEX(b)}'u8`),
  list('python', 'list', hash, ['a = bytes([', '])'], (b) => `0x${hex(b)}`),
  strings('python', 'string', hash, ['a =', 'b"', ''], (b) => `\\x${hex(b)}`),
  strings('python', 'fromhex', hash, ['a = bytes.fromhex(', '"', ')'], (b) => hex(b)),
  strings(
    'python',
    'fromhex with blanks',
    hash,
    ['a = bytes.fromhex(', '"', ')'],
    (b) => `${HEX(b)} `,
  ),
  list('ruby', 'array', hash, ['a = [', '].pack("C*")'], (b) => `0x${hex(b)}`),
  list('perl', 'list', hash, ['my @a = (', ');'], (b) => `0x${hex(b)}`),
  list('php', 'array', slashes, ['$a = [', '];'], (b) => `0x${hex(b)}`),
  list('lua', 'table', dashes, ['local a = {', '}'], (b) => `0x${hex(b)}`),
  list('fsharp', 'semicolons', slashes, ['let a = [| ', ' |]'], (b) => `0x${hex(b)}uy`, {
    separator: '; ',
  }),
  list('ocaml', 'semicolons', mlComment, ['let a = [|', '|]'], String, { separator: ';' }),
  list('haskell', 'list', dashes, ['a = [', ']'], (b) => `0x${hex(b)}`, { trailing: false }),
  list('scheme', 'blanks', semicolon, ['(define a #u8(', '))'], (b) => `#x${hex(b)}`, {
    separator: ' ',
  }),
  list('commonlisp', 'blanks', semicolon, ["(defvar *a* '(", '))'], (b) => `#x${HEX(b)}`, {
    separator: ' ',
  }),
  list('clojure', 'blanks', semicolon, ['(def a [', '])'], (b) => `0x${hex(b)}`, {
    separator: ' ',
  }),
  list('pascal', 'dollar', slashes, ['A: array[0..9] of Byte = (', ');'], (b) => `$${HEX(b)}`, {
    trailing: false,
  }),
  list('ada', 'based', dashes, ['A : Bytes := (', ');'], (b) => `16#${HEX(b)}#`, {
    trailing: false,
  }),
  list('vb', '&H', ["' ", ''], ['Dim a() As Byte = {', '}'], (b) => `&H${HEX(b)}`, {
    trailing: false,
  }),
  list('erlang', 'binary', ['% ', ''], ['a() -> <<', '>>.'], (b) => `16#${HEX(b)}`, {
    trailing: false,
  }),
  list('elixir', 'binary', hash, ['a = <<', '>>'], (b) => `0x${HEX(b)}`, { trailing: false }),
  list('powershell', 'array', hash, ['$a = @(', ')'], (b) => `0x${HEX(b)}`, { trailing: false }),
  list('julia', 'array', hash, ['a = UInt8[', ']'], (b) => `0x${hex(b)}`),
  directives('asm', '.byte', hash, '.byte ', (b) => `0x${hex(b)}`),
  directives('nasm', 'db', semicolon, 'db ', (b) => `0${hex(b)}h`, ','),
  directives('goasm', 'BYTE', slashes, 'BYTE ', (b) => `$0x${hex(b)}`, '; BYTE '),
];
