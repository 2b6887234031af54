// Builds what ships (out/extension, out/host, out/cli) and, with --tests, the tests and benchmarks.
// --watch rebuilds on change; --production minifies for the package.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import * as esbuild from 'esbuild';

const flags = new Set(process.argv.slice(2));
const watch = flags.has('--watch');
const production = flags.has('--production');
const tests = flags.has('--tests');

/** @type {esbuild.BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: production ? false : 'linked',
  minify: production,
  legalComments: 'none',
  logLevel: 'warning',
};

/** @type {esbuild.BuildOptions[]} */
const builds = [
  {
    ...common,
    entryPoints: {
      'extension/main': 'src/extension/extension.ts',
      'extension/scanWorker': 'src/extension/scanWorker.ts',
      'host/main': 'src/jit/host.ts',
    },
    outdir: 'out',
    external: ['vscode'],
  },
  {
    ...common,
    entryPoints: { 'cli/main': 'src/cli/main.ts' },
    outdir: 'out',
    banner: { js: '#!/usr/bin/env node' },
  },
];

/** Every TypeScript file below a folder whose name ends so. */
function filesUnder(folder, ending) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, String(name)))
    .filter((name) => name.endsWith(ending));
}

if (tests) {
  builds.push({
    ...common,
    sourcemap: 'inline',
    entryPoints: [
      ...filesUnder('test', '.test.ts'),
      ...['test/editor/index.ts'].filter((name) => existsSync(name)),
      ...filesUnder('bench', '.ts'),
    ],
    outdir: 'out',
    outbase: '.',
    external: ['vscode', 'fast-check', 'esbuild', 'tap-parser', 'xmllint-wasm'],
  });
}

if (!watch) rmSync('out', { recursive: true, force: true });
if (watch) {
  for (const options of builds) await (await esbuild.context(options)).watch();
  console.log('watching');
} else {
  for (const options of builds) await esbuild.build(options);
  copyNative();
}

/** The one native binary that the packaged extension needs, beside the host that loads it. */
function copyNative() {
  if (!production) return;
  const target = process.env.JIT_BYTES_TARGET ?? `${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  const root = path.dirname(require.resolve(`@koromix/koffi-${target}/package.json`));
  mkdirSync('out/host/native', { recursive: true });
  const [os, cpu] = target.split('-');
  cpSync(path.join(root, `${os}_${cpu}`, 'koffi.node'), 'out/host/native/koffi.node');
}
