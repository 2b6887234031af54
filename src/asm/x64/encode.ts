/** One instruction to bytes: the shortest of the forms that take its operands. */
import { addressOf } from './address.ts';
import { immediateOf, type ImmediateBytes } from './immediate.ts';
import type { Form, OperandPattern, Vex } from './notation.ts';
import { operandText, type Label, type Memory, type Operand } from './operands.ts';
import type { Register } from './registers.ts';

/** A place in an instruction's bytes that a label fills. */
export interface Fixup {
  /** Offset in the instruction. */
  readonly at: number;
  readonly size: 4 | 8;
  /** From the end of the instruction, or the address itself. */
  readonly kind: 'relative' | 'absolute';
  readonly label: Label;
  readonly addend: number;
}

export interface Encoded {
  readonly form: Form;
  readonly bytes: readonly number[];
  readonly fixup: Fixup | undefined;
}

/** What a prefix method adds: lock, rep (also repe), repne. */
export type Prefix = 'lock' | 'rep' | 'repne';

const PREFIX_BYTES: Readonly<Record<Prefix, number>> = { lock: 0xf0, rep: 0xf3, repne: 0xf2 };
/** By the segment register's number: es cs ss ds fs gs (SDM vol. 2, 2.1.1). */
const SEGMENT_OVERRIDES = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65] as const;
const OPERAND_SIZE = 0x66;
const REX = 0x40;

/**
 * Encodes an instruction by the shortest of its forms, the first of them where several are.
 * @throws RangeError or TypeError which names the instruction, its operands and why no form takes them
 */
export function encode(
  mnemonic: string,
  forms: readonly Form[],
  operands: readonly Operand[],
  prefix?: Prefix,
): Encoded {
  let best: Encoded | undefined;
  let reason: string | undefined;
  for (const form of forms) {
    const tried = tryForm(form, operands, prefix);
    if (typeof tried === 'string') reason = tried;
    else if (
      tried !== undefined &&
      (best === undefined || tried.bytes.length < best.bytes.length)
    ) {
      best = tried;
    }
  }
  if (best !== undefined) return best;
  const what = instructionText(mnemonic, operands, prefix);
  if (reason !== undefined) throw new RangeError(`${what}: ${reason}`);
  const takes = [...new Set(forms.map((form) => form.row[1] || 'no operands'))].join('; ');
  throw new TypeError(`${what}: no form takes these operands (${mnemonic} takes ${takes})`);
}

/** The instruction as Intel's syntax has it. */
export function instructionText(
  mnemonic: string,
  operands: readonly Operand[],
  prefix?: Prefix,
): string {
  const head = prefix === undefined ? mnemonic : `${prefix} ${mnemonic}`;
  return operands.length === 0 ? head : `${head} ${operands.map(operandText).join(', ')}`;
}

/** Undefined: other operands altogether; a text: the right sorts of operands, and what is wrong with them. */
function tryForm(
  form: Form,
  operands: readonly Operand[],
  prefix: Prefix | undefined,
): Encoded | string | undefined {
  if (operands.length !== form.operands.length) return undefined;
  if (!form.operands.every((pattern, index) => takes(pattern, operands[index]))) return undefined;
  if (isNop(form, operands)) return undefined;
  const immediates: ImmediateBytes[] = [];
  for (const [index, pattern] of form.operands.entries()) {
    const operand = operands[index];
    if (pattern.immediate === undefined || operand === undefined) continue;
    const immediate = immediateOf(form, pattern.immediate, operand);
    if (typeof immediate === 'string') return immediate;
    immediates.push(immediate);
  }
  return assemble(form, placesOf(form, operands), immediates, prefix);
}

function takes(pattern: OperandPattern, operand: Operand | undefined): boolean {
  if (operand === undefined) return false;
  if (typeof operand === 'number' || typeof operand === 'bigint') {
    return pattern.immediate !== undefined || pattern.literal === Number(operand);
  }
  switch (operand.kind) {
    case 'label':
      return pattern.immediate === 64;
    case 'memory':
      return pattern.memory === 'any' || pattern.memory === operand.bits;
    case 'register':
      if (pattern.only !== undefined) return pattern.only === operand.name;
      return pattern.register === operand.class;
    default:
      return false;
  }
}

/** `xchg eax, eax` clears the upper half of rax; its form 90+rd would be nop, which does not (SDM: XCHG). */
function isNop(form: Form, operands: readonly Operand[]): boolean {
  return (
    form.mnemonic === 'xchg' &&
    form.opcodeRegister &&
    operands.every((operand) => operandText(operand) === 'eax')
  );
}

/** Which operand goes where in the encoding (the manual's column Op/En, read off the notation). */
interface Places {
  readonly reg: Register | undefined;
  readonly rm: Register | Memory | undefined;
  readonly vvvv: Register | undefined;
  readonly opcode: Register | undefined;
  /** All registers of byte width, for REX. */
  readonly bytes: readonly Register[];
}

