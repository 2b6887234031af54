/** Kinds of faults in words, by signal and si_code: include/uapi/asm-generic/siginfo.h. */

/** The signals that a fault comes as; the same numbers on x86 and Arm. */
export const signalNumbers = { ill: 4, trap: 5, bus: 7, fpe: 8, segv: 11 } as const;

export const faultSignals: readonly number[] = Object.values(signalNumbers);

const words: Readonly<Record<string, string>> = {
  [`${signalNumbers.segv}.1`]: 'address not mapped',
  [`${signalNumbers.segv}.2`]: 'protection',
  [`${signalNumbers.segv}.3`]: 'bounds',
  [`${signalNumbers.segv}.4`]: 'protection key',
  [`${signalNumbers.bus}.1`]: 'misaligned address',
  [`${signalNumbers.bus}.2`]: 'nonexistent address',
  [`${signalNumbers.fpe}.1`]: 'integer divide error',
  [`${signalNumbers.fpe}.2`]: 'integer overflow',
  [`${signalNumbers.fpe}.3`]: 'float divide by zero',
  [`${signalNumbers.fpe}.4`]: 'float overflow',
  [`${signalNumbers.fpe}.5`]: 'float underflow',
  [`${signalNumbers.fpe}.6`]: 'float inexact result',
  [`${signalNumbers.fpe}.7`]: 'float invalid operation',
};

/** Undefined where the code says nothing. */
export function signalWords(signal: number, code: number): string | undefined {
  return words[`${signal}.${code}`];
}
