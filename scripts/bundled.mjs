// Bundles a TypeScript file of the tests' and loads it.
import { createRequire } from 'node:module';
import path from 'node:path';
import * as esbuild from 'esbuild';

/** What the file exports. Its bundle lies in out/scripts. */
export async function bundled(entry) {
  const outfile = path.resolve('out/scripts', `${path.basename(entry, '.ts')}.js`);
  await esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
  });
  return createRequire(import.meta.url)(outfile);
}
