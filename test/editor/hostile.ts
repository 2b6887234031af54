/** Random bytes run while a person types: nothing is lost, and the host goes on. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension, lenses, openText, sleep, test, until } from './harness.ts';

/** Files of so many blocks, each of other bytes, with so many calls. */
const files = 4;
const blocksInFile = 1000;
const callsInBlock = 1;

/** Pseudo-random numbers that a seed repeats. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Random bytes under annotations, half of them beginning as valid code, and add-four at the end. */
function randomFile(seed: number): string {
  const below = random(seed);
  const lines = ['// typed here: ', ''];
  for (let n = 0; n < blocksInFile; n++) {
    const bytes = Array.from({ length: 1 + below(24) }, () => below(256));
    if (below(2) === 0) bytes.unshift(0x48, 0x89, 0xf8);
    lines.push(`// @jit (i64) -> i64  @timeout 5ms`);
    for (let call = 0; call < callsInBlock; call++) lines.push(`// @call (${call})`);
    lines.push(`let code${n} = [${bytes.map((byte) => `0x${byte.toString(16)}`).join(', ')}];`);
  }
  lines.push('// @jit (i64) -> i64', '// @call (4) => 8');
  lines.push('let add_four = [0x48, 0x89, 0xf8, 0x48, 0x83, 0xc0, 0x04, 0xc3];', '');
  return lines.join('\n');
}

export function hostileTests(): void {
  test('four thousand random calls while a person types: nothing is lost', async () => {
    const testing = await extension();
    let hosts: readonly number[] = [];
    const started = performance.now();
    for (let file = 0; file < files; file++) {
      const editor = await openText(`random${file}.rs`, randomFile(file + 1));
      const { document } = editor;
      const progress = { ended: false };
      const run = Promise.resolve(vscode.commands.executeCommand('jitBytes.runAll')).finally(() => {
        progress.ended = true;
      });
      let typed = 0;
      while (!progress.ended) {
        const end = document.lineAt(0).range.end;
        if (await editor.edit((edit) => edit.insert(end, 'x'))) typed++;
        await sleep(60);
      }
      await run;
      assert.ok(typed > 0);
      assert.equal(document.lineAt(0).text, `// typed here: ${'x'.repeat(typed)}`);
      const verdict = /^[✓✗⊘–] .*\b(\d+)\b/;
      const all = await until('a verdict on every block', async () => {
        const found = (await lenses(document.uri, 2 * blocksInFile + 10)).filter(({ title }) =>
          verdict.test(title),
        );
        return found.length === blocksInFile + 1 && found;
      });
      for (const { title } of all.slice(0, -1))
        assert.match(title, new RegExp(`of ${callsInBlock}(?: failed)?$`));
      assert.equal(all.at(-1)?.title, '✓ 1 of 1');
      if (file === 0) hosts = testing.hostPids();
    }
    assert.deepEqual(testing.hostPids(), hosts, 'the hosts go on');
    const calls = files * blocksInFile * callsInBlock;
    console.log(
      `# ${calls} random calls in ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );
  }, 180_000);
}
