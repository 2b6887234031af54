/** Whether code reads time or chance, or asks which processor it is: its result then differs from run to run. */
import { disassembler, supports } from '../asm/disassembler.ts';
import type { Architecture } from '../model/architecture.ts';
import type { Unpredictability } from '../model/instruction.ts';

/** Mnemonics that one note names at most. */
const mostNamed = 4;

/** How many bytes of code are looked through. */
const mostBytes = 64 << 10;

/** Second bytes of the two-byte opcodes that may be such on x86: Intel SDM volume 2, table A-3. */
const suspects: ReadonlySet<number> = new Set([0x00, 0x01, 0x31, 0x33, 0xa2, 0xae, 0xc7]);
const escapeByte = 0x0f;
/** XBEGIN: C7 F8. */
const beginTransaction = [0xc7, 0xf8] as const;

const phrases: Readonly<Record<Unpredictability, string>> = {
  time: 'time',
  chance: 'chance',
  processor: 'the processor',
};

/**
 * `the result depends on rdtsc (time)`, a note for each kind. The disassembler is loaded only where a byte looks suspicious.
 * @param dataFrom offset from which on the bytes are data, or undefined
 */
export async function unpredictableNotes(
  architecture: Architecture,
  bytes: Uint8Array,
  dataFrom: number | undefined,
): Promise<readonly string[]> {
  const code = bytes.subarray(0, Math.min(dataFrom ?? bytes.length, mostBytes));
  if (!looksSuspicious(architecture, code) || !supports(architecture)) return [];
  const found = new Map<Unpredictability, Set<string>>();
  for (const { valid, unpredictable, mnemonic } of (await disassembler(architecture)).decode(
    code,
  )) {
    if (!valid || unpredictable === undefined) continue;
    found.set(unpredictable, (found.get(unpredictable) ?? new Set()).add(mnemonic));
  }
  return [...found].map(([kind, mnemonics]) => {
    const named = [...mnemonics].slice(0, mostNamed).join(', ');
    return `the result depends on ${named} (${phrases[kind]})`;
  });
}

/** False where no byte can be such an instruction: most code, which then needs no disassembler. */
function looksSuspicious(architecture: Architecture, code: Uint8Array): boolean {
  if (!architecture.startsWith('x86')) return true;
  const [first, second] = beginTransaction;
  for (let at = 0; at + 1 < code.length; at++) {
    const next = code[at + 1] ?? 0;
    if (code[at] === escapeByte && suspects.has(next)) return true;
    if (code[at] === first && next === second) return true;
  }
  return false;
}
