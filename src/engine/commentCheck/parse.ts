/** The instructions that a comment names, as far as it reads as assembly. */
import { fewestOperands, isBranch, isMnemonic, standsAlone } from './mnemonics.ts';
import { readOperand, skipBlanks, type WrittenOperand } from './operands.ts';
import { type Confidence, type OneRead, readSequence } from './sequence.ts';

export interface WrittenInstruction {
  /** `lock`, `rep` (also for `repe`) and `repne`. */
  readonly prefixes: ReadonlySet<string>;
  readonly mnemonic: string;
  /** In the order in which they are written. */
  readonly operands: readonly WrittenOperand[];
  /** What stands in braces (masks, rounding), sorted. */
  readonly decorations: readonly string[];
  /** What gives the syntax away, or undefined. */
  readonly syntax: 'att' | 'intel' | undefined;
  /** Whether registers are written without `%`. */
  readonly naked: boolean;
  readonly far: boolean;
  readonly confidence: Confidence;
}

/** A way to spell prefixes that change nothing that is compared. */
const idlePrefix =
  /^(?:(?:bnd|notrack|xacquire|xrelease|data(?:16|32)|addr(?:16|32)|[ao](?:16|32|64)|rex(?:\.[wrxb]+)?|[c-gs]s|ht|hnt|short|\{(?:vex[23]?|evex|disp(?:8|32)|load|store|rex2?)\})\s+(?=[a-z{]))/;
const realPrefix = /^(lock|rep|repn?[ez])\s*[;:]?\s+(?=[a-z])/;
const mnemonicWord = /^[a-z][\da-z_]*/;
const branchHint = /^[,.](?:p[nt]|[sdw]\d*)\b/;

/** The x86 instructions in a comment's text, its signs removed. Never throws. */
export function readInstructions(
  comment: string,
  mnemonics: ReadonlySet<string>,
): readonly WrittenInstruction[] {
  const isName = (word: string) => isMnemonic(word, mnemonics);
  return readSequence(manualNotation(comment.toLowerCase()), isName, (text, start, later) =>
    readOne(text, start, isName, later),
  );
}

/** `r/m64, imm8` of the manuals: then `r8` is any register of 8 bits and no name. */
function manualNotation(text: string): string {
  if (!/\b(?:imm|rel|moffs)(?:8|16|32|64)\b|\br\/m(?:8|16|32|64)?\b/.test(text)) return text;
  return text
    .replaceAll(/\br\/m(?:8|16|32|64)?\b/g, 'rm')
    .replaceAll(/\br(?:8|16|32|64)\b/g, 'reg');
}

function readOne(
  text: string,
  start: number,
  isName: (word: string) => boolean,
  later: boolean,
): OneRead<WrittenInstruction> | undefined {
  let at = start;
  const prefixes = new Set<string>();
  for (let words = 0; words < 8; words++) {
    const rest = text.slice(at);
    const real = realPrefix.exec(rest);
    const idle = real ? null : idlePrefix.exec(rest);
    if (!real && !idle) break;
    if (real?.[1] !== undefined) {
      prefixes.add(
        real[1].startsWith('repn') ? 'repne' : real[1].startsWith('rep') ? 'rep' : 'lock',
      );
    }
    at += (real ?? idle)?.[0].length ?? 0;
  }
  const mnemonic = mnemonicWord.exec(text.slice(at))?.[0];
  if (mnemonic === undefined || !isName(mnemonic)) return undefined;
  at += mnemonic.length;
  const hint = branchHint.exec(text.slice(at));
  if (hint) at += hint[0].length;
  if (/^[\w.'’:=-]/.test(text.slice(at))) return undefined;
  return withOperands(text, at, mnemonic, prefixes, later);
}

const mostOperands = 6;

function withOperands(
  text: string,
  start: number,
  mnemonic: string,
  prefixes: ReadonlySet<string>,
  later: boolean,
): OneRead<WrittenInstruction> | undefined {
  const branch = isBranch(mnemonic);
  const operands: WrittenOperand[] = [];
  let end = start;
  let at = start;
  let far = /^l(jmp|call|ret)/.test(mnemonic);
  let syntax: WrittenInstruction['syntax'];
  let naked = false;
  while (operands.length < mostOperands) {
    const decoration = /^\s*\{[^{}]*\}\s*(,?)/.exec(text.slice(at));
    if (decoration) {
      at += decoration[0].length;
      end = at;
      if (decoration[1] === '') break;
    }
    const read = readOperand(text, at, branch);
    if (!read || !endsOperand(text, read.end)) break;
    if (isNextInstruction(read.operand, operands.length, text, at)) break;
    operands.push(read.operand);
    syntax ??= read.syntax;
    if (read.syntax === 'att') syntax = 'att';
    const body = text.slice(skipBlanks(text, at), read.end);
    if (!body.includes('%') && read.operand.kind === 'register') naked = true;
    if (/[[(]\s*[a-z]/.test(body) && read.operand.kind === 'memory') naked = true;
    far ||= read.far;
    end = read.end;
    const colon = far && text[end] === ':' ? ':' : ',';
    at = skipBlanks(text, end);
    if (text[at] !== colon) break;
    at += 1;
  }
  const target = branch ? /^\s*<[^<>]*>/.exec(text.slice(end)) : null;
  if (target) end += target[0].length;
  const decorations = (text.slice(start, end).match(/\{[^{}]*\}/g) ?? []).map((each) =>
    each.replaceAll(/[\s%]/g, ''),
  );
  const confidence = confidenceOf(mnemonic, operands, text.slice(end), later);
  if (confidence === undefined) return undefined;
  const instruction = {
    prefixes,
    mnemonic,
    operands,
    decorations: decorations.sort(),
    syntax,
    naked,
    far,
    confidence,
  };
  return { instruction, end };
}

/** An operand is followed by nothing, a comma, a blank, a bracket of prose, or a sign that separates. */
function endsOperand(text: string, end: number): boolean {
  return /^(?:$|[\s,;:(|&)#!{=]|\/|->|=>|\.(?:\s|$))/.test(text.slice(end));
}

/** Whether what looks like an operand after a comma begins another instruction: `pop rbp, ret`. */
function isNextInstruction(
  operand: WrittenOperand,
  position: number,
  text: string,
  at: number,
): boolean {
  if (position === 0 || operand.kind !== 'symbol') return false;
  const rest = text.slice(skipBlanks(text, at));
  return (
    standsAlone(/^[a-z]\w*/.exec(rest)?.[0] ?? '') ||
    /^(?:push|pop|call|jmp|mov|inc|dec|add|sub|xor|lea|test|cmp|neg|not)[lqwb]?\s+[%a-z$[*(0-9-]/.test(
      rest,
    )
  );
}

function confidenceOf(
  mnemonic: string,
  operands: readonly WrittenOperand[],
  rest: string,
  later: boolean,
): Confidence | undefined {
  const fewest = fewestOperands(mnemonic);
  const strong = operands.some(({ kind }) => kind === 'register' || kind === 'memory');
  const words = /^\s+[\w'’"%$]/.test(rest) && !/^\s+(?:and|then)\s/.test(rest);
  if (operands.length === 0) {
    if (fewest > 0 || !standsAlone(mnemonic)) return undefined;
    if (rest.trim() === '' || !words) return 'sure';
    return 'perhaps';
  }
  if (strong) return operands.length < fewest ? undefined : 'sure';
  if (operands.length < fewest) return undefined;
  const symbols = operands.every(({ kind }) => kind === 'symbol');
  if (isBranch(mnemonic)) {
    if (words) return symbols ? undefined : 'perhaps';
    if (symbols && mnemonic === 'loop') return 'perhaps';
    return symbols && (later || /^(call|j[aos])$/.test(mnemonic)) ? 'branch' : 'sure';
  }
  if (symbols) return undefined;
  if (operands.some(({ kind }) => kind === 'symbol')) return undefined;
  if (words) return 'perhaps';
  return fewest === 2 && operands.every(({ kind }) => kind === 'number') ? 'perhaps' : 'sure';
}
