import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createRequire } from 'node:module';
import { koffi, koffiVersion, loadKoffi } from '../../src/jit/koffi.ts';
import { declareFunction } from '../../src/jit/raw/native.ts';

describe('the native part of koffi', () => {
  let folder = '';
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'koffi-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const place = (): Parameters<typeof loadKoffi>[0] => ({
    bundle: path.join(folder, 'out', 'main.js'),
    platform: 'plan9',
    architecture: 'vax',
  });

  function install(file: string, text: string): void {
    const target = path.join(folder, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
  }

  it('has the version that package.json pins', () => {
    assert.equal(koffi().version, koffiVersion);
    const manifest: unknown = JSON.parse(fs.readFileSync('package.json', 'utf8'));
    assert.deepEqual((manifest as { dependencies: object }).dependencies, {
      ...(manifest as { dependencies: object }).dependencies,
      koffi: koffiVersion,
    });
  });

  it('is loaded once', () => assert.equal(koffi(), koffi()));

  it('is taken from beside the bundle', () => {
    const name = `@koromix/koffi-${process.platform}-${process.arch}`;
    const triplet = `${process.platform}_${process.arch}`;
    const manifest = createRequire(__filename).resolve(`${name}/package.json`);
    fs.mkdirSync(path.join(folder, 'out', 'native'), { recursive: true });
    fs.symlinkSync(
      path.join(path.dirname(manifest), triplet, 'koffi.node'),
      path.join(folder, 'out', 'native', 'koffi.node'),
    );
    assert.equal(loadKoffi(place()).version, koffiVersion);
  });

  it('is taken from the package that npm installed', () => {
    const text = `module.exports = { version: '${koffiVersion}', proto() {} };`;
    install('node_modules/@koromix/koffi-plan9-vax/index.js', text);
    assert.equal(loadKoffi(place()).version, koffiVersion);
  });

  it('must have that very version', () => {
    install(
      'node_modules/@koromix/koffi-plan9-vax/index.js',
      `exports.version = '2.0.0'; exports.proto = 0;`,
    );
    assert.throws(
      () => loadKoffi(place()),
      /^Error: koffi 3\.3\.4 is needed, but .* is version 2\.0\.0$/,
    );
  });

  it('must be it', () => {
    install('node_modules/@koromix/koffi-plan9-vax/index.js', '');
    assert.throws(() => loadKoffi(place()), /is not koffi's native part/);
  });

  it('must be loadable', () => {
    install('out/native/koffi.node', 'not an ELF file');
    assert.throws(() => loadKoffi(place()), /koffi cannot be loaded from .*koffi\.node: /);
  });

  it('is asked for by name if it is missing', () => {
    assert.throws(() => loadKoffi(place()), {
      message:
        "native calls need koffi's binary for plan9 on vax, which is not installed: there is neither " +
        `${path.join(folder, 'out', 'native', 'koffi.node')} nor the package @koromix/koffi-plan9-vax. ` +
        'Install it with: npm install @koromix/koffi-plan9-vax@3.3.4',
    });
  });
});

describe('a native function', () => {
  it('is looked up at its first call, and named if it does not exist', () => {
    const missing = declareFunction(null, 'no_such_function', 'int', []);
    assert.throws(() => missing(), /no_such_function was not found in this process: /);
    const elsewhere = declareFunction('no-such-library', 'f', 'int', []);
    assert.throws(() => elsewhere(), /f was not found in no-such-library: /);
  });
});
