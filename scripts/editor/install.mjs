// Installs the editor and the browser that the tests need, once, from npm and Debian alone.
//
//   node scripts/editor/install.mjs [current|minimum]

import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePrograms } from './debian.mjs';
import { withLock } from './lock.mjs';
import { cacheFolder } from './paths.mjs';
import { findOnPath, run } from './programs.mjs';
import { editorVersion } from './versions.mjs';

const MINUTE = 60_000;

/** Where the installed editors are. */
const editorsFolder = path.join(cacheFolder, 'editor');

/** Raised when the steps below change, so that older installations are made anew. */
const RECIPE = 1;

/**
 * Makes sure that code-server in `version` ('current' or 'minimum') is installed.
 * Returns the paths of its Node binary and of its entry script, and the flags for extension tests.
 */
export async function ensureCodeServer({ version = 'current' } = {}) {
  const wanted = editorVersion(version);
  const folder = path.join(editorsFolder, wanted.codeServer);
  if (!isInstalled(folder, wanted)) {
    requireLinux();
    await withLock(`${folder}.lock`, say, async () => {
      if (!isInstalled(folder, wanted)) await install(folder, wanted);
    });
  }
  return {
    node: path.join(folder, 'node_modules', nodePackage(), 'bin', 'node'),
    entry: path.join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js'),
    vscodeVersion: wanted.vscode,
    testDriverFlags: wanted.testDriverFlags,
  };
}

/** Makes sure that there is a Chromium or Chrome, and returns the path of its executable. */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  try {
    await ensurePrograms({ '/usr/bin/chromium': 'chromium' });
  } catch (cause) {
    const how = 'Install chromium or google-chrome, or set CHROMIUM_PATH to one.';
    throw new Error(`No Chromium was found. ${how}`, { cause });
  }
  return '/usr/bin/chromium';
}

// --- code-server

/** The npm package that holds the Node binary for this machine. */
function nodePackage() {
  return `node-linux-${process.arch}`;
}

function requireLinux() {
  if (process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)) return;
  throw new Error(
    `code-server is only installed on Linux (x64, arm64), not on ${process.platform} ` +
      `${process.arch}: set VSCODE_PATH to a VS Code on this machine.`,
  );
}

function stampOf(wanted) {
  const { codeServer, node, ripgrep } = wanted;
  return JSON.stringify({ recipe: RECIPE, codeServer, node, ripgrep });
}

function isInstalled(folder, wanted) {
  try {
    return fs.readFileSync(path.join(folder, 'installed.json'), 'utf8') === stampOf(wanted);
  } catch {
    return false;
  }
}

/** Installs into a folder of its own and renames it when done: what is in place is complete. */
async function install(folder, wanted) {
  const started = Date.now();
  say(
    `Installing code-server ${wanted.codeServer} (VS Code ${wanted.vscode}) and Node ` +
      `${wanted.node} into ${path.relative(process.cwd(), folder)} (${wanted.size}) …`,
  );
  removeUnfinished(folder);
  const unfinished = `${folder}.unfinished-${process.pid}`;
  fs.mkdirSync(unfinished, { recursive: true });
  const manifest = { name: 'editor-for-tests', private: true };
  fs.writeFileSync(path.join(unfinished, 'package.json'), JSON.stringify(manifest));

  await npmInstall(unfinished, [
    `code-server@${wanted.codeServer}`,
    `${nodePackage()}@${wanted.node}`,
    ...(wanted.ripgrep ? [`@vscode/ripgrep-linux-${process.arch}@${wanted.ripgrep}`] : []),
  ]);
  // What code-server's own install script does, which wants the right Node and a compiler.
  const vscode = path.join(unfinished, 'node_modules', 'code-server', 'lib', 'vscode');
  await npmInstall(vscode);
  await npmInstall(path.join(vscode, 'extensions'));
  link('code-linux.sh', path.join(vscode, 'bin', 'remote-cli', 'code-server'));
  link('browser-linux.sh', path.join(vscode, 'bin', 'helpers', 'browser.sh'));
  if (wanted.ripgrep) useRipgrep(unfinished, vscode);
  replaceNativeModules(unfinished);

  fs.writeFileSync(path.join(unfinished, 'installed.json'), stampOf(wanted));
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(unfinished, folder);
  say(`Installed code-server ${wanted.codeServer} in ${secondsSince(started)}.`);
}

/** What earlier attempts left: they are over, or just ending, as this process holds the lock. */
function removeUnfinished(folder) {
  const parent = path.dirname(folder);
  for (const name of fs.readdirSync(parent)) {
    if (!name.startsWith(`${path.basename(folder)}.unfinished-`)) continue;
    fs.rmSync(path.join(parent, name), { recursive: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** Puts the prebuilt ripgrep where VS Code expects the one that it would have downloaded. */
function useRipgrep(folder, vscode) {
  const prebuilt = path.join(folder, 'node_modules', '@vscode', `ripgrep-linux-${process.arch}`);
  const bin = path.join(vscode, 'node_modules', '@vscode', 'ripgrep', 'bin');
  fs.mkdirSync(bin, { recursive: true });
  fs.copyFileSync(path.join(prebuilt, 'bin', 'rg'), path.join(bin, 'rg'));
}

/** Native modules that come without binaries, and what takes their place. */
const standIns = {
  '@vscode/spdlog': 'spdlog.cjs',
  '@vscode/native-watchdog': 'watchdog.cjs',
  'native-watchdog': 'watchdog.cjs',
  argon2: 'argon2.cjs',
};

function replaceNativeModules(folder) {
  const codeServer = path.join('node_modules', 'code-server');
  const places = ['.', codeServer, path.join(codeServer, 'lib', 'vscode')];
  for (const place of places) {
    for (const [name, standIn] of Object.entries(standIns)) {
      const module = path.join(folder, place, 'node_modules', name);
      if (!fs.existsSync(module)) continue;
      fs.rmSync(module, { recursive: true });
      fs.mkdirSync(module);
      const manifest = { name, version: '0.0.0', main: 'index.js' };
      fs.writeFileSync(path.join(module, 'package.json'), JSON.stringify(manifest));
      const source = path.join(import.meta.dirname, 'standIns', standIn);
      fs.copyFileSync(source, path.join(module, 'index.js'));
    }
  }
}

function link(target, location) {
  fs.rmSync(location, { force: true });
  fs.symlinkSync(target, location);
}

async function npmInstall(folder, packages = []) {
  const flags = ['--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', '--save-exact', ...flags, ...packages], {
    cwd: folder,
    timeout: 15 * MINUTE,
    endsWithUs: true,
  });
}

// --- Chromium

function findChromium() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) {
    if (fs.existsSync(chosen)) return chosen;
    throw new Error(`CHROMIUM_PATH is ${chosen}, but there is no such file.`);
  }
  if (fs.existsSync('/usr/bin/chromium')) return '/usr/bin/chromium';
  const names = ['chromium', 'google-chrome', 'google-chrome-stable'];
  return names.map(findOnPath).find((program) => program !== undefined);
}

function secondsSince(started) {
  return `${Math.round((Date.now() - started) / 1000)} s`;
}

/** Progress goes to the error output: a test's own output stays as it is. */
function say(message) {
  console.error(message);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const { entry, vscodeVersion } = await ensureCodeServer({ version: process.argv[2] });
    console.log(`VS Code ${vscodeVersion} (code-server): ${entry}`);
    console.log(`Browser: ${await ensureChromium()}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
