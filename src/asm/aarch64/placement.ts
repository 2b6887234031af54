/** Operands in their places: whether a place takes an operand, and the fields that it fills. */
import type { Fields, Form } from './form.ts';
import { floatImmediateOf, immediates } from './immediate.ts';
import * as names from './names.ts';
import { lsl, type Label, type Modifier, type Operand } from './operands.ts';
import type { Register } from './registers.ts';

/** Where an instruction stands and where labels are. */
export interface Site {
  /** The instruction's address. */
  readonly address: bigint;
  /** A label's address. Throws an Error if it is not bound. */
  addressOf(label: Label): bigint;
}

/** One kind of place. */
interface Placement {
  /** Whether such an operand may stand here at all; its value is looked at later. */
  takes(operand: Operand): boolean;
  /** Fills fields, or says why the operand cannot be encoded. Of an optional operand undefined is given. */
  put(operand: Operand | undefined, fields: Fields, form: Form, site: Site): string | undefined;
}

const known = new Map<string, Placement>();

/** The placement of a token. Throws an Error if the notation has no such token. */
export function placementOf(token: string): Placement {
  let placement = known.get(token);
  if (!placement) {
    placement = register(token) ?? address(token) ?? immediate(token) ?? others[token];
    if (!placement) throw new Error(`the notation has no operand ${token}`);
    known.set(token, placement);
  }
  return placement;
}

function isObject<Kind extends string>(
  operand: Operand | undefined,
  ...kinds: readonly Kind[]
): operand is Extract<Operand, { readonly kind: Kind }> {
  const all: readonly string[] = kinds;
  return typeof operand === 'object' && all.includes(operand.kind);
}

function isNumber(operand: Operand | undefined): operand is number | bigint {
  return typeof operand === 'number' || typeof operand === 'bigint';
}

// --- registers

function register(token: string): Placement | undefined {
  const match = /^([WXBHSDQ]|V(?=\w+\.))(d|n|m|a|t2?|s)(\|SP)?(\.\w+)?$/.exec(token);
  if (!match) return undefined;
  const [, letter = '', place = '', stack, arrangement = ''] = match;
  const classes = new Set<string>([letter + arrangement]);
  if (letter === 'X') classes.add(stack ? 'SP' : 'XZR');
  if (letter === 'W') classes.add(stack ? 'WSP' : 'WZR');
  return {
    takes: (operand) => isObject(operand, 'register') && classes.has(operand.class),
    put(operand, fields) {
      if (isObject(operand, 'register')) fields.set(`R${place}`, operand.number);
      return undefined;
    },
  };
}

// --- addresses

const offsetFields: Readonly<Record<string, readonly [field: string, low: number, high: number]>> =
  {
    uimm12: ['imm12', 0, 4095],
    simm9: ['imm9', -256, 255],
    simm7: ['imm7', -64, 63],
  };

