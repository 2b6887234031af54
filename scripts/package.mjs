// `npm run package`: a platform-specific VSIX with the one native binary it needs.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import process from 'node:process';

const target = process.env.JIT_BYTES_TARGET ?? `${process.platform}-${process.arch}`;
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const file = `jit-bytes-${target}-${version}.vsix`;
const maxBytes = 2200 * 1024;

function run(command, args) {
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

run(process.execPath, ['esbuild.mjs', '--production']);
run('npx', [
  'vsce',
  'package',
  '--target',
  target,
  '--out',
  file,
  '--no-dependencies',
  '--skip-license',
  '--allow-missing-repository',
  '--no-rewrite-relative-links',
]);
const { size } = statSync(file);
console.log(`${file}: ${(size / 1024).toFixed(0)} KB`);
if (size > maxBytes) {
  console.error(`larger than ${maxBytes / 1024} KB`);
  process.exit(1);
}
