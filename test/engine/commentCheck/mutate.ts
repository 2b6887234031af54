/** Changes to one operand or the mnemonic of a line, each of which changes what the line means. */

/** What can be put in place of what. */
export interface Vocabulary {
  /** Names with as many operands and other meanings. */
  readonly exchangeable: readonly (readonly string[])[];
  readonly registerClasses: readonly (readonly string[])[];
}

const exchangeable: Vocabulary['exchangeable'] = [
  ['add', 'sub', 'and', 'or', 'xor', 'adc', 'sbb', 'cmp', 'mov'],
  ['inc', 'dec', 'neg', 'not', 'mul', 'div', 'idiv'],
  ['shl', 'shr', 'sar', 'rol', 'ror'],
  ['je', 'jne', 'jb', 'jae', 'jbe', 'ja', 'jl', 'jge', 'jle', 'jg', 'js', 'jns', 'jmp'],
  ['sete', 'setne', 'setb', 'setae', 'setl', 'setg', 'sets'],
  ['cmove', 'cmovne', 'cmovb', 'cmovae', 'cmovl', 'cmovg'],
  ['movzx', 'movsx'],
  ['push', 'pop'],
  ['call', 'jmp'],
  ['lea', 'mov'],
  ['bsf', 'bsr', 'popcnt', 'tzcnt', 'lzcnt'],
  ['bt', 'bts', 'btr', 'btc'],
  ['ret', 'leave', 'nop', 'hlt', 'cpuid', 'syscall', 'cdq', 'cqo', 'cdqe'],
  ['addps', 'subps', 'mulps', 'divps', 'minps', 'maxps', 'andps', 'orps', 'xorps'],
  ['addpd', 'subpd', 'mulpd', 'divpd', 'minpd', 'maxpd', 'andpd', 'orpd', 'xorpd'],
  ['addss', 'subss', 'mulss', 'divss', 'minss', 'maxss'],
  ['addsd', 'subsd', 'mulsd', 'divsd', 'minsd', 'maxsd'],
  ['paddb', 'paddw', 'paddd', 'paddq', 'psubb', 'psubw', 'psubd', 'pand', 'por', 'pxor'],
  ['vaddps', 'vsubps', 'vmulps', 'vdivps'],
  ['vaddpd', 'vsubpd', 'vmulpd', 'vdivpd'],
  ['vpaddb', 'vpaddw', 'vpaddd', 'vpaddq', 'vpsubb', 'vpand', 'vpor', 'vpxor'],
  ['fadd', 'fmul', 'fcom'],
  ['fld', 'fst', 'fstp'],
];

const registerClasses: Vocabulary['registerClasses'] = [
  [
    'rax',
    'rbx',
    'rcx',
    'rdx',
    'rsi',
    'rdi',
    'rbp',
    'r8',
    'r9',
    'r10',
    'r11',
    'r12',
    'r13',
    'r14',
    'r15',
  ],
  [
    'eax',
    'ebx',
    'ecx',
    'edx',
    'esi',
    'edi',
    'ebp',
    'r8d',
    'r9d',
    'r10d',
    'r11d',
    'r12d',
    'r13d',
    'r14d',
  ],
  ['ax', 'bx', 'cx', 'dx', 'si', 'di'],
  ['al', 'bl', 'cl', 'dl', 'sil', 'dil', 'r8b', 'r9b'],
  ...['xmm', 'ymm', 'zmm'].map((name) => Array.from({ length: 16 }, (_, index) => name + index)),
  Array.from({ length: 8 }, (_, index) => `mm${index}`),
];

export const x86Vocabulary: Vocabulary = { exchangeable, registerClasses };

const fromZero = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, index) => prefix + index);

export const aarch64Vocabulary: Vocabulary = {
  exchangeable: [
    ['add', 'sub', 'and', 'orr', 'eor', 'bic', 'adds', 'subs'],
    ['mul', 'udiv', 'sdiv', 'asr', 'lsl', 'lsr'],
    ['ldr', 'str'],
    ['ldrb', 'strb', 'ldrh', 'strh'],
    ['ldp', 'stp'],
    ['cbz', 'cbnz'],
    ['tbz', 'tbnz'],
    ['b', 'bl'],
    ['b.eq', 'b.ne', 'b.cs', 'b.cc', 'b.hi', 'b.ls', 'b.ge', 'b.lt', 'b.gt', 'b.le'],
    ['br', 'blr'],
    ['csel', 'csinc', 'csinv', 'csneg'],
    ['cmp', 'cmn', 'tst'],
    ['mov', 'mvn', 'neg'],
    ['fadd', 'fsub', 'fmul', 'fdiv', 'fmax', 'fmin'],
    ['fmadd', 'fmsub', 'fnmadd'],
    ['sxtw', 'sxtb', 'sxth'],
    ['clz', 'rbit', 'rev'],
    ['ret', 'nop', 'eret', 'isb'],
    ['adr', 'adrp'],
  ],
  registerClasses: [
    ...['x', 'w'].map((prefix) => fromZero(30, prefix)),
    ...['v', 'q', 'd', 's', 'h', 'b'].map((prefix) => fromZero(32, prefix)),
  ],
};

