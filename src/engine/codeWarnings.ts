/** What is wrong with a block's code before it has run, as far as its bytes alone tell. */
import type { Disassembler } from '../asm/disassembler.ts';
import type { Expectation, JitBlock } from '../model/block.ts';
import type { Instruction } from '../model/instruction.ts';
import {
  type Branch,
  canFollow,
  type ControlFlow,
  finished,
  followBlock,
  longestInstruction,
  type PathEnd,
} from './controlFlow.ts';
import { instructionText } from './crashListing.ts';
import { formatOffset } from './instructionText.ts';
import { otherArchitecture } from './otherArchitecture.ts';
import { type Machine, patched } from './plan.ts';
import { missingFeatures } from './processorFeatures.ts';

/** The kinds of warning, stable names for `--json` and for silencing. */
export type CodeWarningCode =
  | 'other-architecture'
  | 'no-return'
  | 'missing-feature'
  | 'falls-off-end'
  | 'jump-inside-instruction'
  | 'jump-outside'
  | 'privileged-instruction'
  | 'no-instruction';

/** Something about the bytes that makes a call end otherwise than its author thinks. */
export interface CodeWarning {
  readonly code: CodeWarningCode;
  /** The bytes that it is about, from the block's first. */
  readonly offset: number;
  readonly length: number;
  readonly message: string;
}

/** What the warnings depend on beside the block. */
export interface CodeWarningOptions {
  readonly machine: Machine;
  /** Those of the features that the machine lacks; as its system tells where it is not given. */
  readonly missing?: (features: readonly string[]) => readonly string[];
}

/** Warnings about one block, at most. */
const mostWarnings = 100;

/** Whether anything can be said about a block without running it. */
export function canWarn(block: JitBlock): boolean {
  return !block.broken && block.bytes.length > 0;
}

/** The warnings about a block, in the order of its bytes. The disassembler is the one of its architecture. Never throws. */
export function codeWarnings(
  block: JitBlock,
  disassembler: Disassembler,
  options: CodeWarningOptions,
): readonly CodeWarning[] {
  return finished(codeWarningSteps(block, disassembler, options));
}

/** {@link codeWarnings}, yielding now and then so that an editor gets its turn. */
export function* codeWarningSteps(
  block: JitBlock,
  disassembler: Disassembler,
  options: CodeWarningOptions,
): Generator<void, readonly CodeWarning[], void> {
  if (!canWarn(block)) return [];
  const code = patched(block).subarray(0, block.dataFrom ?? block.bytes.length);
  const other = otherArchitecture(block.architecture, code);
  if (other !== undefined) {
    const length = Math.min(shownOfOther, code.length);
    const message = `the bytes look like ${other} code, not ${block.architecture}: is "@arch ${other}" missing?`;
    return [{ code: 'other-architecture', offset: 0, length, message }];
  }
  if (!canFollow(block.architecture)) return [];
  const first = yield* followBlock(block, disassembler);
  if (!first.complete) return [];
  const inside = yield* jumpsInside(first, disassembler, code.subarray(0, first.codeEnd));
  const flow =
    inside.length === 0
      ? first
      : yield* followBlock(block, disassembler, new Set(inside.map(({ from }) => from.offset)));
  yield;
  const expected = new Expectations(block);
  const found = [
    ...inside.slice(0, mostWarnings).map(insideWarning),
    ...wrongBranches(block, flow, expected),
    ...wrongEnds(block, flow, expected),
    ...missing(block, flow, expected, options),
  ];
  if (found.length === 0) found.push(...withoutReturn(block, flow, expected));
  return found
    .filter(({ offset }) => !expected.faultAt(offset))
    .toSorted((a, b) => a.offset - b.offset)
    .slice(0, mostWarnings);
}

/** Bytes under which the warning about all of them stands. */
const shownOfOther = 4;

/** What the author expects of the block's calls. */
class Expectations {
  readonly #all: readonly (Expectation | undefined)[];

  constructor({ calls }: JitBlock) {
    this.#all = calls.map(({ expectation }) => expectation);
  }

