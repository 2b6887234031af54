// Finds and runs other programs.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

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
 * environment, ours if not given; `timeout` is in milliseconds.
 */
export async function run(program, args, { cwd, env, timeout }) {
  const command = [program, ...args].join(' ');
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const { code, signal } = await new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${command} did not start: ${error.message}`)));
    child.on('close', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
  });
  if (code !== 0) {
    const how = signal ? `was ended by ${signal}` : `ended with ${code}`;
    throw new Error(`${command} ${how}:\n${output.trim().split('\n').slice(-30).join('\n')}`);
  }
}
