/** The instructions that a comment names, as far as it reads as assembly. */
import { fewestOperands, isBranch, isMnemonic, standsAlone } from './mnemonics.ts';
import { readOperand, skipBlanks, type WrittenOperand } from './operands.ts';

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
  /** `sure`: this is an instruction. `branch`: it is one if the bytes are a branch. `perhaps`: it may be prose. */
  readonly confidence: 'sure' | 'branch' | 'perhaps';
}

/** Longest comment that is read; longer ones are prose. */
const longest = 400;
/** Most instructions read in one comment. */
const most = 32;

/** A way to spell prefixes that change nothing that is compared. */
const idlePrefix =
  /^(?:(?:bnd|notrack|xacquire|xrelease|data(?:16|32)|addr(?:16|32)|[ao](?:16|32|64)|rex(?:\.[wrxb]+)?|[c-gs]s|ht|hnt|short|\{(?:vex[23]?|evex|disp(?:8|32)|load|store|rex2?)\})\s+(?=[a-z{]))/;
const realPrefix = /^(lock|rep|repn?[ez])\s*[;:]?\s+(?=[a-z])/;
/** `again:`, `.L2:`, `1:`, `<main+4>:`. */
const label = /^(?:[\w.$@?]+|<[^<>\s]*>)\s*:\s*/;
/** Address and bytes as objdump lists them. */
const listing = /^(?:(?:0x)?[\da-f]+:?\s+)?(?:[\da-f]{2}\s+)*(?=[a-z{])/;
const mnemonicWord = /^[a-z][\da-z_]*/;
const branchHint = /^[,.](?:p[nt]|[sdw]\d*)\b/;

/** The instructions in a comment's text, its signs removed. Never throws. */
export function readInstructions(
  comment: string,
  mnemonics: ReadonlySet<string>,
): readonly WrittenInstruction[] {
  if (comment.length > longest) return [];
  const found: WrittenInstruction[] = [];
  let text = manualNotation(comment.toLowerCase().trim());
  let afterProse = false;
  while (text !== '' && found.length < most) {
    const read = readOne(text, mnemonics, found.length > 0 || afterProse);
    if (read) {
      found.push(read.instruction);
      const rest = text.slice(read.end);
      const separator = /^\s*(?:(?:[;,|&+]|\/\/?|\\n|\band\b|\bthen\b)\s*)+/.exec(rest);
      if (separator) {
        text = rest.slice(separator[0].length);
        continue;
      }
      text = rest;
    } else {
      afterProse = true;
    }
    const next = /;|\s\/\s|\s\|\s|\s\/\/\s/.exec(text);
    if (!next) break;
    text = text.slice(next.index + next[0].length).trim();
  }
  return found;
}

/** `r/m64, imm8` of the manuals: then `r8` is any register of 8 bits and no name. */
function manualNotation(text: string): string {
  if (!/\b(?:imm|rel|moffs)(?:8|16|32|64)\b|\br\/m(?:8|16|32|64)?\b/.test(text)) return text;
  return text
    .replaceAll(/\br\/m(?:8|16|32|64)?\b/g, 'rm')
    .replaceAll(/\br(?:8|16|32|64)\b/g, 'reg');
}

interface OneRead {
  readonly instruction: WrittenInstruction;
  readonly end: number;
}

function readOne(
  text: string,
  mnemonics: ReadonlySet<string>,
  later: boolean,
): OneRead | undefined {
  const start = afterLabels(text, mnemonics);
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
  if (mnemonic === undefined || !isMnemonic(mnemonic, mnemonics)) return undefined;
  at += mnemonic.length;
  const hint = branchHint.exec(text.slice(at));
  if (hint) at += hint[0].length;
  if (/^[\w.'’:=-]/.test(text.slice(at))) return undefined;
  return withOperands(text, at, mnemonic, prefixes, later);
}

function afterLabels(text: string, mnemonics: ReadonlySet<string>): number {
  let at = 0;
  for (let labels = 0; labels < 3; labels++) {
    const match = label.exec(text.slice(at));
    if (!match) break;
    at += match[0].length;
  }
  const listed = listing.exec(text.slice(at));
  if (listed && listed[0] !== '') {
    const word = mnemonicWord.exec(text.slice(at + listed[0].length))?.[0];
    const first = mnemonicWord.exec(text.slice(at))?.[0];
    if (first === undefined || !isMnemonic(first, mnemonics)) {
      if (word !== undefined) at += listed[0].length;
    }
  }
  return at;
}

const mostOperands = 6;

function withOperands(
  text: string,
  start: number,
  mnemonic: string,
  prefixes: ReadonlySet<string>,
  later: boolean,
): OneRead | undefined {
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
): WrittenInstruction['confidence'] | undefined {
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
