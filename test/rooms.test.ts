/** Who may import whom: the rooms of the code, as a test. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  source: ['model'],
  asm: ['model'],
  jit: ['model', 'asm'],
  engine: ['model', 'source', 'asm', 'jit'],
  extension: ['model', 'source', 'asm', 'jit', 'engine'],
  cli: ['model', 'source', 'asm', 'jit', 'engine'],
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

function imports(): Import[] {
  const found: Import[] = [];
  for (const entry of readdirSync('src', { recursive: true })) {
    const file = path.join('src', String(entry));
    if (!file.endsWith('.ts')) continue;
    const room = file.split(path.sep)[1] ?? '';
    const text = readFileSync(file, 'utf8');
    for (const [, target] of text.matchAll(/(?:from|import|import\()\s*'([^']+)'/g)) {
      if (target !== undefined) found.push({ file, room, target });
    }
  }
  return found;
}

test('every file is in a room', () => {
  for (const { file, room } of imports()) assert.ok(room in mayImport, file);
});

test('rooms import only what they may', () => {
  let checked = 0;
  for (const { file, room, target } of imports()) {
    if (!target.startsWith('.')) continue;
    const other = path.normalize(path.join(path.dirname(file), target)).split(path.sep)[1] ?? '';
    checked++;
    assert.ok(other === room || mayImport[room]?.includes(other), `${file} imports ${target}`);
  }
  assert.ok(checked > 50);
});

test('only the extension knows the editor', () => {
  for (const { file, room, target } of imports()) {
    if (target === 'vscode') assert.equal(room, 'extension', file);
  }
});

test('only the JIT core declares native functions', () => {
  for (const { file, room, target } of imports()) {
    if (target.startsWith('koffi')) assert.equal(room, 'jit', file);
  }
});
