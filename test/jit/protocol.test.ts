import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeFrame, FrameReader, maxFrameBytes } from '../../src/jit/frames.ts';
import {
  ProtocolError,
  protocolVersion,
  readToClient,
  readToHost,
} from '../../src/jit/protocol.ts';
import { checkResult, readRunResult } from '../../src/jit/protocolRun.ts';
import type { RunRequest } from '../../src/model/run.ts';
import { limits } from '../../src/model/run.ts';
import { request as knownRequest } from './clientSetup.ts';
import {
  bool,
  bufferValue,
  constBytes,
  f32,
  i8,
  mutBytes,
  nothing,
  signature,
  u8,
} from './functionTypes.ts';
import { toClient, toHost } from './protocolArbitraries.ts';

const ends = [
  { name: 'to the host', message: toHost, read: readToHost },
  { name: 'to the client', message: toClient, read: readToClient },
] as const;

/** A path to some value inside of another. */
type Path = readonly string[];

function paths(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => paths(inner, [...path, key]))];
}

/** A copy of a value with another one at a path. */
function withAt(value: unknown, [key, ...rest]: Path, put: unknown): unknown {
  if (key === undefined) return put;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.map((item, index) => (String(index) === key ? withAt(item, rest, put) : item));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === key ? withAt(inner, rest, put) : inner,
    ]),
  );
}

/** Fails if a reader throws anything but its own error. */
function readOrRefuse(read: (value: unknown) => unknown, value: unknown): unknown {
  try {
    return read(value);
  } catch (error) {
    assert.ok(error instanceof ProtocolError, String(error));
    assert.ok(error.message.length < 5000);
    return undefined;
  }
}

for (const { name, message, read } of ends) {
  describe(`a message ${name}`, () => {
    it('is read as it was written', () => {
      fc.assert(
        fc.property(
          fc.array<unknown>(message, { maxLength: 4 }),
          fc.integer({ min: 1, max: 50 }),
          (sent, cut) => {
            const stream = Buffer.concat(sent.map(encodeFrame));
            const reader = new FrameReader();
            const got: unknown[] = [];
            for (let at = 0; at < stream.length; at += cut) {
              for (const value of reader.push(stream.subarray(at, at + cut))) got.push(read(value));
            }
            assert.deepEqual(got, sent.map(plain));
          },
        ),
      );
    });

    it('is read or refused, whatever it is', () => {
      const anything = fc.anything({
        withBigInt: true,
        withTypedArray: true,
        withMap: true,
        withSparseArray: true,
      });
      fc.assert(fc.property(anything, (value) => void readOrRefuse(read, value)));
    });

    it('is read or refused if one of its parts is anything else', () => {
      const spoilt = fc
        .tuple(message, fc.nat(), fc.anything({ withBigInt: true, withTypedArray: true }))
        .map(([whole, choice, put]) => {
          const all = paths(whole);
          return withAt(whole, all[choice % all.length] ?? [], put);
        });
      fc.assert(
        fc.property(spoilt, (value) => void readOrRefuse(read, value)),
        { numRuns: 1000 },
      );
    });
  });
}

/** What a message is after V8 has carried it: without fast-check's own prototypes. */
function plain(value: unknown): unknown {
  return structuredClone(value);
}

describe('a message to the host', () => {
  const good = knownRequest('c3');
  const spoilt: readonly (readonly [string, unknown, RegExp])[] = [
    ['no object', 7, /message is 7, not an object/],
    ['an empty one', {}, /without type/],
    ['another type', { type: 'walk', id: 1, request: good }, /message\.type is "walk", unknown/],
    [
      'no number',
      { type: 'run', id: '1', request: good },
      /message\.id is "1", not a whole number/,
    ],
    [
      'a fraction',
      { type: 'run', id: 1.5, request: good },
      /message\.id is 1.5, not a whole number/,
    ],
    ['a negative number', { type: 'run', id: -1, request: good }, /message\.id is -1, not between/],
    ['a field too many', { type: 'run', id: 1, request: good, more: 1 }, /unknown field "more"/],
  ];
  const parts: readonly (readonly [string, object, RegExp])[] = [
    [
      'code that is too long',
      { bytes: new Uint8Array(limits.codeBytes + 1) },
      /request\.bytes has 1048577 bytes/,
    ],
    ['code that is a text', { bytes: 'c3' }, /request\.bytes is "c3", not bytes/],
    ['an unknown architecture', { architecture: 'z80' }, /request\.architecture is "z80"/],
    [
      'a name of the prototype',
      { architecture: 'constructor' },
      /request\.architecture is "constructor"/,
    ],
    [
      'a long buffer',
      { arguments: [bufferValue(Array.from({ length: limits.bufferBytes + 1 }, () => 0))] },
      /arguments\[0\]\.bytes has/,
    ],
    [
      'many arguments',
      { arguments: Array.from({ length: 65 }, () => bufferValue([])) },
      /has 65 items, more than 64/,
    ],
    [
      'much in all',
      {
        arguments: Array.from({ length: 5 }, () => ({
          kind: 'buffer',
          bytes: new Uint8Array(limits.bufferBytes),
          align: 1,
        })),
      },
      /5242880 bytes of buffers/,
    ],
    [
      'an integer of 65 bits',
      { arguments: [{ kind: 'integer', value: 1n << 64n }] },
      /not one of 64 bits/,
    ],
    [
      'an integer of too many digits',
      { arguments: [{ kind: 'integer', value: 1n << 9999n }] },
      /not one of 64 bits/,
    ],
    [
      'integers of 24 bits',
      {
        signature: {
          name: undefined,
          parameters: [],
          result: { kind: 'integer', bits: 24, signed: true },
        },
      },
      /result\.bits is 24/,
    ],
    ['pointers without end', { signature: endless() }, /more than 32 levels/],
    ['an endless time', { timeoutMs: Infinity }, /timeoutMs is Infinity ms/],
  ];
  for (const [what, value, error] of [
    ...spoilt,
    ...parts.map(
      ([what, part, error]) =>
        [what, { type: 'run', id: 1, request: { ...good, ...part } }, error] as const,
    ),
  ]) {
    it(`is refused for ${what}`, () => {
      assert.throws(
        () => readToHost(value),
        (thrown) => thrown instanceof ProtocolError && error.test(thrown.message),
      );
    });
  }

  it('is copied, and shares nothing with what was sent', () => {
    const sent = { type: 'run', id: 1, request: good } as const;
    const message = readToHost(sent);
    assert.ok(message.type === 'run');
    const { request } = message;
    assert.notEqual(request.bytes, good.bytes);
    assert.deepEqual(request, good);
  });
});

