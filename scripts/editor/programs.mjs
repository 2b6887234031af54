// Finds and runs other programs.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterThisProcess } from './cleanup.mjs';

/** The full path of a program on the PATH, or undefined. */
export function findOnPath(program) {
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, program))
    .find((candidate) => fs.existsSync(candidate));
}

/**
 * Runs a program to its end, quietly; its output is in the error if it fails. `env` is the whole
 * environment, ours if not given; `timeout` is in milliseconds; with `endsWithUs` the program is
 * ended when this process ends early.
 */
export async function run(program, args, { cwd, env, timeout, endsWithUs = false }) {
  const command = [program, ...args].join(' ');
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    shell: process.platform === 'win32', // Where npm is a script for the shell.
  });
  const callOff = endsWithUs ? afterThisProcess('kill "$1"', String(child.pid)) : () => {};
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const { code, signal } = await new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${command} did not start: ${error.message}`)));
    child.on('close', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
  }).finally(callOff);
  if (code !== 0) {
    const how = signal ? `was ended by ${signal}` : `ended with ${code}`;
    throw new Error(`${command} ${how}:\n${output.trim().split('\n').slice(-30).join('\n')}`);
  }
}
