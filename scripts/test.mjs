// `npm test`: everything that must hold, in the order in which it fails fastest.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { installTools } from './testTools.mjs';

const steps = [
  ['check', 'types, lint, format, unused code'],
  ['test:unit', 'unit tests'],
  ['test:editor', 'inside a real editor, current version'],
  ['test:editor', 'in Restricted Mode', ['--restricted']],
  ['test:editor', 'the minimum version of the editor', ['--version', 'minimum']],
  ['test:e2e', 'the package in a browser'],
];
installTools();
for (const [script, what, args = []] of steps) {
  const started = Date.now();
  console.log(`\n── npm run ${script} ${args.join(' ')} (${what})`);
  const { status } = spawnSync('npm', ['run', '--silent', script, '--', ...args], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  console.log(
    `── ${status === 0 ? 'passed' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(0)} s`,
  );
  if (status !== 0) process.exit(status ?? 1);
}
