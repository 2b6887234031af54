/** Errors of system calls: what was tried, with which values, and why it failed. */
import os from 'node:os';

/** The system's reason. */
export interface SystemErrorReason {
  /** `errno`, or on Windows what GetLastError returned. */
  readonly errno: number;
  /** The number's name, such as `ENOMEM`. */
  readonly code: string;
  /** The system's sentence for it, such as "Cannot allocate memory". */
  readonly text: string;
}

/** A system call failed. The message reads like `mmap(1 GiB): ENOMEM, Cannot allocate memory`. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  /** The call's name, such as `mmap`. */
  readonly call: string;
  /** What it was called with, in words. */
  readonly arguments: readonly string[];
  readonly errno: number;
  readonly code: string;
  readonly text: string;

  constructor(call: string, values: readonly string[], reason: SystemErrorReason) {
    const { errno, code, text } = reason;
    // errno's names say it all; Windows' errors are known by their number as well.
    const named = code in os.constants.errno ? code : `${code} (${errno})`;
    super(`${call}(${values.join(', ')}): ${named}, ${text}`);
    this.call = call;
    this.arguments = values;
    this.errno = errno;
    this.code = code;
    this.text = text;
  }
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A size in the largest unit that leaves no fraction, such as `4 KiB` or `5000 bytes`. */
export function sizeInWords(size: number): string {
  let count = size;
  let unit = 0;
  while (count >= 1024 && count % 1024 === 0 && unit < units.length - 1) {
    count /= 1024;
    unit++;
  }
  return `${count} ${units[unit] ?? ''}`;
}

/** An address in hexadecimal. */
export function addressInWords(address: bigint): string {
  return `0x${address.toString(16)}`;
}
