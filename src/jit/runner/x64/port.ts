/** x86-64 as a port of the runner. */
import { x64Flags, x64General } from '../../../model/registers.ts';
import { maxImageBytes, result } from '../layout.ts';
import type { FaultWords, Port } from '../port.ts';
import type { ImagePlaces } from './cpu.ts';
import { imagePlaces } from './cpu.ts';
import { faultSignals, signalNumbers, signalWords } from '../signalWords.ts';
import { runnerCode } from './runnerCode.ts';
import { systemCalls } from './systemCalls.ts';

/** Where the kernel's struct sigcontext has each register, in words: arch/x86/include/uapi/asm/sigcontext.h. */
const contextWords: Readonly<Record<string, number>> = {
  r8: 0,
  r9: 1,
  r10: 2,
  r11: 3,
  r12: 4,
  r13: 5,
  r14: 6,
  r15: 7,
  rdi: 8,
  rsi: 9,
  rbp: 10,
  rbx: 11,
  rdx: 12,
  rax: 13,
  rcx: 14,
  rsp: 15,
  rip: 16,
  rflags: 17,
};
const errorCodeWord = 19;
const trapNumberWord = 20;

/** An XSAVE image in the standard format: Intel SDM volume 1, section 13.4. */
const image = {
  x87Control: 0,
  mxcsr: 24,
  st: 32,
  xmm: 160,
  /** XSTATE_BV: which components are not in their initial state. */
  present: 512,
} as const;
const component = { x87: 0, sse: 1, avx: 2, opmask: 5, zmmHigh: 6, zmm16: 7 } as const;

/** The control words of a fresh process: System V psABI for x86-64, section 3.4.1. */
const initialMxcsr = 0x1f80;
const initialX87Control = 0x37f;

// Intel SDM volume 3, section 6.15.
const trapNumbers = { debug: 1, breakpoint: 3, stack: 12, protection: 13, page: 14 } as const;
// Bits of a page fault's error code, section 4.7.
const pageWrite = 1 << 1;
const pageFetch = 1 << 4;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The vector registers of an XSAVE image; `zmmN` holds whatever width the machine has. */
function vectorRegisters(results: Uint8Array, places: ImagePlaces): Record<string, bigint> {
  const view = viewOf(results);
  const at = result.image;
  const present = view.getBigUint64(at + image.present, true);
  const has = (which: number): boolean => ((present >> BigInt(which)) & 1n) === 1n;
  const { avx = 0, opmask = 0, zmmHigh = 0, zmm16 = 0 } = places;
  const word = (offset: number): bigint => view.getBigUint64(at + offset, true);
  const wide = (offset: number, count: number): bigint => {
    let value = 0n;
    for (let index = count - 1; index >= 0; index--) {
      value = (value << 64n) | word(offset + 8 * index);
    }
    return value;
  };
  const registers: Record<string, bigint> = {};
  for (let number = 0; number < 16; number++) {
    let value = has(component.sse) ? wide(image.xmm + 16 * number, 2) : 0n;
    if (has(component.avx)) value |= wide(avx + 16 * number, 2) << 128n;
    if (has(component.zmmHigh)) value |= wide(zmmHigh + 32 * number, 4) << 256n;
    registers[`zmm${number}`] = value;
  }
  for (let number = 16; number < 32 && has(component.zmm16); number++) {
    registers[`zmm${number}`] = wide(zmm16 + 64 * (number - 16), 8);
  }
  for (let number = 0; number < 8 && has(component.opmask); number++) {
    registers[`k${number}`] = word(opmask + 8 * number);
  }
  for (let number = 0; number < 8 && has(component.x87); number++) {
    registers[`st${number}`] = BigInt.asUintN(80, wide(image.st + 16 * number, 2));
  }
  return registers;
}

/** Instructions that trap, and whose fault comes with the address after them. */
const int1 = 0xf1;
/** TRAP_BRKPT, the code of a debug trap that no single step and no debug register has made. */
const debugByInstruction = 1;

/** Far from where programs and their libraries lie. */
const base = 0x1000_0000_0000n;

/** The port for this processor, which is asked how it lays its vector registers out. Throws an error if it has no XSAVE. */
export function x64Port(): Port {
  return portFor(imagePlaces());
}

