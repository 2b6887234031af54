/** Arbitrary messages of the protocol, for its property tests. */
import fc from 'fast-check';
import type { ToClient, ToHost } from '../../src/jit/protocol.ts';
import { abis, architectures } from '../../src/model/architecture.ts';
import type { Fault, Place, RunRequest, RunResult } from '../../src/model/run.ts';
import type { FloatType, IntegerType, Signature, Type } from '../../src/model/signature.ts';
import type {
  AddressTarget,
  ArgumentValue,
  BufferState,
  ReturnValue,
} from '../../src/model/value.ts';

const optional = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(some, { nil: undefined });
const bytes = fc.uint8Array({ maxLength: 32 });
const word = fc.bigInt(-(1n << 63n), (1n << 64n) - 1n);
const parameter = fc.nat(63);
const name = fc.string({ maxLength: 20 });
const timeout = fc.double({ min: 0.001, max: 60_000, noNaN: true });

const lane: fc.Arbitrary<IntegerType | FloatType> = fc.oneof(
  fc.record({
    kind: fc.constant('integer'),
    bits: fc.constantFrom(8, 16, 32, 64),
    signed: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('float'), bits: fc.constantFrom(32, 64) }),
);
const plain: fc.Arbitrary<Type> = fc.oneof(
  lane,
  fc.record({ kind: fc.constant('vector'), lane, lanes: fc.integer({ min: 1, max: 16 }) }),
  fc.record({ kind: fc.constantFrom('bool', 'string', 'void') }),
);
const pointerTo = (target: fc.Arbitrary<Type>): fc.Arbitrary<Type> =>
  fc.record({ kind: fc.constant('pointer'), target, mutable: fc.boolean() });
const type: fc.Arbitrary<Type> = fc.oneof(plain, pointerTo(plain), pointerTo(pointerTo(plain)));

const signature: fc.Arbitrary<Signature> = fc.record({
  name: optional(name),
  parameters: fc.array(fc.record({ name: optional(name), type }), { maxLength: 6 }),
  result: type,
});

const argument: fc.Arbitrary<ArgumentValue> = fc.oneof(
  fc.record({ kind: fc.constant('integer'), value: word }),
  fc.record({ kind: fc.constant('float'), value: fc.double() }),
  fc.record({ kind: fc.constant('buffer'), bytes, align: fc.constantFrom(1, 2, 16, 4096) }),
  fc.record({ kind: fc.constant('vector'), bytes }),
);

export const request: fc.Arbitrary<RunRequest> = fc.record({
  architecture: fc.constantFrom(...architectures.map((entry) => entry.name)),
  abi: optional(fc.constantFrom(...abis)),
  signature,
  fragment: optional(fc.array(fc.record({ register: name, value: word }), { maxLength: 4 })),
  bytes,
  entry: fc.nat(100),
  arguments: fc.array(argument, { maxLength: 6 }),
  recordRegisters: fc.boolean(),
  timeoutMs: timeout,
});

const target: fc.Arbitrary<AddressTarget> = fc.record({ parameter, offset: fc.nat(100), bytes });
const value: fc.Arbitrary<ReturnValue> = fc.oneof(
  fc.record({ kind: fc.constant('void') }),
  fc.record({ kind: fc.constant('integer'), value: word }),
  fc.record({ kind: fc.constant('float'), value: fc.double(), bits: word }),
  fc.record({ kind: fc.constant('vector'), bytes }),
  fc.record({ kind: fc.constant('address'), value: word, target: optional(target) }),
);
const buffer: fc.Arbitrary<BufferState> = fc.record({ parameter, before: bytes, after: bytes });
const registers = fc.dictionary(name, word, { noNullPrototype: true });
const place: fc.Arbitrary<Place> = fc.record({ offset: optional(fc.nat(1000)), registers });
const fault: fc.Arbitrary<Fault> = fc.record({
  signal: name,
  code: optional(name),
  access: optional(fc.constantFrom('read', 'write', 'execute')),
  address: optional(word),
  offset: optional(fc.nat(1000)),
  registers: optional(registers),
});

const result: fc.Arbitrary<RunResult> = fc.oneof(
  fc.record({
    outcome: fc.constant('returned'),
    value,
    buffers: fc.array(buffer, { maxLength: 4 }),
    durationNs: fc.bigInt(0n, (1n << 64n) - 1n),
    registers: optional(registers),
  }),
  fc.record({ outcome: fc.constant('fault'), fault }),
  fc.record({ outcome: fc.constant('timeout'), limitMs: timeout, stuck: optional(place) }),
  fc.record({
    outcome: fc.constant('blocked'),
    systemCall: name,
    arguments: fc.array(word, { maxLength: 6 }),
    at: optional(place),
  }),
  fc.record({ outcome: fc.constant('exited'), status: fc.nat(255) }),
  fc.record({ outcome: fc.constant('end') }),
  fc.record({ outcome: fc.constant('abi'), register: name, expected: word, found: word }),
  fc.record({ outcome: fc.constant('refused'), reason: fc.string() }),
);

const id = fc.nat();

export const toHost: fc.Arbitrary<ToHost> = fc.oneof(
  fc.record({ type: fc.constant('run'), id, request }),
  fc.record({ type: fc.constant('cancel'), id }),
);

export const toClient: fc.Arbitrary<ToClient> = fc.oneof(
  fc.record({
    type: fc.constant('hello'),
    host: fc.record({
      protocol: fc.constant(2),
      pid: fc.integer({ min: 1, max: 1 << 22 }),
      node: name,
      koffi: name,
      protection: fc.record({
        level: fc.constantFrom('isolated', 'process', 'crash-only'),
        sandbox: fc.constantFrom('strict', 'output', 'off'),
        reason: name,
        runner: optional(
          fc.record({
            pid: fc.integer({ min: 1, max: 1 << 22 }),
            namespaces: fc.boolean(),
            noExecuteFile: fc.boolean(),
            denyWriteExecute: fc.boolean(),
          }),
        ),
      }),
      parentDeath: fc.constantFrom('parent-death-signal', 'channel-close'),
    }),
  }),
  fc.record({ type: fc.constant('started'), id }),
  fc.record({ type: fc.constant('result'), id, result }),
);
