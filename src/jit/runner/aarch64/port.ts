/** AArch64 as a port of the runner. */
import { aarch64, x0 } from '../../../asm/aarch64.ts';
import { getFunction } from '../../function.ts';
import { request, result } from '../layout.ts';
import type { FaultRecord, FaultWords, Port, SystemCalls } from '../port.ts';
import { faultSignals, signalNumbers, signalWords } from '../signalWords.ts';
import { genericNames } from '../systemCallNames.ts';
import { codeExtent, contextWords, handlerFlags, stackPointer } from './childCode.ts';
import { runnerCode } from './runnerCode.ts';

/** Below 2^39, the smallest address space that Linux gives a process here. */
const base = 0x10_0000_0000n;
const SIGCHLD = 17;
const vectorBytes = 16;
const vectorCount = 32;

const generalNames = [...Array.from({ length: 31 }, (_, number) => `x${number}`), 'sp'];

/** ESR_EL1 (Arm ARM, D17.2.37): the exception's class, and of a data abort whether it was a write. */
const classShift = 26n;
const instructionAborts: readonly bigint[] = [0x20n, 0x21n];
const dataAborts: readonly bigint[] = [0x24n, 0x25n];
const writeNotRead = 1n << 6n;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function vectorsOf(view: DataView): Record<string, bigint> {
  const registers: Record<string, bigint> = {};
  for (let number = 0; number < vectorCount; number++) {
    const at = result.image + vectorBytes * number;
    registers[`v${number}`] =
      (view.getBigUint64(at + 8, true) << 64n) | view.getBigUint64(at, true);
  }
  registers['fpcr'] = view.getBigUint64(result.vectorControl, true);
  registers['fpsr'] = view.getBigUint64(result.x87Control, true);
  return registers;
}

/** What an access was for, by the syndrome where the kernel tells it. */
function accessOf({ errorCode = 0, address, at }: FaultRecord): FaultWords['access'] {
  const syndrome = BigInt(errorCode);
  const kind = syndrome >> classShift;
  if (instructionAborts.includes(kind) || address === at) return 'execute';
  if (dataAborts.includes(kind)) return (syndrome & writeNotRead) === 0n ? 'read' : 'write';
  return undefined;
}

const systemCalls: SystemCalls = {
  instructionBytes: 4,
  write: 64,
  name: (number) => genericNames[number] ?? `syscall ${number >>> 0}`,
  arguments: (registers) =>
    ['x0', 'x1', 'x2', 'x3', 'x4', 'x5'].map((name) => registers[name] ?? 0n),
  exitStatus({ systemCall, registers }) {
    const isExit = systemCall === 93 || systemCall === 94;
    return isExit ? Number((registers['x0'] ?? 0n) & 0xffn) : undefined;
  },
};

/** The port for AArch64. */
export function aarch64Port(): Port {
  return {
    architecture: 'aarch64',
    base,
    conventions: ['aapcs64'],
    code: runnerCode(base),
    cloneFlags: SIGCHLD,
    hostRanges: 'list',
    handlerFlags,
    initialFlags: 0n, // Of FPCR.
    flagsName: 'fpcr',
    stackPointer,
    generalNames,
    fillByte: 0, // udf #0
    imageBytes: 0, // The handler knows.

    writeImage(image, vectors, [start, end]) {
      for (const [number, bytes] of vectors)
        image.set(bytes.subarray(0, vectorBytes), vectorBytes * number);
      const view = viewOf(image);
      view.setBigUint64(codeExtent - request.image, start, true);
      view.setBigUint64(codeExtent - request.image + 8, end, true);
    },

    readReturned(results) {
      const view = viewOf(results);
      const registers = vectorsOf(view);
      for (const [number, name] of generalNames.entries()) {
        registers[name] = view.getBigUint64(result.registers + 8 * number, true);
      }
      registers['pstate'] = view.getBigUint64(result.flags, true);
      return registers;
    },

    readFault(results) {
      const view = viewOf(results);
      const context = (word: number): bigint => view.getBigUint64(result.context + 8 * word, true);
      const registers = vectorsOf(view);
      for (const [number, name] of generalNames.entries()) {
        registers[name] = context(contextWords.x0 + number);
      }
      registers['pc'] = context(contextWords.pc);
      registers['pstate'] = context(contextWords.pstate);
      return {
        signal: view.getInt32(result.signal, true),
        code: view.getInt32(result.signal + 8, true),
        address: view.getBigUint64(result.signal + 16, true),
        systemCall: view.getInt32(result.signal + 24, true),
        callArchitecture: view.getUint32(result.signal + 28, true),
        at: context(contextWords.pc),
        registers,
        trap: undefined,
        errorCode: Number(context(contextWords.esr) & 0xffff_ffffn),
      };
    },

    describe(record): FaultWords {
      const { signal, code } = record;
      const isMemory = signal === signalNumbers.segv || signal === signalNumbers.bus;
      if (isMemory) {
        return { kind: signalWords(signal, code), access: accessOf(record), addressKnown: true };
      }
      const kind =
        signal === signalNumbers.ill
          ? 'illegal instruction'
          : signal === signalNumbers.trap
            ? 'breakpoint'
            : signalWords(signal, code);
      return { kind, access: undefined, addressKnown: false };
    },

    faultSignals,
    isTrap: ({ signal }) => signal === signalNumbers.trap,
    isFill: ({ signal }) => signal === signalNumbers.ill,
    trapBytes: () => 0, // Traps are told at their own address.
    vectorNames: (number) => ({ full: `v${number}`, kept: `d${number}` }),
    resultRegisters: { general: 'x0', vector: 'v0' },
    keptControl: [{ register: 'fpcr', name: 'fpcr', mask: 0xffff_ffffn, value: 0n }],
    systemCalls,
  };
}

/** Reads the counter that time stamps are taken from. */
export function counter(): () => bigint {
  const f = aarch64();
  f.mrs(x0, 'cntvct_el0');
  f.ret();
  const read = getFunction(f, {
    name: undefined,
    parameters: [],
    result: { kind: 'integer', bits: 64, signed: false },
  });
  return () => {
    const { value } = read.call([]);
    return value.kind === 'integer' ? value.value : 0n;
  };
}