function portFor(places: ImagePlaces): Port {
  return {
    architecture: 'x86_64',
    base,
    conventions: ['sysv', 'win64'],
    code: runnerCode(base),
    handlerFlags: 0x4 | 0x0800_0000 | 0x0400_0000, // SA_SIGINFO | SA_ONSTACK | SA_RESTORER
    initialFlags: 0x202n, // Interrupts on, and the bit that is always set.
    flagsName: 'rflags',
    stackPointer: 4,
    generalNames: x64General,
    fillByte: 0xcc, // int3
    imageBytes: Math.min(places.size, maxImageBytes),

    faultSignals,
    resultRegisters: { general: 'rax', vector: 'zmm0' },
    vectorNames: (number) => ({ full: `zmm${number}`, kept: `xmm${number}` }),
    cloneFlags: 0,
    hostRanges: 'everything',
    isTrap: ({ signal, trap }) => signal === signalNumbers.trap && trap === trapNumbers.breakpoint,
    isFill: ({ signal, trap }) => signal === signalNumbers.trap && trap === trapNumbers.breakpoint,
    trapBytes(code, after, { trap, code: kind }) {
      const last = code(after - 1);
      // A single step ends anywhere. Some hypervisors report the address of int1 itself.
      if (trap === trapNumbers.debug) return kind === debugByInstruction && last === int1 ? 1 : 0;
      return code(after - 2) === 0xcd && last === 3 ? 2 : 1; // int 3 has a long form.
    },

    writeImage(target, vectors) {
      const view = viewOf(target);
      view.setUint16(image.x87Control, initialX87Control, true);
      view.setUint32(image.mxcsr, initialMxcsr, true);
      // XRSTOR takes MXCSR from the image whenever SSE or AVX is asked for, present or not.
      let present = 0;
      for (const [number, bytes] of vectors) {
        target.set(bytes.subarray(0, 16), image.xmm + 16 * number);
        present |= 1 << component.sse;
        if (bytes.length <= 16) continue;
        if (places.avx === undefined) throw new Error('this processor has no AVX');
        target.set(bytes.subarray(16, 32), places.avx + 16 * number);
        present |= 1 << component.avx;
      }
      view.setUint32(image.present, present, true);
    },

    readReturned(results, which) {
      const view = viewOf(results);
      const registers = which === 'all' ? vectorRegisters(results, places) : {};
      for (const [number, name] of x64General.entries()) {
        registers[name] = view.getBigUint64(result.registers + 8 * number, true);
      }
      registers['rflags'] = view.getBigUint64(result.flags, true);
      registers['mxcsr'] = BigInt(view.getUint32(result.vectorControl, true));
      registers['fcw'] = BigInt(view.getUint16(result.x87Control, true));
      return registers;
    },

    readFault(results) {
      const view = viewOf(results);
      const context = (word: number): bigint => view.getBigUint64(result.context + 8 * word, true);
      const registers = vectorRegisters(results, places);
      for (const [name, word] of Object.entries(contextWords)) registers[name] = context(word);
      const signal = view.getInt32(result.signal, true);
      return {
        signal,
        code: view.getInt32(result.signal + 8, true),
        address: view.getBigUint64(result.signal + 16, true),
        systemCall: view.getInt32(result.signal + 24, true),
        callArchitecture: view.getUint32(result.signal + 28, true),
        at: context(contextWords['rip'] ?? 0),
        registers,
        trap: Number(context(trapNumberWord) & 0xffn),
        errorCode: Number(context(errorCodeWord) & 0xffff_ffffn),
      };
    },

    describe({ signal, code, trap, errorCode = 0 }): FaultWords {
      const words = (kind: string | undefined, addressKnown = false): FaultWords => ({
        kind,
        access: undefined,
        addressKnown,
      });
      if (trap === trapNumbers.page && signal !== signalNumbers.ill) {
        const access =
          (errorCode & pageFetch) !== 0
            ? 'execute'
            : (errorCode & pageWrite) !== 0
              ? 'write'
              : 'read';
        return { kind: signalWords(signal, code), access, addressKnown: true };
      }
      if (signal === signalNumbers.segv && trap === trapNumbers.protection) {
        return words('general protection');
      }
      if (trap === trapNumbers.stack) return words('non-canonical stack address');
      if (signal === signalNumbers.ill) return words('illegal instruction');
      if (signal === signalNumbers.trap) {
        return words(trap === trapNumbers.debug ? 'debug trap' : 'breakpoint');
      }
      return words(signalWords(signal, code));
    },

    keptControl: [
      { register: 'rflags', name: 'df', mask: 1n << BigInt(x64Flags['df'] ?? 0), value: 0n },
      { register: 'rflags', name: 'ac', mask: 1n << BigInt(x64Flags['ac'] ?? 0), value: 0n },
      // The exception flags, its low six bits, are the function's to set.
      { register: 'mxcsr', name: 'mxcsr', mask: 0xffc0n, value: BigInt(initialMxcsr) },
      {
        register: 'fcw',
        name: 'fcw',
        mask: 0xffffn,
        value: BigInt(initialX87Control),
      },
    ],
    systemCalls,
  };
}