function endless(): unknown {
  const pointer: { kind: string; mutable: boolean; target: unknown } = {
    kind: 'pointer',
    mutable: true,
    target: null,
  };
  pointer.target = pointer;
  return { name: undefined, parameters: [], result: pointer };
}

describe('a message to the client', () => {
  it('is of this version of the protocol', () => {
    const host = {
      protocol: protocolVersion + 1,
      pid: 1,
      node: '',
      koffi: '',
      protection: { level: 'isolated', sandbox: 'strict', reason: '', runner: undefined },
      parentDeath: 'channel-close',
    };
    assert.throws(() => readToClient({ type: 'hello', host }), /protocol is 3, not one of 2/);
  });
});

describe('a result', () => {
  const asked: RunRequest = {
    ...knownRequest('c3'),
    signature: signature([mutBytes, u8], i8),
    arguments: [bufferValue([1, 2]), { kind: 'integer', value: 1n }],
  };
  const result = {
    outcome: 'returned',
    value: { kind: 'integer', value: -1n },
    buffers: [],
    durationNs: 1n,
    registers: undefined,
  };
  const two = Uint8Array.of(1, 2);
  const address = { kind: 'address', value: 1n, target: { parameter: 0, offset: 1, bytes: two } };
  const cases: readonly (readonly [string, RunRequest, object, boolean])[] = [
    ['an integer that the type holds', asked, {}, true],
    ['an integer that it does not', asked, { value: { kind: 'integer', value: 255n } }, false],
    ['nothing', asked, { value: { kind: 'void' } }, false],
    [
      'a buffer as long as it was',
      asked,
      { buffers: [{ parameter: 0, before: two, after: two }] },
      true,
    ],
    [
      'a shorter buffer',
      asked,
      { buffers: [{ parameter: 0, before: two, after: two.subarray(1) }] },
      false,
    ],
    [
      'a buffer for an integer',
      asked,
      { buffers: [{ parameter: 1, before: two, after: two }] },
      false,
    ],
    [
      'a buffer of no parameter',
      asked,
      { buffers: [{ parameter: 2, before: two, after: two }] },
      false,
    ],
    [
      'a bool of 2',
      { ...asked, signature: signature([], bool) },
      { value: { kind: 'integer', value: 2n } },
      false,
    ],
    [
      'a float of 33 bits',
      { ...asked, signature: signature([], f32) },
      { value: { kind: 'float', value: 1, bits: 1n << 32n } },
      false,
    ],
    [
      'an address beyond its buffer',
      { ...asked, signature: signature([mutBytes], constBytes) },
      { value: address },
      false,
    ],
    [
      'an address in it',
      { ...asked, signature: signature([mutBytes], constBytes) },
      { value: { ...address, target: { ...address.target, bytes: two.subarray(1) } } },
      true,
    ],
    [
      'nothing of void',
      { ...asked, signature: signature([], nothing) },
      { value: { kind: 'void' } },
      true,
    ],
  ];
  for (const [what, request, part, good] of cases) {
    it(`${good ? 'may' : 'must not'} be ${what}`, () => {
      const read = readRunResult({ ...result, ...part }, 'result');
      const check = (): void => checkResult(read, request);
      if (good) check();
      else assert.throws(check, ProtocolError);
    });
  }
});

describe('a frame', () => {
  it('is bounded', () => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(maxFrameBytes + 1);
    assert.throws(() => [...new FrameReader().push(length)], ProtocolError);
  });

  it('is read or refused, whatever its payload', () => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      // V8's header and then anything.
      fc.uint8Array({ maxLength: 64 }).map((rest) => Uint8Array.of(0xff, 0x0f, ...rest)),
    );
    fc.assert(
      fc.property(payload, (bytes) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(bytes.length);
        const reader = new FrameReader();
        readOrRefuse(
          (stream) => {
            assert.ok(stream instanceof Uint8Array);
            for (const value of reader.push(stream)) readToClient(value);
          },
          Buffer.concat([length, bytes]),
        );
      }),
      { numRuns: 5000 },
    );
  });

  it('holds the largest call', () => {
    const all = new Uint8Array(limits.bufferBytes);
    const buffers = Array.from(
      { length: limits.callBytes / limits.bufferBytes },
      (_, parameter) => ({ parameter, before: all, after: all }),
    );
    const value = { kind: 'address', value: 1n, target: { parameter: 0, offset: 0, bytes: all } };
    const message = {
      type: 'result',
      id: 1,
      result: { outcome: 'returned', value, buffers, durationNs: 1n, registers: undefined },
    };
    const [read] = [...new FrameReader().push(encodeFrame(message))].map(readToClient);
    assert.deepEqual(read, message);
  });
});
