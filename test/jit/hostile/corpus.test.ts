/** Hostile programs, one after another in one runner: each has its own right outcome, and none touches the next. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { IsolatedRunner } from '../../../src/jit/runner/isolated.ts';
import type { RunnerChoice } from './ground.ts';
import {
  assertWorks,
  emit,
  inWords,
  isolatedHere,
  never,
  requestFor,
  startRunner,
} from './ground.ts';
import type { Need } from './program.ts';
import { missing, needsMet } from './program.ts';
import { classes } from './programs.ts';

/** Every way in which the runner keeps system calls away; a guest that may write still has no more than that. */
const choices: Readonly<Record<string, RunnerChoice>> = {
  'hostile programs': {},
  'hostile programs without namespaces': { namespaces: false },
  'hostile programs that may write': { sandbox: 'output' },
};

for (const [whole, choice] of Object.entries(choices)) {
  describe(whole, { skip: !isolatedHere }, () => {
    let runner: IsolatedRunner;
    let pid = 0;
    let met: ReadonlySet<Need> = new Set();
    before(async () => {
      runner = await startRunner(choice);
      pid = runner.pid;
      met = await needsMet();
      await assertWorks(runner, 'the start');
    });
    after(() => runner.dispose());

    for (const [title, programs] of Object.entries(classes)) {
      describe(title, () => {
        for (const program of programs) {
          it(program.name, async (context) => {
            const lacking = missing(program, met);
            if (lacking.length > 0) {
              const what = `not covered here: ${program.name} (this machine has no ${lacking.join(', ')})`;
              console.log(what);
              context.skip(what);
              return;
            }
            const { timeoutMs = 1000, buffers = [] } = program;
            const request = requestFor(emit(program.code), { timeoutMs, buffers });
            let words = inWords(await runner.run(request, never));
            // On a busy machine the runner's clock may run out before the guest has met its own timer.
            for (let more = 0; more < 3 && words === 'timeout not recorded'; more++) {
              words = inWords(await runner.run(request, never));
            }
            if (typeof program.want === 'string') assert.equal(words, program.want);
            else assert.match(words, program.want);
            assert.equal(runner.pid, pid, 'the runner was lost');
          });
        }
        it('leaves the runner as it was', async () => {
          await assertWorks(runner, title);
          assert.equal(runner.pid, pid);
        });
      });
    }
  });
}

it('there are as many hostile programs as are claimed', () => {
  assert.ok(Object.values(classes).flat().length >= 400);
});
