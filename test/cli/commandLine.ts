/** Runs the built command line as a shell would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** Tests run in the root of the repository, where `node esbuild.mjs --tests` has built. */
export const mainPath = path.resolve('out/cli/main.js');

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  /** What stands on standard input; `open` for an input that does not end. Nothing if not given. */
  readonly input?: string | Uint8Array | { readonly open: true };
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts it with pipes for all three streams, and with none of this process' say on colours. */
export function start(words: readonly string[], options: StartOptions = {}): ChildProcess {
  const { FORCE_COLOR: _force, NO_COLOR: _no, ...inherited } = process.env;
  const child = spawn(process.execPath, [mainPath, ...words], {
    cwd: options.cwd ?? process.cwd(),
    env: { ...inherited, ...options.env },
    stdio: 'pipe',
  });
  child.stdin?.on('error', () => undefined);
  const { input = '' } = options;
  if (typeof input === 'string' || input instanceof Uint8Array) child.stdin?.end(input);
  return child;
}

/** What becomes of it. */
export function ended(child: ChildProcess): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');
      resolve({ status, signal, stdout: text(out), stderr: text(err) });
    });
  });
}

export function jitBytes(words: readonly string[], options?: StartOptions): Promise<Ended> {
  return ended(start(words, options));
}

/** A folder with these files, removed after the test. */
export function folderWith(
  context: TestContext,
  files: Readonly<Record<string, string | Uint8Array>>,
): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'jit-bytes-test-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return folder;
}

/** A block that returns its argument and four, and a call of it. */
export function addFour(call: string): string {
  return `// @jit  long add_four(long n)\n// @call ${call}\nchar code[] = {0x48, 0x8d, 0x47, 4, 0xc3};\n`;
}

/** A block whose call does not end before a minute has passed. */
export const forever =
  '// @jit void forever(void)\n// @timeout 60s\n// @call () => timeout\nchar code[] = {0xeb, 0xfe};\n';
