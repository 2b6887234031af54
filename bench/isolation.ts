/** What a process for every call costs, against the bare fork, exit and wait of a static C program in the same run. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { IsolatedRunner } from '../src/jit/runner/isolated.ts';
import { Stopwatch } from '../src/jit/runner/stopwatch.ts';
import { timeStamp } from '../src/jit/runner/x64/cpu.ts';
import { x64Port } from '../src/jit/runner/x64/port.ts';
import type { RunRequest } from '../src/model/run.ts';
import { median, print } from './measure.ts';

/** Prints the median of 3,000 rounds in nanoseconds. */
const bareFork = `
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static long ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000L + t.tv_nsec; }
static int order(const void *a, const void *b) { long x = *(const long *)a, y = *(const long *)b; return (x > y) - (x < y); }
int main(void) {
  static long taken[3000];
  for (int n = 0; n < 3000; n++) {
    long start = ns();
    int status, pid = fork();
    if (pid == 0) _exit(0);
    waitpid(pid, &status, 0);
    taken[n] = ns() - start;
  }
  qsort(taken, 3000, sizeof *taken, order);
  printf("%ld", taken[1500]);
}
`;

/** Milliseconds that a static C program's fork, exit and wait take, or undefined without a compiler. */
function measureBareFork(): number | undefined {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'jit-bytes-bench-'));
  try {
    const source = path.join(folder, 'fork.c');
    const program = path.join(folder, 'fork');
    writeFileSync(source, bareFork);
    if (spawnSync('gcc', ['-O2', '-static', source, '-o', program]).status !== 0) return undefined;
    return Number(spawnSync(program).stdout.toString()) / 1e6;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function memoryOf(pid: number | 'self', field: string): string {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(text)?.[1] ?? 'unknown';
}

export async function isolation(request: RunRequest): Promise<void> {
  console.log('\na process for every call, from inside the host');
  const options = { port: x64Port(), sandbox: 'strict', filtered: true, namespaces: true } as const;
  const { runner, facts } = await IsolatedRunner.start(options, new Stopwatch(timeStamp()));
  const { signal } = new AbortController();
  const crash = { ...request, bytes: Uint8Array.of(0x31, 0xc0, 0x8b, 0, 0xc3) };
  await median(500, () => runner.run(request, signal));
  // Turn and turn about, so that a machine that slows down slows both.
  const ratios: number[] = [];
  for (let round = 0; round < 3; round++) {
    const call = await median(3000, () => runner.run(request, signal));
    const bare = measureBareFork();
    const ratio = bare === undefined ? NaN : call / bare;
    ratios.push(ratio);
    print(
      'one call',
      call,
      bare === undefined ? 'no C compiler here' : `${ratio.toFixed(2)} × a bare fork, exit, wait`,
    );
    if (bare !== undefined) print('a static C program: fork, exit, wait', bare);
  }
  print('a fault', await median(1000, () => runner.run(crash, signal)));
  print(
    'the start of a runner',
    await median(20, async () => {
      (await IsolatedRunner.start(options, new Stopwatch(() => 0n))).runner.dispose();
    }),
  );
  console.log(
    `memory of the runner: Rss ${memoryOf(facts.pid, 'Rss')}, Pss ${memoryOf(facts.pid, 'Pss')}`,
  );
  runner.dispose();
}
