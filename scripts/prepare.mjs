// npm's prepare: builds what the package holds, after `npm ci` and before it is packed.
//
// Installed globally from a git repository, as pre-commit does it, npm hands its own --global down to the install that
// should bring what the build needs, and so it is missing: then it is brought here.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync('node_modules/esbuild')) {
  run('npm', [
    'ci',
    '--global=false',
    '--include=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ]);
}
run(process.execPath, ['esbuild.mjs']);