/** A source of numbers below a bound, the same in every run. */
export type Dice = (below: number) => number;

/** Xorshift (Marsaglia 2003). */
export function dice(seed: number): Dice {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const prefix = /^(?:(?:lock|rep\w*|bnd|notrack|data16|[c-gs]s) )*/i;

/** The line with one thing changed, or undefined where nothing can be changed surely. */
export function mutate(text: string, roll: Dice, vocabulary: Vocabulary): string | undefined {
  const plain = text.replace(/\s+(?:# |\/\/).*$/, '').replace(/\s*<[^>]*>$/, '');
  const before = prefix.exec(plain)?.[0] ?? '';
  const [mnemonic = '', ...rest] = plain.slice(before.length).split(' ');
  const operands = rest.join(' ');
  const ways = [
    () => renamed(mnemonic, roll, operands, vocabulary),
    () => otherRegister(operands, roll, vocabulary),
    () => otherNumber(operands, roll),
    () => swapped(mnemonic, operands),
  ];
  const first = roll(ways.length);
  for (let tries = 0; tries < ways.length; tries++) {
    const way = (first + tries) % ways.length;
    const changed = ways[way]?.();
    if (changed === undefined) continue;
    return way === 0 ? `${before}${changed} ${operands}`.trim() : `${before}${mnemonic} ${changed}`;
  }
  return undefined;
}

function renamed(
  mnemonic: string,
  roll: Dice,
  operands: string,
  { exchangeable }: Vocabulary,
): string | undefined {
  const lower = mnemonic.toLowerCase();
  for (const suffix of ['', 'b', 'w', 'l', 'q']) {
    if (!lower.endsWith(suffix)) continue;
    const stem = lower.slice(0, lower.length - suffix.length);
    const group = exchangeable.find((names) => names.includes(stem));
    if (!group) continue;
    const others = group.filter((name) => name !== stem);
    const other = others[roll(others.length)] ?? '';
    // What has no operands has no letter for their size.
    if (group.includes('syscall')) return mnemonic === lower ? other : other.toUpperCase();
    // xor, sub and the like of a register with itself, or of 0, do the same at times: not these.
    if (/^(\S+),\s*\1$/.test(operands)) return undefined;
    return mnemonic === lower ? other + suffix : (other + suffix).toUpperCase();
  }
  return undefined;
}

function otherRegister(
  operands: string,
  roll: Dice,
  { registerClasses }: Vocabulary,
): string | undefined {
  const found = [...operands.matchAll(/[a-z]+\d*[a-z]*/gi)].filter(({ 0: name }) =>
    registerClasses.some((names) => names.includes(name.toLowerCase())),
  );
  const chosen = found[roll(Math.max(1, found.length))];
  if (!chosen) return undefined;
  const name = chosen[0].toLowerCase();
  const others = (registerClasses.find((names) => names.includes(name)) ?? []).filter(
    (each) => each !== name && !operands.toLowerCase().includes(each),
  );
  const other = others[roll(Math.max(1, others.length))];
  if (other === undefined) return undefined;
  return operands.slice(0, chosen.index) + other + operands.slice(chosen.index + name.length);
}

function otherNumber(operands: string, roll: Dice): string | undefined {
  const found = [...operands.matchAll(/(?<![\w.])(?:0x([0-9a-f]+)|([0-9][0-9a-f]*)h)(?!\w)/gi)];
  const chosen = found[roll(Math.max(1, found.length))];
  if (!chosen) return undefined;
  const digits = chosen[1] ?? chosen[2] ?? '0';
  const value = BigInt(`0x${digits}`);
  const next = value % 2n === 0n ? value + 1n : value - 1n;
  const hex = next.toString(16);
  const written = chosen[1] === undefined ? `${/^[a-f]/.test(hex) ? '0' : ''}${hex}h` : `0x${hex}`;
  return (
    operands.slice(0, chosen.index) + written + operands.slice(chosen.index + chosen[0].length)
  );
}

function swapped(mnemonic: string, operands: string): string | undefined {
  // Two plain registers, where the order matters.
  const match = /^(%?[a-z]\w*),(%?[a-z]\w*)$/i.exec(operands);
  if (!match || match[1] === match[2] || /^(test|xchg)/i.test(mnemonic)) return undefined;
  return `${match[2]},${match[1]}`;
}
