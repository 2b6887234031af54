// Builds what ships (out/extension, out/host, out/cli) and, with --tests, the tests and benchmarks.
// --watch rebuilds on change; --production minifies for the package.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
      'assembler/main': 'src/asm/assembler/defasmWorker.ts',
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

/** Capstone without its ten thousand constants, which we do not use and which take half the time to load. */
const withoutConstants = {
  name: 'without-constants',
  setup(build) {
    build.onLoad({ filter: /capstone\.js$/ }, ({ path: file }) => {
      const whole = readFileSync(file, 'utf8');
      const contents = whole.replaceAll(/Object\.assign\(Module,\{[\w:,<|\s-]*\}\)/g, '0');
      if (contents.length > whole.length / 2) throw new Error(`${file}: where are the constants?`);
      return { contents, loader: 'js' };
    });
  },
};

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
  // Its package has no file of it.
  cpSync('src/asm/assembler/defasm.LICENSE.txt', 'out/assembler/defasm.LICENSE.txt');
  await copyDisassemblers();
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

/** The disassemblers' JavaScript, minified, and WebAssembly: in the package there is no node_modules. */
async function copyDisassemblers() {
  if (!production) return;
  const require = createRequire(import.meta.url);
  for (const [name, wasm, license] of [
    ['iced-x86', 'iced_x86_bg.wasm', 'LICENSE.txt'],
    ['@alexaltea/capstone-js', 'capstone.wasm', '../LICENSE'],
  ]) {
    const entry = require.resolve(name);
    await esbuild.build({
      ...common,
      entryPoints: [entry],
      outdir: 'out/disassembler',
      plugins: [withoutConstants],
    });
    cpSync(path.join(path.dirname(entry), wasm), path.join('out/disassembler', wasm));
    const notice = `${path.basename(entry, '.js')}.LICENSE.txt`;
    cpSync(path.join(path.dirname(entry), license), path.join('out/disassembler', notice));
  }
}
