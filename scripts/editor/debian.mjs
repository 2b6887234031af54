// Debian's packages: installed where this is root on Debian, asked for elsewhere.

import fs from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { cacheFolder } from './paths.mjs';
import { findOnPath, run } from './programs.mjs';

const MINUTE = 60_000;

/**
 * Programs (by name, on the PATH) and files (by absolute path) that unit tests compare our work with, and the packages that have
 * them.
 */
export const testPrograms = {
  as: 'binutils',
  objdump: 'binutils',
  gcc: 'gcc libc6-dev',
  strace: 'strace',
  ndisasm: 'nasm',
  'aarch64-linux-gnu-as': 'binutils-aarch64-linux-gnu',
  'qemu-aarch64': 'qemu-user',
  '/usr/aarch64-linux-gnu/lib/libc.so.6': 'libc6-arm64-cross',
  '/usr/aarch64-linux-gnu/lib/libstdc++.so.6': 'libstdc++6-arm64-cross',
};

/**
 * Makes sure that these are there: names of programs or absolute paths to the packages that have them. Throws an error that
 * names what is missing where it cannot be installed from here.
 */
export async function ensurePrograms(programs) {
  const missing = () => Object.entries(programs).filter(([name]) => !isThere(name));
  if (missing().length === 0) return;
  if (!canInstall()) {
    const names = missing().map(([name, packages]) => `${name} (Debian's ${packages})`);
    throw new Error(`Not found: ${names.join(', ')}. Install them and try again.`);
  }
  await withLock(path.join(cacheFolder, 'debian.lock'), say, async () => {
    const packages = [...new Set(missing().flatMap(([, names]) => names.split(' ')))];
    if (packages.length > 0) await install(packages);
  });
  const still = missing().map(([name]) => name);
  if (still.length > 0)
    throw new Error(`apt-get was successful, but ${still.join(', ')} is missing.`);
}

async function install(packages) {
  const started = Date.now();
  say(`Installing the Debian packages ${packages.join(', ')} …`);
  const options = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', [...options, 'update'], { timeout: 5 * MINUTE, env });
  await run('apt-get', [...options, 'install', '--no-install-recommends', ...packages], {
    timeout: 15 * MINUTE,
    env,
  });
  say(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}

function isThere(name) {
  return path.isAbsolute(name) ? fs.existsSync(name) : findOnPath(name) !== undefined;
}

function canInstall() {
  const isRoot = process.getuid?.() === 0;
  return isRoot && fs.existsSync('/etc/debian_version') && findOnPath('apt-get') !== undefined;
}

/** Progress goes to the error output: a test's own output stays as it is. */
function say(message) {
  console.error(message);
}
