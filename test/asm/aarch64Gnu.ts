/** GNU binutils for AArch64 as independent assembler and disassembler. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

function run(tool: string, args: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(`aarch64-linux-gnu-${tool}`, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (error !== undefined) {
    throw new Error(
      `aarch64-linux-gnu-${tool} did not start; these tests need GNU binutils for AArch64 ` +
        '(apt-get install binutils-aarch64-linux-gnu)',
      { cause: error },
    );
  }
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')} failed:\n${stderr.slice(0, 4000)}`);
  return stdout;
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'jit-bytes-a64-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What GNU as makes of AArch64 code, with the extensions that the table has (atomics). */
export function assemble(lines: readonly string[]): Uint8Array {
  return inFolder((folder) => {
    const [source, object, binary] = [`${folder}/a.s`, `${folder}/a.o`, `${folder}/a.bin`] as const;
    writeFileSync(source, ['.text', ...lines, ''].join('\n'));
    run('as', ['-march=armv8.2-a', '-o', object, source]);
    run('objcopy', ['-O', 'binary', '-j', '.text', object, binary]);
    return readFileSync(binary);
  });
}

/** What objdump reads in the code: instructions by their offset, without its comments. */
export function disassemble(bytes: Uint8Array): ReadonlyMap<number, string> {
  return inFolder((folder) => {
    const binary = path.join(folder, 'a.bin');
    writeFileSync(binary, bytes);
    const found = new Map<number, string>();
    const args = ['-D', '-z', '-b', 'binary', '-m', 'aarch64', binary];
    for (const line of run('objdump', args).split('\n')) {
      const match = /^\s*([0-9a-f]+):\t[0-9a-f]{8} \t(.*)$/.exec(line);
      const [, offset = '', text = ''] = match ?? [];
      if (match) found.set(Number.parseInt(offset, 16), text.replace(/\s*\/\/.*$/, '').trim());
    }
    return found;
  });
}
