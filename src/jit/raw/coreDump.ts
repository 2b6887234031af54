/** Core dumps of this process, which crashes on purpose. */
import { declareFunction, toInteger } from './native.ts';

/** include/uapi/asm-generic/resource.h; macOS' sys/resource.h has the same number. */
const RLIMIT_CORE = 4;

/**
 * Bytes that a core dump may have. Of 1 Linux makes neither a file, which needs a page, nor starts the program
 * that takes dumps instead (fs/coredump.c, "we use cprm.limit of 1 here as a special value"): 0 would still start that
 * program at every crash.
 */
const noDump = 1n;
/** For where the limit is 0 already and cannot be raised. */
const nothing = 0n;

/** Keeps this process from leaving core dumps. False if the system refuses or is none that has such a limit. */
export function forbidCoreDumps(): boolean {
  if (process.platform !== 'linux' && process.platform !== 'darwin') return false;
  const setrlimit = declareFunction(null, 'setrlimit', 'int', ['int', 'void *']);
  return [noDump, nothing].some((bytes) => {
    // struct rlimit: the soft and the hard limit, 64 bits each on the systems that Node runs on.
    const limit = new Uint8Array(new BigUint64Array([bytes, bytes]).buffer);
    return toInteger(setrlimit(RLIMIT_CORE, limit)) === 0;
  });
}