  /** Whether no call is expected to return. */
  get none(): boolean {
    const other = /^(?:fault|timeout|blocked|exited|end)$/;
    return this.#all.length > 0 && this.#all.every((one) => one && other.test(one.kind));
  }

  /** Whether a call is expected to run past the last byte. */
  get end(): boolean {
    return this.#all.some((one) => one?.kind === 'end');
  }

  /** Whether a call is expected to crash, no matter where. */
  get fault(): boolean {
    return this.#all.some((one) => one?.kind === 'fault' && one.offset === undefined);
  }

  /** Whether a call is expected to crash at the instruction at an offset. */
  faultAt(offset: number): boolean {
    return this.#all.some((one) => one?.kind === 'fault' && one.offset === offset);
  }
}

function warning(
  code: CodeWarningCode,
  { offset, length }: Instruction,
  message: string,
): CodeWarning {
  return { code, offset, length, message };
}

interface JumpInside extends Branch {
  readonly whole: Instruction;
}

/** Instructions decoded without giving the editor its turn. */
const decodedAtOnce = 500;

/** Branches into an instruction that is executed from its beginning, too. */
function* jumpsInside(
  flow: ControlFlow,
  disassembler: Disassembler,
  code: Uint8Array,
): Generator<void, readonly JumpInside[], void> {
  const found = flow.branches.flatMap(({ from, target }) => {
    const whole = holderOf(flow, target);
    if (!whole || leavesOutPrefixes(whole, flow.reached.get(target))) return [];
    return [{ from, target, whole }];
  });
  if (found.length === 0) return [];
  // Of two readings that overlap, the one in a row from the first byte is the intended one.
  const starts = new Set<number>();
  for (let offset = 0; offset < code.length;) {
    yield;
    for (const one of disassembler.decode(code, { offset, count: decodedAtOnce })) {
      starts.add(one.offset);
      offset = one.offset + one.length;
    }
  }
  const wrong = found.filter(({ target }) => !starts.has(target));
  return wrong.length > 0 ? wrong : found;
}

function insideWarning({ from, target, whole }: JumpInside): CodeWarning {
  const place = `"${instructionText(whole)}" at ${formatOffset(whole.offset)}`;
  const message = `this goes to ${formatOffset(target)}, into the middle of ${place}`;
  return warning('jump-inside-instruction', from, message);
}

/** The nearest reached instruction that begins before an offset and goes on behind it. */
function holderOf({ reached }: ControlFlow, offset: number): Instruction | undefined {
  for (let start = offset - 1; start > offset - longestInstruction; start--) {
    const instruction = reached.get(start);
    if (instruction && start + instruction.length > offset) return instruction;
  }
  return undefined;
}

/** Prefixes of x86 (Intel SDM volume 2, 2.1.1), and REX. */
const prefixes: ReadonlySet<number> = new Set([
  0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65, 0x66, 0x67,
]);

/** Whether an instruction is another one without some of its prefixes: `lock` is jumped over where there is one thread. */
function leavesOutPrefixes(whole: Instruction, rest: Instruction | undefined): boolean {
  if (!rest || rest.offset + rest.length !== whole.offset + whole.length) return false;
  const left = whole.bytes.subarray(0, rest.offset - whole.offset);
  return left.every((byte) => prefixes.has(byte));
}

function wrongBranches(block: JitBlock, flow: ControlFlow, expected: Expectations): CodeWarning[] {
  if (expected.none || expected.fault) return [];
  return flow.branches.flatMap(({ from, target }) => {
    if (target >= 0 && target < flow.codeEnd) return [];
    if (target === flow.codeEnd && (expected.end || block.kind === 'fragment')) return [];
    const there = target < 0 ? `-0x${(-target).toString(16)}` : formatOffset(target);
    const size = `0x${block.bytes.length.toString(16)}`;
    const place =
      target >= 0 && target < block.bytes.length
        ? 'which is data (@data)'
        : target === block.bytes.length
          ? 'where the bytes end'
          : `outside of the block's ${size} bytes`;
    return [warning('jump-outside', from, `this goes to ${there}, ${place}`)];
  });
}

