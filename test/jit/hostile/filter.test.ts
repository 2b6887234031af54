/** The system call filter as a program: interpreted here, on calls that no running guest could make. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallSite, OutputCall } from '../../../src/jit/runner/filter.ts';
import { auditArchitectures, systemCallFilter } from '../../../src/jit/runner/filter.ts';
import { maxFilterInstructions, parts } from '../../../src/jit/runner/layout.ts';
import { base, isolatedHere, ours } from './ground.ts';
import { randomFrom } from './random.ts';

/** struct seccomp_data as the kernel fills it. */
interface Call {
  readonly number: number;
  readonly architecture: number;
  /** Address of the instruction after the call. */
  readonly address: bigint;
  readonly argument0: bigint;
}

const allow = 0x7fff_0000;
const trap = 0x0003_0000;

/** Runs the filter (kernel's Documentation/networking/filter.rst: classic BPF) and returns its verdict. */
function verdict(program: Uint8Array, { number, architecture, address, argument0 }: Call): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number >>> 0, true);
  data.setUint32(4, architecture, true);
  data.setBigUint64(8, address, true);
  data.setBigUint64(16, argument0, true);
  const code = new DataView(program.buffer, program.byteOffset, program.length);
  let accumulator = 0;
  for (let at = 0; at * 8 < program.length; at++) {
    const operand = code.getUint32(at * 8 + 4, true);
    const skip = (holds: boolean): number => code.getUint8(at * 8 + (holds ? 2 : 3));
    switch (code.getUint16(at * 8, true)) {
      case 0x20: // BPF_LD | BPF_W | BPF_ABS
        accumulator = data.getUint32(operand, true);
        break;
      case 0x15: // BPF_JMP | BPF_JEQ | BPF_K
        at += skip(accumulator === operand);
        break;
      case 0x35: // BPF_JMP | BPF_JGE | BPF_K
        at += skip(accumulator >= operand);
        break;
      case 0x06: // BPF_RET | BPF_K
        return operand;
      default:
        assert.fail(`instruction ${at} is not known`);
    }
  }
  return assert.fail('the program runs off its end');
}

const native = auditArchitectures.x86_64 ?? 0;
const output: OutputCall = {
  number: 1,
  descriptors: [1, 2],
  from: parts.guest.offset,
  to: parts.guest.offset + parts.guest.size,
};

function callAt({ after, number }: CallSite): Call {
  return { number, architecture: native, address: base + BigInt(after), argument0: 0n };
}

for (const [name, writes] of [
  ['strict', undefined],
  ['output', output],
] as const) {
  describe(`the filter, ${name}`, { skip: !isolatedHere }, () => {
    const program = isolatedHere
      ? systemCallFilter('x86_64', base, ours.sites, writes)
      : new Uint8Array();

    it('has room in its page', () => {
      assert.ok(program.length / 8 <= maxFilterInstructions);
    });

    it('lets every call of ours pass at its address', () => {
      assert.ok(ours.sites.length > 10);
      for (const site of ours.sites) assert.equal(verdict(program, callAt(site)), allow);
    });

    for (const [what, change] of Object.entries<(call: Call, by: number) => Call>({
      'at another address': (call, by) => ({
        ...call,
        address: call.address + BigInt(1 + by) * 0x1_0000n,
      }),
      'at an address 4 GiB away': (call, by) => ({
        ...call,
        address: call.address + (BigInt(1 + by) << 32n),
      }),
      'one byte on': (call) => ({ ...call, address: call.address + 1n }),
      'with another number': (call, by) => ({ ...call, number: call.number + 600 + by }),
      "in x32's numbering": (call) => ({ ...call, number: call.number + 0x4000_0000 }),
      'with a negative number': (call) => ({ ...call, number: -1 - call.number }),
      'as a 32-bit call': (call) => ({ ...call, architecture: 0x4000_0003 }),
      'of no architecture': (call) => ({ ...call, architecture: 0 }),
    })) {
      it(`stops every call of ours ${what}`, () => {
        const random = randomFrom(5);
        for (const site of ours.sites) {
          const changed = change(callAt(site), random(1000));
          assert.equal(verdict(program, changed), trap, `${site.number} at ${site.after}`);
        }
      });
    }

    it('stops every call of every number from the code of a guest, but for what it may write', () => {
      for (let number = 0; number < 600; number++) {
        for (const argument0 of [0n, 1n, 2n, 3n, 4n, (1n << 32n) | 1n]) {
          const after = parts.guest.offset + 2 + number;
          const call: Call = { ...callAt({ after, number }), argument0 };
          const may =
            writes !== undefined && number === 1 && (argument0 === 1n || argument0 === 2n);
          assert.equal(verdict(program, call), may ? allow : trap, `${number}(${argument0})`);
        }
      }
    });

    it('lets a guest write from the first to the last byte of its code, if at all', () => {
      const first = parts.guest.offset;
      const last = parts.guest.offset + parts.guest.size;
      for (const [after, inside] of [
        [first - 1, false],
        [first, true],
        [first + 2, true],
        [last, true],
        [last + 1, false],
        [parts.stack.offset, false],
        [parts.childCode.offset, false],
      ] as const) {
        const call: Call = { ...callAt({ after, number: 1 }), argument0: 1n };
        assert.equal(verdict(program, call), inside && writes ? allow : trap, `after ${after}`);
      }
    });
  });
}
