/** One byte string through a disassembler, and everything that it says of it. */
import assert from 'node:assert/strict';
import type { DecodeOptions, Disassembler } from '../../src/asm/disassembler.ts';
import type { Instruction } from '../../src/model/instruction.ts';
import type { Random } from '../randomNumbers.ts';

/** Of so many byte strings one has all details of its instructions read. */
const detailedEvery = 6;

/** How often details are read of a long string, in instructions. */
const mostDetailed = 40;

/** Decodes and checks what must always hold. Returns the number of instructions. */
export function readBytes(decoder: Disassembler, bytes: Uint8Array, random: Random): number {
  const options = optionsFrom(bytes.length, random);
  const instructions = decoder.decode(bytes, options);
  const start = Math.min(Math.max(0, Math.trunc(options.offset ?? 0)), bytes.length);
  let at = start;
  for (const { offset, length, bytes: own } of instructions) {
    assert.equal(offset, at, 'instructions follow one another');
    assert.ok(length > 0 && own.length === length, 'each has bytes');
    at += length;
  }
  if (options.count === undefined) assert.equal(at, bytes.length, 'no byte is left out');
  else assert.ok(instructions.length <= options.count);
  if (random(detailedEvery) === 0) {
    for (const instruction of instructions.slice(0, mostDetailed)) checkDetails(instruction);
  }
  return instructions.length;
}

function optionsFrom(length: number, random: Random): DecodeOptions {
  if (random(4) !== 0) return {};
  const addresses = [0n, 0x1000n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 1n, -1n, -(2n ** 63n)];
  const address = addresses[random(addresses.length)] ?? 0n;
  const offset = [0, random(length + 1), length, length + 7, -3, 1.5][random(6)] ?? 0;
  return random(2) === 0 ? { address, offset } : { address, offset, count: random(20) };
}

/** Reads every detail, and checks that each is what its type says. */
function checkDetails(instruction: Instruction): void {
  const { mnemonic, intel, att, operands, category, target, valid, memory } = instruction;
  assert.ok(mnemonic !== '' && intel !== '' && att !== '', 'it has a text');
  assert.equal(valid, category !== 'invalid');
  assert.ok(target === undefined || Number.isSafeInteger(target), `target ${target}`);
  for (const operand of operands) {
    if (operand.kind === 'register') assert.notEqual(operand.register, '');
    else if (operand.kind === 'immediate') assert.equal(typeof operand.value, 'bigint');
    else if (operand.kind === 'memory') checkMemory(operand.memory);
    else if (operand.kind !== 'other') assert.equal(typeof operand.address, 'bigint');
  }
  for (const one of memory) checkMemory(one);
  const { registersRead, registersWritten, flagsRead, flagsWritten, features } = instruction;
  for (const names of [registersRead, registersWritten, flagsRead, flagsWritten, features]) {
    for (const name of names) assert.notEqual(name, '');
  }
  assert.equal(typeof instruction.privileged, 'boolean');
  assert.ok(/^(?:time|chance|processor|undefined)$/.test(String(instruction.unpredictable)));
}

function checkMemory(memory: Instruction['memory'][number]): void {
  assert.equal(typeof memory.displacement, 'bigint');
  assert.ok(Number.isInteger(memory.scale) && memory.scale > 0, `scale ${memory.scale}`);
  assert.ok(Number.isInteger(memory.size) && memory.size >= 0, `size ${memory.size}`);
}