/** Ends that are warned of. */
const toldEnds: ReadonlySet<PathEnd['kind']> = new Set([
  'falls off',
  'cut short',
  'undecodable',
  'privileged',
]);

function wrongEnds(block: JitBlock, flow: ControlFlow, expected: Expectations): CodeWarning[] {
  const told = flow.ends.filter(({ kind }) => toldEnds.has(kind)).slice(0, mostWarnings);
  return told.flatMap(({ kind, at }) => {
    switch (kind) {
      case 'falls off': {
        if (block.kind === 'fragment' || expected.end || expected.none) return [];
        const into = flow.codeEnd < block.bytes.length ? 'data (@data)' : 'nothing';
        const message = `behind this instruction there is ${into}: it is no return, jump or trap`;
        return [warning('falls-off-end', at, message)];
      }
      case 'cut short':
        if (block.kind === 'fragment' || expected.end || expected.none || expected.fault) return [];
        return [
          {
            ...warning('falls-off-end', at, 'the last instruction is cut short: bytes are missing'),
            length: flow.codeEnd - at.offset,
          },
        ];
      case 'undecodable':
        if (expected.fault || expected.none) return [];
        return [warning('no-instruction', at, `this is no ${block.architecture} instruction`)];
      case 'privileged':
        if (expected.fault || expected.none) return [];
        return [
          warning(
            'privileged-instruction',
            at,
            `"${instructionText(at)}" faults outside the kernel`,
          ),
        ];
      default:
        return [];
    }
  });
}

function missing(
  block: JitBlock,
  { reached, perhaps }: ControlFlow,
  expected: Expectations,
  { machine, missing: missingOf = missingFeatures }: CodeWarningOptions,
): CodeWarning[] {
  if (block.architecture !== machine.architecture || expected.fault) return [];
  const needed = new Set<string>();
  for (const instructions of [reached, perhaps]) {
    for (const { unpredictable, features } of instructions.values()) {
      // Who asks which processor it is does not get there on another one.
      if (unpredictable === 'processor') return [];
      for (const feature of features) needed.add(feature);
    }
  }
  const lacking = new Set(missingOf([...needed]));
  if (lacking.size === 0) return [];
  const found: CodeWarning[] = [];
  for (const instruction of reached.values()) {
    const names = instruction.features.filter((name) => lacking.has(name));
    if (names.length === 0) continue;
    const message = `"${instructionText(instruction)}" needs ${names.join(', ')}, which this processor does not have`;
    found.push(warning('missing-feature', instruction, message));
    if (found.length >= mostWarnings) break;
  }
  return found;
}

/** Ends after which a plain return is still possible. */
const mayReturn: ReadonlySet<PathEnd['kind']> = new Set([
  'return',
  'indirect jump',
  'outside',
  'unknown',
]);

/** That no call can return, where that is certain. */
function withoutReturn(block: JitBlock, flow: ControlFlow, expected: Expectations): CodeWarning[] {
  if (block.kind === 'fragment' || expected.none) return [];
  // A boot stub has nowhere to return to.
  if (block.architecture === 'x86_16') return [];
  const all = [...flow.ends, ...flow.perhapsEnds];
  if (flow.reached.size === 0 || all.some(({ kind }) => mayReturn.has(kind))) return [];
  const last = lastOf(flow);
  if (!last) return [];
  const what =
    all.length === 0
      ? 'the code loops for ever'
      : `"${instructionText(last)}" is where the code ends`;
  const message = `no path leads to a return: ${what}. If that is meant, expect it ("=> timeout", "=> fault", "=> blocked", "=> exited")`;
  return [warning('no-return', last, message)];
}

/** The instruction at which a path that does not return ends, or goes back. */
function lastOf({ ends, perhapsEnds, branches, reached }: ControlFlow): Instruction | undefined {
  const at = [...ends, ...perhapsEnds].map((end) => end.at);
  const back = branches.filter(({ from, target }) => target <= from.offset).map(({ from }) => from);
  const places = at.length > 0 ? at : back.length > 0 ? back : [...reached.values()];
  return places.toSorted((a, b) => b.offset - a.offset)[0];
}
