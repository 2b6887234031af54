/** Every line of the instruction table against GNU as, and decoded back by objdump. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { x64, type Operand } from '../../src/asm/x64.ts';
import { encode, instructionText } from '../../src/asm/x64/encode.ts';
import { forms } from '../../src/asm/x64/forms.ts';
import { formsOf, mnemonics } from '../../src/asm/x64/methods.ts';
import type { Row } from '../../src/asm/x64/notation.ts';
import { skipComparison } from '../tools.ts';
import { assemble, disassemble, type Decoded } from './gnu.ts';
import { operandLists } from './samples.ts';

interface Case {
  readonly text: string;
  readonly mnemonic: string;
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** Far fewer than there are would mean that samples went missing. */
const FEWEST_CASES = 20_000;
/** Differences to show of very many. */
const SHOWN = 40;

const cases: Case[] = [];
const used = new Set<Row>();
let ours: Uint8Array = new Uint8Array();
let theirs: (index: number) => Uint8Array;

/** The builder's methods by name, without their types. */
type Untyped = Readonly<Record<string, (...operands: readonly Operand[]) => void>>;

before(() => {
  const f = x64();
  const methods = f as unknown as Untyped;
  const pending: {
    readonly text: string;
    readonly mnemonic: string;
    readonly label: ReturnType<typeof f.label>;
  }[] = [];
  const seen = new Set<string>();
  for (const mnemonic of mnemonics) {
    const forms = formsOf(mnemonic);
    for (const form of forms) {
      if (form.operands.some((pattern) => pattern.relative !== undefined)) continue;
      const label = f.label('HERE');
      for (const operands of operandLists(form, label)) {
        const text = instructionText(mnemonic, operands);
        if (seen.has(text)) continue;
        const high = operands.some(
          (o) => typeof o === 'object' && o.kind === 'register' && o.rex === 'never',
        );
        try {
          used.add(encode(mnemonic, forms, operands).form.row);
        } catch (error) {
          // The samples combine freely, so ah…bh meet operands that need REX.
          if (high && /REX/.test(String(error))) continue;
          throw error;
        }
        seen.add(text);
        const here = f.label(`c${pending.length}`);
        f.bind(here);
        const placed = operands.map((o) =>
          typeof o === 'object' && o.kind === 'memory' && o.label !== undefined
            ? { ...o, label: here }
            : o,
        );
        methods[mnemonic]?.(...placed);
        pending.push({ text: text.replace('HERE', here.name), mnemonic, label: here });
      }
    }
  }
  ours = f.bytes();
  const offsets = [...pending.map(({ label }) => f.offsetOf(label)), ours.length];
  for (const [index, { text, mnemonic }] of pending.entries()) {
    const offset = offsets[index] ?? 0;
    cases.push({ text, mnemonic, offset, bytes: ours.subarray(offset, offsets[index + 1]) });
  }
  const { bytes, labels } = assemble([
    ...cases.map(({ text }, index) => `c${index}: ${spelling(text)}`),
    `c${cases.length}:`,
  ]);
  theirs = (index) => bytes.subarray(labels.get(`c${index}`), labels.get(`c${index + 1}`));
});

/** GNU as has no name for a far pointer of 16 + 64 bits. */
function spelling(text: string): string {
  return text.replace(/^(jmp|call) tbyte/, 'rex.w $1 fword');
}

const hex = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString('hex')
    .replaceAll(/..(?=.)/g, '$& ');

/** Where GNU as has other bytes for the same; the decoder checks these as it does all. */
const exceptions: readonly {
  readonly text: RegExp;
  readonly why: string;
  readonly ours: RegExp;
}[] = [
  {
    text: /^xchg rax, rax$/,
    why: 'as knows that it does nothing and leaves REX.W out',
    ours: /^48 90$/,
  },
  {
    text: /^vmovs[sd] xmm[01], xmm\d+, xmm(?:9|15)$/,
    why: 'as takes the store form (opcode 11) with source and destination exchanged, whose VEX is a byte shorter',
    ours: /^c4 c1 .. 10 ..$/,
  },
];

