/** Which instruction set bytes are of, where they tell clearly. */
import type { Disassembler } from '../../asm/disassembler.ts';
import type { Architecture } from '../../model/architecture.ts';

/** How a function of an architecture returns, as bytes of its instruction in hexadecimal, and their alignment. */
interface Return {
  readonly architecture: Architecture;
  readonly code: string;
  readonly align: 1 | 2 | 4;
}

/** From the architectures' manuals: `ret`, `bx lr`, `jr ra`, `blr`, `br %r14`, `retl` with its delay slot. */
const returns: readonly Return[] = [
  { architecture: 'aarch64', code: 'c0035fd6', align: 4 },
  { architecture: 'arm', code: '1eff2fe1', align: 4 },
  { architecture: 'arm', code: '0ef0a0e1', align: 4 },
  { architecture: 'thumb', code: '7047', align: 2 },
  { architecture: 'riscv64', code: '67800000', align: 4 },
  { architecture: 'riscv64', code: '8280', align: 2 },
  { architecture: 'mips', code: '03e00008', align: 4 },
  { architecture: 'mipsel', code: '0800e003', align: 4 },
  { architecture: 'ppc64', code: '4e800020', align: 4 },
  { architecture: 'ppc64le', code: '2000804e', align: 4 },
  { architecture: 's390x', code: '07fe', align: 2 },
  { architecture: 'loongarch64', code: '2000004c', align: 4 },
];

/** `ret` and `ret imm16`. */
const x86Return = /(?:c3|c2....)$/;

/**
 * The architecture of the bytes: another one than the default only where they decode whole in it, return in its way,
 * and are no function of the default one.
 */
export async function guessArchitecture(
  bytes: Uint8Array,
  fallback: Architecture,
  load: (architecture: Architecture) => Promise<Disassembler>,
): Promise<Architecture> {
  const hex = Buffer.from(bytes).toString('hex');
  const isWhole = async (architecture: Architecture): Promise<boolean> => {
    const decoder = await load(architecture);
    return decoder.decode(bytes).every(({ valid }) => valid);
  };
  if (returnsAs(hex, bytes.length, fallback) && (await isWhole(fallback))) {
    return fallback === 'x86_64'
      ? x86Width(bytes, await load('x86_64'), await load('x86'))
      : fallback;
  }
  const candidates = new Set<Architecture>(returns.map(({ architecture }) => architecture));
  candidates.add('x86_64');
  for (const architecture of candidates) {
    if (architecture === fallback || !returnsAs(hex, bytes.length, architecture)) continue;
    if (await isWhole(architecture)) return architecture;
  }
  return fallback;
}

/** Whether the last instruction, or with a delay slot the one before, returns. */
function returnsAs(hex: string, length: number, architecture: Architecture): boolean {
  if (architecture === 'x86_64' || architecture === 'x86') return x86Return.test(hex);
  return returns.some(({ architecture: of, code, align }) => {
    if (of !== architecture || length % align !== 0) return false;
    const delaySlot = of === 'mips' || of === 'mipsel' ? 8 : 0;
    return hex.endsWith(code) || (delaySlot > 0 && hex.slice(0, -delaySlot).endsWith(code));
  });
}

/** 32-bit code takes its arguments from the stack, and has no REX prefixes. */
function x86Width(bytes: Uint8Array, x64: Disassembler, x86: Disassembler): Architecture {
  const wide = x64.decode(bytes);
  const hasWide = wide.some(({ operands }) =>
    operands.some(
      (operand) => operand.kind === 'register' && /^r(?:[a-d]x|[sd]i|\d)/.test(operand.register),
    ),
  );
  if (hasWide) return 'x86_64';
  const narrow = x86.decode(bytes);
  const isStackArgument = narrow.some(({ memory }) =>
    memory.some(
      ({ base, index, displacement }) =>
        index === undefined &&
        ((base === 'esp' && displacement >= 4n) || (base === 'ebp' && displacement >= 8n)),
    ),
  );
  return isStackArgument && narrow.every(({ valid }) => valid) ? 'x86' : 'x86_64';
}
