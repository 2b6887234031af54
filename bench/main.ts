/** `npm run bench`: medians of what the product's feel depends on, with alternatives in the same run. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { planCalls, machineOf } from '../src/engine/plan.ts';
import { JitClient } from '../src/jit/client.ts';
import { jitFunction } from '../src/jit/function.ts';
import type { RunRequest } from '../src/model/run.ts';
import { findJitBlocks } from '../src/source/findJitBlocks.ts';
import { manyLines, scanTexts } from './scanTexts.ts';

const addFour =
  '// @jit (i64) -> i64\n// @call (4) => 8\n[0x48,0x89,0xf8,0x48,0x83,0xc0,0x04,0xc3]';
const hostPath = path.join(process.cwd(), 'out/host/main.js');

/** The median of so many measurements, in milliseconds. */
async function median(times: number, work: () => unknown): Promise<number> {
  const taken: number[] = [];
  for (let n = 0; n < times; n++) {
    const start = performance.now();
    await work();
    taken.push(performance.now() - start);
  }
  return taken.toSorted((a, b) => a - b)[times >> 1] ?? NaN;
}

function print(what: string, ms: number, note = ''): void {
  const unit = ms >= 1 ? `${ms.toFixed(2)} ms` : `${(ms * 1000).toFixed(1)} µs`;
  console.log(`${what.padEnd(52)} ${unit.padStart(12)}  ${note}`);
}

async function scanning(): Promise<void> {
  console.log('\nscanning, median of 20');
  for (const [name, text] of Object.entries({
    ...scanTexts,
    '100,000 lines, one array': manyLines(),
  })) {
    const ms = await median(20, () => findJitBlocks(text, 'rust'));
    print(name, ms, `${(text.length / 1e6 / (ms / 1000)).toFixed(0)} MB/s`);
  }
}

function addFourRequest(): RunRequest | undefined {
  const block = findJitBlocks(addFour, 'rust').blocks[0];
  const settings = { timeoutMs: 1000, machine: machineOf(process.platform, process.arch) };
  const planned = block && planCalls(block, settings)[0];
  return planned && 'request' in planned ? planned.request : undefined;
}

async function calling(): Promise<number> {
  console.log('\ncalling add-four');
  const request = addFourRequest();
  if (!request) {
    console.log('add-four is x86-64 code and cannot run on this machine');
    return NaN;
  }
  const { signal } = new AbortController();
  const start = await median(9, async () => {
    const client = new JitClient({ hostPath });
    await client.ready();
    client.dispose();
  });
  print('host start, spawn to ready', start);
  const client = new JitClient({ hostPath });
  await client.run(request, signal);
  const roundTrip = await median(500, () => client.run(request, signal));
  print('round trip: client, host, call, and back', roundTrip);
  const batch = await median(5, () =>
    Promise.all(Array.from({ length: 1000 }, () => client.run(request, signal))),
  );
  print('1,000 calls asked for at once', batch);
  client.dispose();
  const cycle = await median(500, () => {
    const add = jitFunction(request.signature, request.bytes);
    add(4n);
    add.dispose();
  });
  print('in process: map, copy, protect, call, unmap', cycle);
  const add = jitFunction(request.signature, request.bytes);
  const calls = 10_000;
  const many = await median(9, () => {
    for (let n = 0; n < calls; n++) add(4n);
  });
  print('in process: one call of a function that exists', many / calls);
  add.dispose();
  return roundTrip;
}

/** The whole command on many small files, from its start to its end. */
async function testing(): Promise<void> {
  const files = 100;
  const perFile = 10;
  console.log(`\njit-bytes test, ${files * perFile} expectations in ${files} files`);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'jit-bytes-bench-'));
  for (let file = 0; file < files; file++) {
    const calls = Array.from({ length: perFile }, (_, n) => file * perFile + n)
      .map((n) => `// @call (${n}) => ${n + 4}\n`)
      .join('');
    const text = `// @jit long add_four(long n)\n${calls}char code[] = {0x48, 0x8d, 0x47, 4, 0xc3};\n`;
    writeFileSync(path.join(folder, `${file}.c`), text);
  }
  const cli = path.join(process.cwd(), 'out/cli/main.js');
  for (const jobs of ['1', '2', '4']) {
    const words = [cli, 'test', '--jobs', jobs, '--reporter', 'tap', folder];
    let points = new Set<string>();
    const ms = await median(5, () => {
      const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
      points = new Set(stdout.match(/^ok \d+ - .*$/gm)?.map((line) => line.replace(/^ok \d+/, '')));
    });
    print(`--jobs ${jobs}`, ms, `${points.size} reported once each`);
  }
  rmSync(folder, { recursive: true, force: true });
}

/** The usual way: a C harness, compiled and run. */
async function alternatives(roundTrip: number): Promise<void> {
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
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  console.log(
    `Node ${process.version}, ${process.platform}-${process.arch}, ${os.cpus().length} processors`,
  );
  await scanning();
  await alternatives(await calling());
  await testing();
}

void main();
