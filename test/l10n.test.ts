/** Translations are complete, and what is made from the manifest is current. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { test } from 'node:test';

/** Scripts that say on standard error what is wrong. */
const scripts: readonly (readonly [string, readonly string[]])[] = [
  ['every string of the editor is translated, with its placeholders', ['scripts/l10n.mjs']],
  ['docs/reference.md is that of the manifest', ['scripts/docs.mjs', '--check']],
];

for (const [name, args] of scripts) {
  test(name, () => {
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });
}
