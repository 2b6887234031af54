/** Where a back end's JavaScript and WebAssembly are. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * Loads `../disassembler/FILE` beside the running bundle's folder, as the packaged extension has it, or
 * else the package that `npm install` put there. Throws an error that names both if there is neither.
 */
export function loadBackEnd(file: string, packageName: string): unknown {
  const load: (file: string) => unknown = createRequire(__filename);
  const packaged = path.join(path.dirname(__filename), '..', 'disassembler', file);
  try {
    return load(fs.existsSync(packaged) ? packaged : packageName);
  } catch (cause) {
    throw new Error(
      `the disassembler cannot be loaded: neither ${packaged} nor the package ${packageName} works`,
      { cause },
    );
  }
}
