// Finds the packaged extension, or packages it.

import fs from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from './paths.mjs';
import { run } from './programs.mjs';

/** In milliseconds. */
const PACKAGE_LIMIT = 5 * 60_000;

/** The path of the newest jit-bytes-*.vsix in the root of the repository, or undefined. */
export function newestVsix() {
  const changed = (file) => fs.statSync(file).mtimeMs;
  return fs
    .readdirSync(repositoryRoot)
    .filter((name) => /^jit-bytes-.*\.vsix$/.test(name))
    .map((name) => path.join(repositoryRoot, name))
    .sort((one, other) => changed(other) - changed(one))[0];
}

/** The same, packaged anew if there is none or if a source file has changed since. */
export async function upToDateVsix() {
  const existing = newestVsix();
  if (existing && fs.statSync(existing).mtimeMs > lastSourceChange()) return existing;
  console.log('Packaging the extension …');
  await run('npm', ['run', 'package'], { cwd: repositoryRoot, timeout: PACKAGE_LIMIT });
  const vsix = newestVsix();
  if (!vsix) throw new Error(`'npm run package' made no jit-bytes-*.vsix in ${repositoryRoot}.`);
  return vsix;
}

function lastSourceChange() {
  const sources = path.join(repositoryRoot, 'src');
  const files = [
    path.join(repositoryRoot, 'package.json'),
    ...fs.readdirSync(sources, { recursive: true }).map((name) => path.join(sources, name)),
  ];
  return Math.max(...files.map((file) => fs.statSync(file).mtimeMs));
}
