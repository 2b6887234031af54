// Runs the compiled tests of this folder inside a real VS Code.
//
//   node test/editor/run.mjs [--version current|minimum] [--restricted]
//
//   --version     which VS Code, see scripts/editor/versions.mjs
//   --restricted  in Restricted Mode: the workspace is not trusted
//   --extension, --tests, --workspace   other paths than those of this repository

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chooseEditor } from '../../scripts/editor/choose.mjs';
import { afterThisProcess, temporaryFolder } from '../../scripts/editor/cleanup.mjs';
import { repositoryRoot } from '../../scripts/editor/paths.mjs';
import { proveTests } from '../../scripts/editor/proof.mjs';

/** In seconds. */
const TIME_LIMIT = 480;

/** User settings of the editor under test. */
const settings = {
  'security.workspace.trust.startupPrompt': 'never', // Not trusted, and no dialog about it.
  'security.workspace.trust.banner': 'never',
  'telemetry.telemetryLevel': 'off',
};

const { values: options } = parseArgs({
  options: {
    version: { type: 'string', default: 'current' },
    restricted: { type: 'boolean', default: false },
    extension: { type: 'string', default: repositoryRoot },
    tests: { type: 'string', default: path.join(repositoryRoot, 'out/test/editor/index.js') },
    workspace: { type: 'string', default: path.join(import.meta.dirname, 'workspace') },
  },
});

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function main() {
  for (const needed of [options.tests, options.workspace]) {
    if (!fs.existsSync(needed)) throw new Error(`${needed} is missing: build the tests first.`);
  }
  const editor = await chooseEditor({ version: options.version });
  const temporary = temporaryFolder('editor-tests');
  const started = Date.now();
  try {
    const proof = proveTests(options.tests, temporary.path);
    const code = await runTests(editor, prepareFolders(temporary.path), proof);
    const passed = code === 0 && proof.hasPassed();
    const mode = options.restricted ? 'Restricted Mode' : 'a trusted workspace';
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    const verdict = passed ? 'passed' : `FAILED (${code === 0 ? 'not run to the end' : code})`;
    console.log(`Editor tests ${verdict} in ${seconds} s: ${editor.description}, ${mode}.`);
    return passed ? 0 : 1;
  } finally {
    temporary.remove();
  }
}

/** The tests may write into all of these, so each run has its own. */
function prepareFolders(folder) {
  const folders = {
    workspace: path.join(folder, 'workspace'),
    userData: path.join(folder, 'user'),
    extensions: path.join(folder, 'extensions'),
  };
  fs.cpSync(options.workspace, folders.workspace, { recursive: true });
  fs.mkdirSync(path.join(folders.userData, 'User'), { recursive: true });
  fs.writeFileSync(
    path.join(folders.userData, 'User', 'settings.json'),
    JSON.stringify(settings, undefined, 2),
  );
  return folders;
}

/**
 * Starts the editor as `runTests` of @vscode/test-electron does, which cannot be used here because
 * it always turns Workspace Trust off.
 */
async function runTests(editor, folders, proof) {
  const args = [
    folders.workspace,
    '--no-sandbox',
    '--disable-gpu-sandbox',
    '--disable-updates',
    '--skip-welcome',
    '--skip-release-notes',
    ...(options.restricted ? [] : ['--disable-workspace-trust']),
    `--user-data-dir=${folders.userData}`,
    `--extensions-dir=${folders.extensions}`,
    `--extensionDevelopmentPath=${path.resolve(options.extension)}`,
    `--extensionTestsPath=${proof.entry}`,
  ];
  const env = {
    ...process.env,
    ...editor.env,
    ...proof.env,
    EDITOR_TIME_LIMIT: String(TIME_LIMIT),
  };
  if (options.restricted) env.JIT_BYTES_TEST_RESTRICTED = '1';
  const child = spawn(editor.executable, args, {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: (TIME_LIMIT + 30) * 1000, // The shim ends by itself; the desktop has no limit.
  });
  const callOff = afterThisProcess('kill "$1"', String(child.pid));
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(code ?? signal));
    });
  } finally {
    callOff();
  }
}
