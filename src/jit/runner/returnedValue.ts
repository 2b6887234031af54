/** What a function gave back, read from the registers after its return. */
import type { Registers } from '../../model/registers.ts';
import { wrapInteger } from '../../model/signature.ts';
import type { AddressTarget, ReturnValue } from '../../model/value.ts';
import { parts } from './layout.ts';
import type { Asked } from './record.ts';

/** The value in the result type. A returned address is followed into the call's buffers, and nowhere else. */
export function returnedValue(asked: Asked, registers: Registers): ReturnValue {
  const { general, vector } = asked.port.resultRegisters;
  const word = registers[general] ?? 0n;
  const lanes = registers[vector] ?? 0n;
  const type = asked.request.signature.result;
  switch (type.kind) {
    case 'void':
      return { kind: 'void' };
    case 'integer':
      return { kind: 'integer', value: wrapInteger(word, type) };
    case 'bool':
      return { kind: 'integer', value: BigInt.asUintN(8, word) === 0n ? 0n : 1n };
    case 'float': {
      const bits = BigInt.asUintN(type.bits, lanes);
      const view = new DataView(new ArrayBuffer(8));
      view.setBigUint64(0, bits, true);
      const value = type.bits === 64 ? view.getFloat64(0, true) : view.getFloat32(0, true);
      return { kind: 'float', value, bits };
    }
    case 'vector': {
      const view = new DataView(new ArrayBuffer(16));
      view.setBigUint64(0, BigInt.asUintN(64, lanes), true);
      view.setBigUint64(8, BigInt.asUintN(64, lanes >> 64n), true);
      return { kind: 'vector', bytes: new Uint8Array(view.buffer) };
    }
    case 'pointer':
    case 'string':
      return { kind: 'address', value: word, target: targetOf(asked, word) };
  }
}

function targetOf({ port, buffers, after }: Asked, address: bigint): AddressTarget | undefined {
  const at = address - port.base - BigInt(parts.buffers.offset);
  for (const { parameter, bytes, offset } of buffers.places) {
    const inside = at - BigInt(offset);
    if (inside < 0n || inside > BigInt(bytes.length)) continue;
    const found = after(parameter);
    if (found) return { parameter, offset: Number(inside), bytes: found.slice(Number(inside)) };
  }
  return undefined;
}