test('the same bytes as GNU as', { skip: skipComparison }, (t) => {
  const different: string[] = [];
  const excepted = new Map(exceptions.map((exception) => [exception, 0]));
  for (const [index, { text, bytes }] of cases.entries()) {
    const [own, other] = [hex(bytes), hex(theirs(index))];
    if (own === other) continue;
    const exception = exceptions.find((one) => one.text.test(text) && one.ours.test(own));
    if (exception === undefined) different.push(`${text}: ${own}, as has ${other}`);
    else excepted.set(exception, (excepted.get(exception) ?? 0) + 1);
  }
  for (const [{ text, why }, count] of excepted) assert.ok(count > 0, `never: ${text}, ${why}`);
  t.diagnostic(`${cases.length} encodings of ${mnemonics.length} mnemonics compared with GNU as`);
  assert.equal(different.slice(0, SHOWN).join('\n'), '', `${different.length} differ`);
  assert.ok(cases.length >= FEWEST_CASES, `only ${cases.length} cases`);
});

/** The one of a condition's names that objdump prints. */
const conditionNames: Readonly<Record<string, string>> = {
  c: 'b',
  nae: 'b',
  nb: 'ae',
  nc: 'ae',
  z: 'e',
  nz: 'ne',
  na: 'be',
  nbe: 'a',
  pe: 'p',
  po: 'np',
  nge: 'l',
  nl: 'ge',
  ng: 'le',
  nle: 'g',
};

/** Other names that objdump has for some. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  iretd: ['iret'],
  popfq: ['popf'],
  pushfq: ['pushf'],
  sal: ['shl'],
  xlatb: ['xlat'],
  pclmulqdq: ['pclmulhqlqdq', 'pclmullqlqdq'],
};

/** What objdump may call an instruction. */
function namesOf(mnemonic: string, text: string): readonly string[] {
  const condition = /^(cmov|set)(\w+)$/.exec(mnemonic);
  if (condition !== null) {
    const [, stem = '', name = ''] = condition;
    return [stem + (conditionNames[name] ?? name)];
  }
  const names = [mnemonic, ...(otherNames[mnemonic] ?? [])];
  // The width is in the operands that it prints.
  const string = /^(movs|cmps|stos|lods|scas|ins|outs)[bwdq]$/.exec(text);
  if (string !== null) names.push(string[1] ?? '');
  // The first predicates of cmpps and its like have names.
  const compare = /^(v?cmp)(ps|pd|ss|sd)$/.exec(mnemonic);
  if (compare !== null) for (const how of ['eq', 'lt']) names.push(compare[1] + how + compare[2]);
  if (/^mov r\w+, -?0x/.test(text)) names.push('movabs');
  if (text === 'xchg rax, rax') names.push('nop');
  return names;
}

test('objdump decodes every one to its mnemonic and length', { skip: skipComparison }, () => {
  const decoded = disassemble(ours);
  const wrong: string[] = [];
  for (const { text, mnemonic, offset, bytes } of cases) {
    const found: Decoded | undefined = decoded.get(offset);
    if (
      found?.length !== bytes.length ||
      !namesOf(mnemonic, text).some((name) => found.text.split(' ').includes(name))
    ) {
      wrong.push(`${text}: ${hex(bytes)} is ${found?.text} (${found?.length} bytes)`);
    }
  }
  assert.equal(wrong.slice(0, SHOWN).join('\n'), '', `${wrong.length} differ`);
});

test('every line of the table was used', { skip: skipComparison }, () => {
  const unused = forms
    .filter((row: Row) => !used.has(row) && !/rel/.test(row[1]))
    .map((row) => row.join(' | '));
  assert.deepEqual(unused, []);
});
