/** What this processor says of itself, asked by machine code of our own. */
import { dword, eax, ecx, edi, edx, esi, ebx, r8, rax, rbx, rdx, x64 } from '../../../asm/x64.ts';
import type { IntegerType, Signature } from '../../../model/signature.ts';
import { getFunction } from '../../function.ts';

const u32: IntegerType = { kind: 'integer', bits: 32, signed: false };
const u64: IntegerType = { kind: 'integer', bits: 64, signed: false };

function signature(
  result: IntegerType,
  ...types: readonly Signature['parameters'][number]['type'][]
) {
  return { name: undefined, parameters: types.map((type) => ({ name: undefined, type })), result };
}

interface Leaf {
  readonly eax: number;
  readonly ebx: number;
  readonly ecx: number;
  readonly edx: number;
}

/** Asks CPUID: Intel SDM volume 2, CPUID. */
function cpuid(): { (leaf: number, subleaf: number): Leaf } & Disposable {
  const f = x64();
  f.push(rbx);
  f.mov(r8, rdx);
  f.mov(eax, edi);
  f.mov(ecx, esi);
  f.cpuid();
  f.mov(dword(r8), eax);
  f.mov(dword(r8, 4), ebx);
  f.mov(dword(r8, 8), ecx);
  f.mov(dword(r8, 12), edx);
  f.pop(rbx);
  f.ret();
  const words = { kind: 'pointer', target: u32, mutable: true } as const;
  const ask = getFunction(f, signature(u32, u32, u32, words));
  const call = (leaf: number, subleaf: number): Leaf => {
    const bytes = new Uint8Array(16);
    ask(leaf, subleaf, bytes);
    const [a = 0, b = 0, c = 0, d = 0] = new Uint32Array(bytes.buffer);
    return { eax: a, ebx: b, ecx: c, edx: d };
  };
  return Object.assign(call, { [Symbol.dispose]: () => ask.dispose() });
}

/** Where an XSAVE image in the standard format has its parts, in bytes; those that this processor lacks are undefined. */
export interface ImagePlaces {
  readonly avx: number | undefined;
  readonly opmask: number | undefined;
  readonly zmmHigh: number | undefined;
  readonly zmm16: number | undefined;
  /** Bytes to the end of the last of them. */
  readonly size: number;
}

/** CPUID leaf 1, ecx: the system uses XSAVE. */
const osxsave = 1 << 27;
const stateLeaf = 0xd;
/** The legacy area and the header. */
const imageHeaderEnd = 576;

/** Asks for the layout of XSAVE images. Throws an error if the processor or the system has no XSAVE. */
export function imagePlaces(): ImagePlaces {
  using ask = cpuid();
  if ((ask(1, 0).ecx & osxsave) === 0) throw new Error('this processor or system has no XSAVE');
  const supported = ask(stateLeaf, 0).eax;
  let size = imageHeaderEnd;
  const place = (component: number): number | undefined => {
    if ((supported & (1 << component)) === 0) return undefined;
    const { eax: bytes, ebx: offset } = ask(stateLeaf, component);
    size = Math.max(size, offset + bytes);
    return offset;
  };
  const parts = { avx: place(2), opmask: place(5), zmmHigh: place(6), zmm16: place(7) };
  return { ...parts, size };
}

/** Reads the time stamp counter. */
export function timeStamp(): () => bigint {
  const f = x64();
  f.rdtsc();
  f.shl(rdx, 32);
  f.or(rax, rdx);
  f.ret();
  const read = getFunction(f, signature(u64));
  return () => {
    const { value } = read.call([]);
    return value.kind === 'integer' ? value.value : 0n;
  };
}

/** What a guest may meet on one processor and not on another. */
const featureBits = {
  // Intel SDM volume 2, CPUID; the operating system's word (OSXSAVE, OSPKE) where it has to agree.
  avx: { leaf: 1, subleaf: 0, register: 'ecx', bit: 28 },
  rdrand: { leaf: 1, subleaf: 0, register: 'ecx', bit: 30 },
  fsgsbase: { leaf: 7, subleaf: 0, register: 'ebx', bit: 0 },
  rtm: { leaf: 7, subleaf: 0, register: 'ebx', bit: 11 },
  avx512f: { leaf: 7, subleaf: 0, register: 'ebx', bit: 16 },
  rdseed: { leaf: 7, subleaf: 0, register: 'ebx', bit: 18 },
  clflushopt: { leaf: 7, subleaf: 0, register: 'ebx', bit: 23 },
  umip: { leaf: 7, subleaf: 0, register: 'ecx', bit: 2 },
  protectionKeys: { leaf: 7, subleaf: 0, register: 'ecx', bit: 4 },
  waitpkg: { leaf: 7, subleaf: 0, register: 'ecx', bit: 5 },
  rdpid: { leaf: 7, subleaf: 0, register: 'ecx', bit: 22 },
  amxTile: { leaf: 7, subleaf: 0, register: 'edx', bit: 24 },
  // AMD APM volume 3, appendix E.
  monitorx: { leaf: 0x8000_0001, subleaf: 0, register: 'ecx', bit: 29 },
  rdtscp: { leaf: 0x8000_0001, subleaf: 0, register: 'edx', bit: 27 },
} as const satisfies Record<
  string,
  {
    readonly leaf: number;
    readonly subleaf: number;
    readonly register: keyof Leaf;
    readonly bit: number;
  }
>;

export type ProcessorFeature = keyof typeof featureBits;

/** Leaf 0x8000_0000 and leaf 0 say in eax which leaf is the last of their kind. */
const extendedLeaves = 0x8000_0000;

/** The features of {@link featureBits} that this processor has. */
export function processorFeatures(): ReadonlySet<ProcessorFeature> {
  using ask = cpuid();
  const features = new Set<ProcessorFeature>();
  for (const [name, { leaf, subleaf, register, bit }] of Object.entries(featureBits)) {
    const last = ask(leaf >= extendedLeaves ? extendedLeaves : 0, 0).eax;
    if (leaf > last || ((ask(leaf, subleaf)[register] >>> bit) & 1) === 0) continue;
    features.add(name as ProcessorFeature);
  }
  return features;
}
