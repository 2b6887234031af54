// Proves that extension tests have passed. An editor's exit code alone does not: when the extension
// host ends early, be it by a crash, VS Code reports success.

import fs from 'node:fs';
import path from 'node:path';

/**
 * What to run instead of the test module `tests`, so that it leaves a proof in `folder`: the module
 * `entry` with `env` in the environment. `hasPassed()` says whether the proof is there.
 *
 * If the caller of this process has asked for a proof already, then that one is used.
 */
export function proveTests(tests, folder) {
  const asked = process.env.EDITOR_TESTS_PASSED;
  const proof = asked ?? path.join(folder, 'passed');
  return {
    entry: path.join(import.meta.dirname, 'testEntry.cjs'),
    env: asked ? {} : { EDITOR_TESTS: path.resolve(tests), EDITOR_TESTS_PASSED: proof },
    hasPassed: () => fs.existsSync(proof),
  };
}
