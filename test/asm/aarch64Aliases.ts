/** What objdump calls an instruction that has several names: the aliases that the manual prefers. */
import type { Form } from '../../src/asm/aarch64/form.ts';

/** What a rule finds, and what it makes of it: a replacement, or a function of the groups. */
type Rule = readonly [RegExp, string | ((...groups: readonly string[]) => string)];

/** Bit field moves: as an extraction where immr is not above imms, else as an insertion. */
function bitField(operation: string, rest: string, immr: string, imms: string): string {
  const bits = rest.startsWith('w') ? 32 : 64;
  const [from, to] = [Number(immr), Number(imms)];
  const names: Readonly<Record<string, readonly [string, string]>> = {
    bfm: ['bfxil', 'bfi'],
    sbfm: ['sbfx', 'sbfiz'],
    ubfm: ['ubfx', 'ubfiz'],
  };
  const [extract = '', insert = ''] = names[operation] ?? [];
  return from <= to
    ? `${extract} ${rest}, #${from}, #${to - from + 1}`
    : `${insert} ${rest}, #${bits - from}, #${to + 1}`;
}

/** movz and movn as mov with the value that they make, where the manual lets them be one. */
function wideMove(operation: string, register: string, immediate: string, shift = '0'): string {
  const bits = register.startsWith('w') ? 32 : 64;
  const [part, by] = [BigInt(immediate), BigInt(shift)];
  const text = `${operation} ${register}, #${part}${by === 0n ? '' : `, lsl #${by}`}`;
  if (part === 0n && by !== 0n) return text;
  if (operation === 'movn' && bits === 32 && part === 0xffffn) return text;
  const value = operation === 'movz' ? part << by : ~(part << by);
  return `mov ${register}, #${BigInt.asUintN(bits, value)}`;
}

/** orr with zero and a bitmask as mov, except of a value that movz or movn make. */
function bitmaskMove(register = '', zero = '', immediate = ''): string {
  const bits = zero === 'wzr' ? 32 : 64;
  const value = BigInt(immediate);
  const isWide = [value, BigInt.asUintN(bits, ~value)].some((one) =>
    Array.from({ length: bits / 16 }, (_, index) => 0xffffn << BigInt(16 * index)).some(
      (part) => (one & ~part) === 0n,
    ),
  );
  return isWide ? `orr ${register}, ${zero}, #${immediate}` : `mov ${register}, #${immediate}`;
}

/** Rules on text with decimal numbers, applied in order. */
const rules: readonly Rule[] = [
  [
    /^((?:add|sub|cmp|cmn)s? .*)#(\d{4,})$/,
    (start = '', number = '') => {
      const value = Number(number);
      return value > 4095 ? `${start}#${value / 4096}, lsl #12` : `${start}#${number}`;
    },
  ],
  [/^adds [wx]zr, /, 'cmn '],
  [/^subs [wx]zr, /, 'cmp '],
  [/^ands [wx]zr, /, 'tst '],
  [/^(sub|subs) (\w+), [wx]zr, /, (name = '', to = '') => `neg${name.slice(3)} ${to}, `],
  [/^(sbc|sbcs) (\w+), [wx]zr, /, (name = '', to = '') => `ngc${name.slice(3)} ${to}, `],
  [/^negs ([wx]zr), /, 'cmp $1, '],
  [/^orr (\w+), [wx]zr, (\w+)$/, 'mov $1, $2'],
  [/^orr (\w+), ([wx]zr), #(\d+)$/, bitmaskMove],
  [/^((?:add|sub) (?:sp, .*|\w+, sp, .*)), uxtx( #\d+)$/, '$1, lsl$2'],
  [/^orn (\w+), [wx]zr, /, 'mvn $1, '],
  [/^(asr|lsl|lsr|ror)v /, '$1 '],
  [/^madd (.*), [wx]zr$/, 'mul $1'],
  [/^msub (.*), [wx]zr$/, 'mneg $1'],
  [/^([su])maddl (.*), xzr$/, '$1mull $2'],
  [/^([su])msubl (.*), xzr$/, '$1mnegl $2'],
  [/^(mov[zn]) (\w+), #(\d+)(?:, lsl #(\d+))?$/, wideMove],
  [/^([su]?bfm) (\w+, \w+), #(\d+), #(\d+)$/, bitField],
  [/^bfi (\w+), [wx]zr, /, 'bfc $1, '],
  [/^sbfx (\w+), [wx](\w+), #0, #8$/, 'sxtb $1, w$2'],
  [/^ubfx (w\w+, w\w+), #0, #8$/, 'uxtb $1'],
  [/^ld(add|clr|eor|set)(l?) (\w+), [wx]zr, /, 'st$1$2 $3, '],
  [/^cinc (\w+), [wx]zr, /, 'cset $1, '],
  [/^cinv (\w+), [wx]zr, /, 'csetm $1, '],
  [/^(tbn?z) x(\w+), #([12]?\d|3[01]), /, '$1 w$2, #$3, '],
  [/^(fcmpe? \w+), #0$/, '$1, #0.0'],
  [/^hint #7$/, 'xpaclri'],
  [/^hint #24$/, 'paciaz'],
  [/^hint #31$/, 'autibsp'],
  // objdump names the page and not what lies on it.
  [
    /^(adrp \w+), 0x(\w+)$/,
    (start = '', target = '') =>
      `${start}, 0x${(Number.parseInt(target, 16) & ~0xfff).toString(16)}`,
  ],
];

/** The text of an instruction as objdump has it; numbers are to be decimal and without sign. */
export function preferred(text: string, form: Form): string {
  const unscaled = form.row[1].endsWith('[Xn|SP,#simm9]');
  let result = unscaled ? text.replace(/^(ld|st)r/, '$1ur') : text;
  for (const [pattern, replacement] of rules) {
    const match = pattern.exec(result);
    if (!match) continue;
    const [all, ...groups] = match;
    const made =
      typeof replacement === 'string' ? all.replace(pattern, replacement) : replacement(...groups);
    result = made + result.slice(all.length);
  }
  return result;
}
