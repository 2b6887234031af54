// Other people's disassemblers, which tests compare ours with: installed by apt on Debian, as root.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import process from 'node:process';
import { findOnPath } from './editor/programs.mjs';

/** Debian package → what it must bring: a program on the PATH or a file. */
const needed = {
  binutils: 'objdump',
  'binutils-aarch64-linux-gnu': 'aarch64-linux-gnu-objdump',
  'libc6-arm64-cross': '/usr/aarch64-linux-gnu/lib/libc.so.6',
  nasm: 'ndisasm',
};

/** The Debian packages that are missing here; none where the tests that need them are skipped. */
export function missingTools() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return [];
  return Object.entries(needed)
    .filter(([, brings]) => !(brings.startsWith('/') ? fs.existsSync(brings) : findOnPath(brings)))
    .map(([name]) => name);
}

/** Installs what is missing where that can be done, and says so; the tests tell what is missing still. */
export function installTools() {
  const missing = missingTools();
  if (missing.length === 0) return;
  const command = `apt-get install --yes --no-install-recommends ${missing.join(' ')}`;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !fs.existsSync('/etc/debian_version') || !findOnPath('apt-get')) {
    console.log(`Tests compare with tools that are missing here. On Debian: ${command}`);
    return;
  }
  console.log(`Installing by apt what tests compare with: ${missing.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const line of ['apt-get update', command]) {
    const [program, ...args] = line.split(' ');
    const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
    if (status !== 0) console.error(`${line} ended with ${status}:\n${stdout}${stderr}`);
  }
}
