/** A block of bytes without a text around them. */
import type { Architecture } from '../../src/model/architecture.ts';
import type { JitBlock } from '../../src/model/block.ts';

const nowhere = { start: 0, end: 0 } as const;

/** A function made of these bytes, with no call; each byte stands at its own offset. */
export function bareBlock(architecture: Architecture, bytes: Uint8Array): JitBlock {
  return {
    kind: 'function',
    tag: nowhere,
    annotation: nowhere,
    name: undefined,
    signature: { name: undefined, parameters: [], result: { kind: 'void' } },
    architecture,
    architectureSpan: nowhere,
    abi: undefined,
    abiSpan: undefined,
    bytes,
    byteSpans: { length: bytes.length, at: (index) => ({ start: index, end: index + 1 }) },
    literal: { start: 0, end: bytes.length },
    entry: 0,
    patches: [],
    dataFrom: undefined,
    timeoutNs: undefined,
    bench: false,
    calls: [],
    refused: undefined,
    comments: [],
    broken: false,
  };
}
