/** Every line of the AArch64 table against GNU as, and decoded back by objdump. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { aarch64 } from '../../src/asm/aarch64.ts';
import { encode, instructionText } from '../../src/asm/aarch64/encode.ts';
import type { Form } from '../../src/asm/aarch64/form.ts';
import { forms } from '../../src/asm/aarch64/forms.ts';
import { formsOf, mnemonics } from '../../src/asm/aarch64/methods.ts';
import type { Row } from '../../src/asm/aarch64/notation.ts';
import type { Label, Operand } from '../../src/asm/aarch64/operands.ts';
import { preferred } from './aarch64Aliases.ts';
import { assemble, disassemble } from './aarch64Gnu.ts';
import { skipComparison } from '../tools.ts';
import { operandLists } from './aarch64Samples.ts';

interface Case {
  readonly text: string;
  readonly form: Form;
}

/** Far fewer than there are would mean that samples went missing. */
const FEWEST_CASES = 4000;
/** Differences to show of very many. */
const SHOWN = 40;
const SIZE = 4;

const cases: Case[] = [];
const used = new Set<Row>();
let ours: Uint8Array = new Uint8Array();

/** The builder's methods by name, without their types. */
type Untyped = Readonly<Record<string, (...operands: readonly Operand[]) => void>>;

before(() => {
  if (skipComparison !== false) return;
  const f = aarch64();
  const methods = f as unknown as Untyped;
  const branches = f.b as unknown as Untyped;
  const labels: Label[] = [];
  const labelAt = (index: number): Label => {
    for (let next = labels.length; next <= index; next++) labels.push(f.label(`c${next}`));
    const label = labels[index];
    assert.ok(label);
    return label;
  };
  for (const mnemonic of mnemonics) {
    const seen = new Set<string>();
    const all = formsOf(mnemonic);
    for (const form of all) {
      const here = cases.length;
      const near = [labelAt(here), labelAt(Math.max(0, here - 3)), labelAt(here + 2)];
      for (const operands of operandLists(form, near)) {
        const site = { address: 0n, addressOf: () => 0n };
        const chosen = encode(mnemonic, all, operands, site).form;
        const text = instructionText(mnemonic, operands, chosen);
        used.add(chosen.row);
        if (seen.has(text)) continue;
        seen.add(text);
        f.bind(labelAt(cases.length));
        const [condition, ...rest] = operands;
        if (mnemonic === 'b.cond') branches[String(condition)]?.(...rest);
        else methods[mnemonic]?.(...operands);
        cases.push({ text, form: chosen });
      }
    }
  }
  for (let index = cases.length; index < labels.length; index++) {
    f.bind(labelAt(index));
    f.nop();
  }
  ours = f.bytes();
});

function wordAt(bytes: Uint8Array, index: number): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view
    .getUint32(SIZE * index, true)
    .toString(16)
    .padStart(8, '0');
}

/** Every case as a line of source, and what stands at the labels behind the last. */
function source(): readonly string[] {
  const lines = cases.map(({ text }, index) => `c${index}: ${text}`);
  for (let index = cases.length; index < ours.length / SIZE; index++) lines.push(`c${index}: nop`);
  return lines;
}

test('the same words as GNU as', { skip: skipComparison }, (t) => {
  const theirs = assemble(source());
  assert.equal(ours.length, theirs.length);
  const different = cases.flatMap(({ text }, index) => {
    const [own, other] = [wordAt(ours, index), wordAt(theirs, index)];
    return own === other ? [] : [`${text}: ${own}, as has ${other}`];
  });
  t.diagnostic(`${cases.length} encodings of ${mnemonics.length} mnemonics compared with GNU as`);
  assert.equal(different.slice(0, SHOWN).join('\n'), '', `${different.length} differ`);
  assert.ok(cases.length >= FEWEST_CASES, `only ${cases.length} cases`);
});

/** Conditions of two names, by the one that objdump prints. */
const sameConditions: Readonly<Record<string, string>> = { hs: 'cs', lo: 'cc' };

/** One spelling of what can be written in several: numbers in decimal without sign, no shifts by nothing. */
function normal(text: string): string {
  const bits = /^\S+\s+w/.test(text) ? 32 : 64;
  return text
    .replaceAll('\t', ' ')
    .replaceAll(/#(-?\d+\.\d+e[+-]\d+)/g, (_, number: string) => `#${Number(number)}`)
    .replaceAll(/#(?:0x[0-9a-f]+|-?\d+)(?![\d.])/g, (number) => {
      const value = number.startsWith('#-') ? -BigInt(number.slice(2)) : BigInt(number.slice(1));
      return `#${BigInt.asUintN(bits, value)}`;
    })
    .replaceAll(/\bc(\d+)$/g, (_, index: string) => `0x${(SIZE * Number(index)).toString(16)}`)
    .replaceAll(/\b(hs|lo)$/g, (name) => sameConditions[name] ?? name)
    .replace(/^b\.(hs|lo) /, (_, name: string) => `b.${sameConditions[name]} `)
    .replace(/, lsl #0(?=$|\])/, '')
    .replace(/((?:uxt|sxt)[bhwx]) #0(?=$|\])/, '$1');
}

test('objdump decodes every one to its mnemonic and operands', { skip: skipComparison }, () => {
  const decoded = disassemble(ours);
  const wrong = cases.flatMap(({ text, form }, index) => {
    const found = normal(decoded.get(SIZE * index) ?? 'nothing');
    const wanted = preferred(normal(text), form);
    return found === wanted ? [] : [`${text}: is ${found}, not ${wanted}`];
  });
  assert.equal(wrong.slice(0, SHOWN).join('\n'), '', `${wrong.length} differ`);
});

test('every line of the table was used', { skip: skipComparison }, () => {
  const unused = forms.filter((row: Row) => !used.has(row)).map((row) => row.join(' | '));
  assert.deepEqual(unused, []);
});