function address(token: string): Placement | undefined {
  const indexed = /^\[Xn\|SP,Rm,(\d+)\]$/.exec(token);
  if (indexed) return indexedAddress(Math.log2(Number(indexed[1])));
  const match = /^\[Xn\|SP(?:,#(\w+)(?:\*(\d+))?)?\](!)?(?:,#(\w+)(?:\*(\d+))?)?$/.exec(token);
  if (!match) return undefined;
  const [, inside, insideScale, bang, behind, behindScale] = match;
  const kind = bang ? 'pre' : behind ? 'post' : 'offset';
  const scale = Number(insideScale ?? behindScale ?? 1);
  const [field, low, high] = offsetFields[inside ?? behind ?? ''] ?? ['none', 0, 0];
  return {
    takes: (operand) => isObject(operand, kind) && isBase(operand.base),
    put(operand, fields) {
      if (!isObject(operand, 'offset', 'pre', 'post')) return undefined;
      const { base, offset } = operand;
      fields.set('Rn', base.number);
      fields.set(field, offset / scale);
      const steps = scale === 1 ? '' : ` in steps of ${scale}`;
      if (Number.isInteger(offset / scale) && offset >= low * scale && offset <= high * scale) {
        return undefined;
      }
      return `the offset ${offset} is not from ${low * scale} to ${high * scale}${steps}`;
    },
  };
}

function isBase(base: Register): boolean {
  return base.class === 'X' || base.class === 'SP';
}

/** option of a register offset (Arm ARM, DecodeRegExtend). */
const indexOptions: Readonly<Record<string, number>> = { uxtw: 2, lsl: 3, sxtw: 6, sxtx: 7 };

function indexedAddress(log2: number): Placement {
  return {
    takes(operand) {
      if (!isObject(operand, 'indexed') || !isBase(operand.base)) return false;
      const { index, extend } = operand;
      const type = extend?.type ?? 'lsl';
      const wide = index.class === 'X' || index.class === 'XZR';
      return wide ? type === 'lsl' || type === 'sxtx' : type === 'uxtw' || type === 'sxtw';
    },
    put(operand, fields) {
      if (!isObject(operand, 'indexed')) return undefined;
      const { base, index, extend } = operand;
      const amount = extend?.amount;
      fields.set('Rn', base.number);
      fields.set('Rm', index.number);
      fields.set('option', indexOptions[extend?.type ?? 'lsl'] ?? 0);
      // For bytes a shift of 0 that is written down sets S, as GNU as and LLVM have it.
      fields.set('S', amount !== undefined && (amount !== 0 || log2 === 0) ? 1 : 0);
      if (amount === undefined || amount === 0 || amount === log2) return undefined;
      return `the index is shifted by ${log2 === 0 ? '0' : `0 or ${log2}`}, not by ${amount}`;
    },
  };
}

// --- immediates

function immediate(token: string): Placement | undefined {
  const put = immediates[token];
  if (!put) return undefined;
  return {
    takes: isNumber,
    put(operand, fields, form) {
      if (!isNumber(operand)) return undefined;
      if (typeof operand === 'number' && !Number.isSafeInteger(operand)) {
        if (!Number.isInteger(operand)) return `${operand} is no whole number`;
        return `${operand} is beyond 2^53, where numbers are not exact; give a bigint`;
      }
      return put(BigInt(operand), fields, form.bits);
    },
  };
}

// --- shifts and extensions

const shiftTypes: readonly string[] = ['lsl', 'lsr', 'asr', 'ror'];
const extendTypes: readonly string[] = [
  'uxtb',
  'uxth',
  'uxtw',
  'uxtx',
  'sxtb',
  'sxth',
  'sxtw',
  'sxtx',
];

/** A shift, a bare number being an lsl. */
function toModifier(operand: Operand | undefined): Modifier | undefined {
  if (isNumber(operand)) return lsl(Number(operand));
  return isObject(operand, 'modifier') ? operand : undefined;
}

function modifier(
  types: readonly string[],
  put: (given: Modifier | undefined, fields: Fields, form: Form) => string | undefined,
): Placement {
  return {
    takes(operand) {
      const given = toModifier(operand);
      return given !== undefined && types.includes(given.type);
    },
    put: (operand, fields, form) => put(toModifier(operand), fields, form),
  };
}

/** An amount that is one of a few; the field holds which. */
function stepped(field: string, step: number, steps: (form: Form) => number): Placement {
  return modifier(['lsl'], (given, fields, form) => {
    const amount = given?.amount ?? 0;
    const count = steps(form);
    fields.set(field, amount / step);
    const allowed = Array.from({ length: count }, (_, index) => index * step);
    return allowed.includes(amount)
      ? undefined
      : `the shift is ${allowed.join(', ')}, not ${amount}`;
  });
}

/** The shift by 12 of add's immediate; the immediate itself may have set it already. */
const shiftBy12 = modifier(['lsl'], (given, fields) => {
  if (given === undefined) return undefined;
  const amount = given.amount ?? 0;
  if (amount !== 0 && amount !== 12) return `the shift is 0 or 12, not ${amount}`;
  if (fields.get('sh') === 1) return 'an immediate beyond 4095 takes no shift';
  fields.set('sh', amount / 12);
  return undefined;
});

function shifted(types: readonly string[]): Placement {
  return modifier(types, (given, fields, form) => {
    const amount = given?.amount ?? 0;
    fields.set('shift', shiftTypes.indexOf(given?.type ?? 'lsl'));
    fields.set('imm6', amount);
    if (Number.isInteger(amount) && amount >= 0 && amount < form.bits) return undefined;
    return `the shift is from 0 to ${form.bits - 1}, not ${amount}`;
  });
}

function extended(types: readonly string[], meansLsl: string): Placement {
  return modifier(types, (given, fields) => {
    const amount = given?.amount ?? 0;
    const type = given === undefined || given.type === 'lsl' ? meansLsl : given.type;
    fields.set('option', extendTypes.indexOf(type));
    fields.set('imm3', amount);
    if (Number.isInteger(amount) && amount >= 0 && amount <= 4) return undefined;
    return `the shift after an extension is from 0 to 4, not ${amount}`;
  });
}

// --- labels

/** A distance in units of so many bits, signed, in `width` bits. */
function distance(
  width: number,
  unitBits: number,
  fill: (fields: Fields, units: bigint) => void,
  origin: (address: bigint) => bigint = (address) => address,
): Placement {
  return {
    takes: (operand) => isObject(operand, 'label'),
    put(operand, fields, _, site) {
      if (!isObject(operand, 'label')) return undefined;
      const far = origin(site.addressOf(operand)) - origin(site.address);
      const unit = BigInt(1 << unitBits);
      if (far % unit !== 0n) return `${operand.name} is ${far} bytes away, no multiple of ${unit}`;
      const units = far / unit;
      fill(fields, BigInt.asUintN(width, units));
      if (BigInt.asIntN(width, units) === units) return undefined;
      const reach = (1n << BigInt(width - 1)) * unit;
      return `${operand.name} is ${far} bytes away, out of reach (${-reach} to ${reach - unit})`;
    },
  };
}

function inField(field: string): (fields: Fields, units: bigint) => void {
  return (fields, units) => fields.set(field, Number(units));
}

function splitAddress(fields: Fields, units: bigint): void {
  fields.set('immlo', Number(units & 3n));
  fields.set('immhi', Number(units >> 2n));
}

const PAGE_BITS = 12;

// --- names

function named(field: string, table: Readonly<Record<string, number>>): Placement {
  return {
    takes: (operand) => typeof operand === 'string' && Object.hasOwn(table, operand),
    put(operand, fields) {
      if (typeof operand === 'string') fields.set(field, table[operand] ?? 0);
      return undefined;
    },
  };
}

const opposites = Object.fromEntries(
  Object.entries(names.conditions)
    .filter(([name]) => name !== 'al' && name !== 'nv')
    .map(([name, number]) => [name, number ^ 1]),
);

const { nzcv, fpcr, fpsr, tpidr_el0 } = names.systemRegisters;

const others: Readonly<Record<string, Placement>> = {
  lsl12: shiftBy12,
  hw: stepped('hw', 16, ({ bits }) => bits / 16),
  lsl8: stepped('cmode', 8, () => 4),
  shift: shifted(['lsl', 'lsr', 'asr']),
  shiftr: shifted(shiftTypes),
  extend: extended(['uxtb', 'uxth', 'uxtw', 'sxtb', 'sxth', 'sxtw'], 'uxtw'),
  extendx: extended(['lsl', 'uxtx', 'sxtx'], 'uxtx'),
  extendw: extended(['lsl'], 'uxtw'),
  '#fpimm': {
    takes: isNumber,
    put(operand, fields) {
      const imm8 = floatImmediateOf(Number(operand));
      fields.set('imm8', imm8 ?? 0);
      if (imm8 !== undefined) return undefined;
      return `${String(operand)} is not ±(16 to 31)/16 times a power of two from 2^-3 to 2^4`;
    },
  },
  '#zero': {
    takes: isNumber,
    put: (operand) => (Number(operand) === 0 ? undefined : `${String(operand)} is not 0`),
  },
  label26: distance(26, 2, inField('imm26')),
  label19: distance(19, 2, inField('imm19')),
  label14: distance(14, 2, inField('imm14')),
  label21: distance(21, 0, splitAddress),
  page21: distance(21, PAGE_BITS, splitAddress, (where) => (where >> 12n) << 12n),
  cond: named('cond', names.conditions),
  invcond: named('cond', opposites),
  sysreg: named('sysreg', names.systemRegisters),
  sysregw: named('sysreg', { nzcv, fpcr, fpsr, tpidr_el0 }),
  dcop: named('sysop', names.dataCacheOperations),
  icop: named('sysop', names.instructionCacheOperations),
  barrier: named('CRm', names.barriers),
};
