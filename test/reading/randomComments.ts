/** Blocks of bytes with comments that nobody would write, and such as are nearly true. */
import type { Disassembler } from '../../src/asm/disassembler.ts';
import type { Random } from '../randomNumbers.ts';
import type { Sample } from './randomBytes.ts';

/** Lines in one block, and bytes on a line, at most. */
export const linesOfBlock = 20;
const bytesOfLine = 12;

const words = [
  'mov', 'add', 'lea', 'jmp', 'call', 'ret', 'rep', 'lock', 'stosb', 'vaddps', 'ldr', 'stp', 'b.ne', 'cbz', 'movl', 'jne',
  'rax', '%rax', 'eax', 'x0', 'w1', 'sp', 'xmm3', '%st(1)', 'k2', 'cr0', 'v0.4s', 'wzr',
  '[rax+rbx*4-8]', '(%rax,%rbx,4)', '8(%rsp)', '[x0, #16]!', '[rip+', 'qword ptr', 'BYTE PTR', 'fs:0x28', '{k1}{z}', '{sae}',
  '$4', '#0x10', '0x7f', '-1', '0b101', '18446744073709551616', '1e9', '10h', '-', '--', '0x', '#', '$', '%', '*', '@', ';',
  'if', 'the', 'is', 'return', 'a', 'loop', 'label:', '=>', '->', '!', '?', '...', '…', '//', '/*', '(', ')', '[', ']', '{', '}', ',',
] as const; // prettier-ignore

/** Signs that trip up what reads letters: combining, right to left, wide, alone, and none at all. */
const odd = [
  'é',
  'e\u0301',
  '\u202e',
  '漢',
  '🙂',
  '\ud800',
  '\u0000',
  '\u00a0',
  '\ufeff',
  'ſ',
  'İ',
  '٣',
  '\t',
  '\u2028',
  '²',
];

/** Characters of the longest comment. */
export const longestComment = 20_000;

/** A text in C with one block, whose every line has a comment. */
export function commentedText(
  decoder: Disassembler,
  { architecture, bytes }: Sample,
  random: Random,
): { readonly text: string; readonly comments: number } {
  const from = <T>(list: readonly T[]): T | undefined => list[random(list.length)];
  const lines: string[] = [];
  const instructions = decoder.decode(bytes.subarray(0, linesOfBlock * bytesOfLine));
  let next = 0;
  while (lines.length < linesOfBlock && next < instructions.length) {
    const here = instructions.slice(next, next + 1 + random(2));
    next += here.length;
    const numbers = here.flatMap((one) => [...one.bytes].map((byte) => `0x${byte.toString(16)}`));
    const texts = here.map(({ intel, att }) => (random(2) === 0 ? intel : att));
    lines.push(
      `  ${numbers.join(', ')}, // ${commentFrom(texts.join(from(['; ', ' ', '\t', ', ']) ?? ''), random)}`,
    );
  }
  const text = `// @jit () -> void @arch ${architecture}\nconst unsigned char code[] = {\n${lines.join('\n')}\n};\n`;
  return { text, comments: lines.length };
}

function commentFrom(truth: string, random: Random): string {
  const word = (): string =>
    random(12) === 0 ? (odd[random(odd.length)] ?? '') : (words[random(words.length)] ?? '');
  const some = (count: number): string =>
    Array.from({ length: count }, word).join(random(3) === 0 ? '' : ' ');
  const made = (): string => {
    switch (random(6)) {
      case 0:
        return some(random(12));
      case 1:
        return truth;
      case 2:
        return mutated(truth, word, random);
      case 3:
        return `${some(random(3))} ${mutated(truth, word, random)} ${some(random(6))}`;
      case 4:
        return Array.from({ length: random(40) }, () =>
          String.fromCharCode(32 + random(0x2fff)),
        ).join('');
      default:
        return random(100) === 0
          ? (word() || 'a').repeat(longestComment).slice(0, random(longestComment))
          : mutated(mutated(truth, word, random), word, random);
    }
  };
  return made().replaceAll(/[\r\n]/g, ' ');
}

/** A text with a few characters or words changed. */
function mutated(text: string, word: () => string, random: Random): string {
  const at = random(text.length + 1);
  const rest = text.slice(at);
  switch (random(4)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(33 + random(94)) + rest.slice(1);
    case 1:
      return text.slice(0, at) + rest.slice(1 + random(5));
    case 2:
      return text.slice(0, at) + word() + rest;
    default:
      return text.replace(/\d+/, () => String(random(2 ** 31) * random(2 ** 31)));
  }
}
