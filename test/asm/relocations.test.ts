/** Distances that RISC-V's assembler leaves open, filled in by us and read by the disassembler. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolve } from '../../src/asm/assembler/relocations.ts';
import { disassembler } from '../../src/asm/disassembler.ts';

const riscV = 243;

/** Name, type, instruction without its distance, distances that fit and that do not. */
const fields: readonly (readonly [string, number, string, readonly number[], readonly number[]])[] =
  [
    ['beq', 16, '6300b500', [0, 2, -2, 4094, -4096, 0x554, -0x556], [4096, -4098, 3]],
    ['jal', 17, '6f000000', [0, 2, -2, 0xffffe, -0x100000, 0x55554], [0x100000, -0x100002, 5]],
    ['c.beqz', 44, '01c1', [0, 2, -2, 254, -256, 0x54, -0x56], [256, -258, 7]],
    ['c.j', 45, '01a0', [0, 2, -2, 2046, -2048, 0x554, -0x556], [2048, -2050, 9]],
  ];

for (const [name, type, hex, fitting, others] of fields) {
  const filled = (distance: number) => {
    const offset = 0x20_0000;
    const bytes = new Uint8Array(offset + hex.length / 2);
    bytes.set(Buffer.from(hex, 'hex'), offset);
    const symbol = { name: 'x', defined: true, offset: offset + distance };
    const relocations = [{ offset, type, symbol, addend: 0n }];
    const elf = { machine: riscV, bytes, others: [], relocations, offsetOf: () => undefined };
    return { left: resolve(bytes, elf), bytes, offset };
  };
  for (const distance of fitting) {
    test(`${name} by ${distance}`, async () => {
      const { left, bytes, offset } = filled(distance);
      assert.deepEqual(left, []);
      const [decoded] = (await disassembler('riscv64')).decode(bytes, { offset, count: 1 });
      const said = /(-?(?:0x)?[\da-f]+)$/.exec(decoded?.intel ?? '')?.[1] ?? '';
      const value = said.startsWith('-') ? -Number(said.slice(1)) : Number(said);
      assert.equal(value, distance, decoded?.intel);
    });
  }
  for (const distance of others) {
    test(`${name} by ${distance} is left`, () => assert.equal(filled(distance).left.length, 1));
  }
}
