// The extension tests start here when they run in code-server. It reports success when the
// extension host ends early, be it by a crash, so the proof that the tests have passed is a file.

const fs = require('node:fs');

/** Runs the module EDITOR_TESTS, and creates the file EDITOR_TESTS_PASSED if it succeeds. */
exports.run = async () => {
  await require(process.env.EDITOR_TESTS).run();
  fs.writeFileSync(process.env.EDITOR_TESTS_PASSED, '');
};