/** Classes of registers that only ModRM's register field holds. */
const REG_ONLY: ReadonlySet<string> = new Set(['Sreg', 'CR', 'DR']);

function isRegister(operand: Operand | undefined): operand is Register {
  return typeof operand === 'object' && operand.kind === 'register';
}

function placesOf(form: Form, operands: readonly Operand[]): Places {
  const bytes = operands.filter(isRegister).filter((register) => register.rex !== undefined);
  const places: Places = {
    reg: undefined,
    rm: undefined,
    vvvv: undefined,
    opcode: undefined,
    bytes,
  };
  const free: (Register | Memory)[] = [];
  let rmIndex = -1;
  for (const [index, pattern] of form.operands.entries()) {
    const operand = operands[index];
    if (typeof operand !== 'object' || operand.kind === 'label') continue;
    if (pattern.only !== undefined) continue;
    if (pattern.memory !== undefined) rmIndex = free.length;
    free.push(operand);
  }
  if (form.opcodeRegister) return { ...places, opcode: free.find(isRegister) };
  if (form.modrm === undefined) return places;
  // Without a memory operand it is the last one that can be in rm: segment, control and debug registers cannot.
  if (rmIndex < 0)
    rmIndex = free.findLastIndex((operand) => isRegister(operand) && !REG_ONLY.has(operand.class));
  const rm = free[rmIndex];
  const [first, second] = free.filter((_, index) => index !== rmIndex).filter(isRegister);
  return form.modrm === 'r'
    ? { ...places, rm, reg: first, vvvv: second }
    : { ...places, rm, vvvv: first };
}

function assemble(
  form: Form,
  { reg, rm, vvvv, opcode, bytes }: Places,
  immediates: readonly ImmediateBytes[],
  prefix: Prefix | undefined,
): Encoded | string {
  const address = rm?.kind === 'memory' ? addressOf(rm) : undefined;
  const rmNumber = rm?.kind === 'register' ? rm.number : (address?.base ?? 0);
  const extension = {
    r: (reg?.number ?? 0) >> 3,
    x: (address?.index ?? 0) >> 3,
    b: (opcode?.number ?? rmNumber) >> 3,
  };
  const code: number[] = [];
  if (address?.segment !== undefined) code.push(SEGMENT_OVERRIDES[address.segment] ?? 0);
  code.push(...form.prefixes.filter((byte) => byte === OPERAND_SIZE));
  code.push(...form.prefixes.filter((byte) => byte !== OPERAND_SIZE));
  if (prefix !== undefined) code.push(PREFIX_BYTES[prefix]);
  if (form.vex === undefined) {
    const rex = (form.wide ? 8 : 0) | (extension.r << 2) | (extension.x << 1) | extension.b;
    const needed = rex !== 0 || bytes.some((register) => register.rex === 'always');
    const high = bytes.find((register) => register.rex === 'never');
    if (needed && high !== undefined) {
      return `${high.name} cannot be in an instruction with a REX prefix, which the other operand or the width needs`;
    }
    if (needed) code.push(REX | rex);
  } else code.push(...vexBytes(form.vex, extension, vvvv?.number ?? 0));
  code.push(...form.opcode);
  if (opcode !== undefined) code.push((code.pop() ?? 0) + (opcode.number & 7));
  let fixup: Fixup | undefined;
  if (form.modrm !== undefined) {
    const field = form.modrm === 'r' ? (reg?.number ?? 0) & 7 : form.modrm;
    if (address === undefined) code.push(0xc0 | (field << 3) | (rmNumber & 7));
    else {
      code.push(address.modrm | (field << 3), ...address.rest);
      if (rm?.kind === 'memory' && rm.label !== undefined) {
        const addend = rm.displacement;
        fixup = { at: code.length - 4, size: 4, kind: 'relative', label: rm.label, addend };
      }
    }
  }
  for (const { bytes, label } of immediates) {
    if (label !== undefined)
      fixup = { at: code.length, size: 8, kind: 'absolute', label, addend: 0 };
    code.push(...bytes);
  }
  return { form, bytes: code, fixup };
}

interface Extension {
  readonly r: number;
  readonly x: number;
  readonly b: number;
}

/** SDM vol. 2, 2.3.5: two bytes where X, B, W and the map allow. R, X, B and vvvv are stored inverted. */
function vexBytes(
  { wide, length, prefix, map }: Vex,
  { r, x, b }: Extension,
  vvvv: number,
): number[] {
  const tail = ((~vvvv & 0xf) << 3) | (length << 2) | prefix;
  if (x === 0 && b === 0 && wide === 0 && map === 1) return [0xc5, ((r ^ 1) << 7) | tail];
  return [0xc4, ((r ^ 1) << 7) | ((x ^ 1) << 6) | ((b ^ 1) << 5) | map, (wide << 7) | tail];
}
