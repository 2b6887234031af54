// Opens the examples in an editor that has the extension of this checkout.
//
//   npm start              in this order: VS Code as 'code' on the PATH, VS Code downloaded by
//                          @vscode/test-electron, code-server in a browser
//   npm start -- --check   starts code-server, checks that its page answers, and ends
//
// --vsix FILE takes this package in code-server instead of packaging the checkout.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { downloadDesktop, hasDisplay } from './editor/choose.mjs';
import { temporaryFolder } from './editor/cleanup.mjs';
import { startCodeServer } from './editor/codeServer.mjs';
import { repositoryRoot } from './editor/paths.mjs';
import { findOnPath, run } from './editor/programs.mjs';
import { upToDateVsix } from './editor/vsix.mjs';

const examples = path.join(repositoryRoot, 'examples');
const firstFile = path.join(examples, 'add_four.rs');

/** In milliseconds. */
const BUILD_LIMIT = 5 * 60_000;

const { values: options } = parseArgs({
  options: { check: { type: 'boolean', default: false }, vsix: { type: 'string' } },
});

try {
  if (options.check) await checkCodeServer();
  else await openInBestEditor();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function openInBestEditor() {
  if (hasDisplay()) {
    const installed = findOnPath(process.platform === 'win32' ? 'code.cmd' : 'code');
    if (installed) return openInInstalledVSCode(installed);
    console.log('Looking for VS Code to download …');
    const { executable, unavailable } = await downloadDesktop('current');
    if (executable) return openInDownloadedVSCode(executable);
    console.log(`There is no 'code' on the PATH, and ${unavailable}: using code-server.`);
  }
  return openInCodeServer();
}

/** Hands over to the user's own VS Code, which lives on when this script ends. */
async function openInInstalledVSCode(program) {
  await build();
  await runEditor(program, editorArguments());
  console.log(`Opened ${firstFile} in VS Code (${program}).`);
}

/** Runs until the user closes the window. */
async function openInDownloadedVSCode(executable) {
  await build();
  const profile = temporaryFolder('start');
  console.log(`Opening ${firstFile} in VS Code (${executable}). Close it or press Ctrl+C to end.`);
  try {
    await runEditor(executable, [
      ...editorArguments(),
      `--user-data-dir=${path.join(profile.path, 'user')}`,
      `--extensions-dir=${path.join(profile.path, 'extensions')}`,
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // Electron insists on it for root.
    ]);
  } finally {
    profile.remove();
  }
}

/** Runs until Ctrl+C. */
async function openInCodeServer() {
  const server = await startWithExtension();
  const address = server.folderUrl(examples, { openFile: firstFile });
  console.log(`\nOpen this address in a browser on this machine:\n\n  ${address}\n`);
  console.log('While it runs, everybody on this machine can open it. Press Ctrl+C to stop it.');
  if (hasDisplay() && findOnPath('xdg-open')) {
    spawn('xdg-open', [address], { stdio: 'ignore', detached: true }).unref();
  }
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const endedByItself = await Promise.race([
    stopped.then(() => false),
    server.ended.then(() => true),
  ]);
  await server.stop();
  if (endedByItself) throw new Error('code-server ended by itself.');
}

async function checkCodeServer() {
  const server = await startWithExtension();
  try {
    const address = server.folderUrl(examples, { openFile: firstFile });
    const { status } = await fetch(address, { signal: AbortSignal.timeout(10_000) });
    if (status !== 200) throw new Error(`${address} answers ${status} instead of 200.`);
    console.log(`${address} answers 200.`);
  } finally {
    await server.stop();
  }
}

async function startWithExtension() {
  const vsix = options.vsix ?? (await upToDateVsix());
  console.log(`Starting code-server with ${path.basename(vsix)} …`);
  return startCodeServer({ installVsix: [vsix] });
}

async function build() {
  console.log('Building the extension …');
  await run('npm', ['run', 'build'], { cwd: repositoryRoot, timeout: BUILD_LIMIT });
}

function editorArguments() {
  const extension = `--extensionDevelopmentPath=${repositoryRoot}`;
  return ['--new-window', extension, examples, '--goto', firstFile];
}

async function runEditor(program, args) {
  const child = spawn(program, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${program} ended with ${code}.`);
}
