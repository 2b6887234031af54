/** GNU binutils as independent assembler and disassembler. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

function run(tool: string, args: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(tool, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (error !== undefined) {
    throw new Error(
      `${tool} did not start; these tests need GNU binutils (apt-get install binutils)`,
      {
        cause: error,
      },
    );
  }
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')} failed:\n${stderr.slice(0, 4000)}`);
  return stdout;
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'jit-bytes-as-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What GNU as makes of x86-64 code in Intel's syntax, and where its labels are. */
export function assemble(lines: readonly string[]): {
  readonly bytes: Uint8Array;
  readonly labels: ReadonlyMap<string, number>;
} {
  return inFolder((folder) => {
    const [source, object, binary] = ['a.s', 'a.o', 'a.bin'].map((name) => path.join(folder, name));
    if (source === undefined || object === undefined || binary === undefined)
      throw new Error('names');
    writeFileSync(source, ['.intel_syntax noprefix', '.text', ...lines, ''].join('\n'));
    run('as', ['--64', '-o', object, source]);
    run('objcopy', ['-O', 'binary', '-j', '.text', object, binary]);
    const labels = new Map<string, number>();
    for (const line of run('nm', [object]).split('\n')) {
      const [offset, , name] = line.split(' ');
      if (offset !== undefined && name !== undefined) labels.set(name, Number.parseInt(offset, 16));
    }
    return { bytes: readFileSync(binary), labels };
  });
}

export interface Decoded {
  /** In bytes. */
  readonly length: number;
  readonly text: string;
}

/** What objdump reads in the bytes: instructions by their offset. */
export function disassemble(bytes: Uint8Array): ReadonlyMap<number, Decoded> {
  return inFolder((folder) => {
    const binary = path.join(folder, 'a.bin');
    writeFileSync(binary, bytes);
    const found = new Map<number, Decoded>();
    const args = [
      '-D',
      '-b',
      'binary',
      '-m',
      'i386:x86-64',
      '-M',
      'intel',
      '--insn-width=16',
      binary,
    ];
    for (const line of run('objdump', args).split('\n')) {
      const match = /^\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*\t?(.*)$/.exec(line);
      if (match === null) continue;
      const [, offset = '', hex = '', text = ''] = match;
      found.set(Number.parseInt(offset, 16), {
        length: hex.trim().split(' ').length,
        text: text.trim(),
      });
    }
    return found;
  });
}
