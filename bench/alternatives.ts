/** The same call by other means: a C harness, Python, a debugger. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { median, print } from './measure.ts';

/** The usual way: a C harness, compiled and run. */
export async function alternatives(roundTrip: number): Promise<void> {
  console.log('\nthe same by other means');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'jit-bytes-bench-'));
  const source = path.join(folder, 'harness.c');
  const program = path.join(folder, 'harness');
  writeFileSync(
    source,
    `#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
static const unsigned char code[] = {0x48,0x89,0xf8,0x48,0x83,0xc0,0x04,0xc3};
int main(void) {
  void *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(p, code, sizeof code);
  mprotect(p, 4096, PROT_READ | PROT_EXEC);
  return ((long (*)(long))p)(4) == 8 ? 0 : 1;
}
`,
  );
  const works =
    spawnSync('gcc', [source, '-o', program]).status === 0 && spawnSync(program).status === 0;
  if (works) {
    const compileAndRun = await median(9, () => {
      spawnSync('gcc', [source, '-o', program]);
      spawnSync(program);
    });
    print(
      'compile and run a C harness',
      compileAndRun,
      `${(compileAndRun / roundTrip).toFixed(0)} × a round trip`,
    );
  } else console.log('no C compiler here');
  const python = `import ctypes, mmap
m = mmap.mmap(-1, 4096, prot=7)
m.write(bytes.fromhex("4889f84883c004c3"))
f = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(m)))
raise SystemExit(f(4) != 8)`;
  if (spawnSync('python3', ['-c', python]).status === 0) {
    const ms = await median(9, () => spawnSync('python3', ['-c', python]));
    print('Python ctypes, a fresh process', ms, `${(ms / roundTrip).toFixed(0)} × a round trip`);
  }
  const gdb = ['-q', '-batch', '-ex', 'break exit', '-ex', 'run', '-ex', 'info registers', program];
  if (works && spawnSync('gdb', ['--version']).status === 0) {
    const ms = await median(5, () => spawnSync('gdb', gdb));
    print(
      'gdb, run to the end and show the registers',
      ms,
      `${(ms / roundTrip).toFixed(0)} × a round trip`,
    );
  }
  rmSync(folder, { recursive: true, force: true });
}
