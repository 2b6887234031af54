/** Where tests compare with other disassemblers. */

/**
 * Why a comparison is skipped, or false. On Linux with an x86-64 processor it never is: there a missing tool
 * fails the test (`scripts/editor/debian.mjs` lists the Debian packages).
 */
export const skipComparison: string | false =
  process.platform === 'linux' && process.arch === 'x64'
    ? false
    : 'compares with the libraries and tools of Linux on x86-64';
