/** `jit-bytes test` on many small files. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { median, print } from './measure.ts';

/** The whole command on many small files, from its start to its end. */
export async function testing(): Promise<void> {
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
