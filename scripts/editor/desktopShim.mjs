#!/usr/bin/env node
// Takes the arguments of the VS Code desktop, as @vscode/test-electron passes them, and runs the
// extension tests in code-server instead. The exit code is that of the tests.
//
// The module of the tests exports `run()`, which may return a promise.
//
// Environment:
//   EDITOR_VERSION      'current' (default) or 'minimum'
//   EDITOR_SCREENSHOT   a file for a screenshot at the end
//   EDITOR_TIME_LIMIT   seconds after which the tests have failed, 300 if not set

import fs from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import { launchBrowser } from './browser.mjs';
import { temporaryFolder } from './cleanup.mjs';
import { startCodeServer } from './codeServer.mjs';
import { proveTests } from './proof.mjs';
import { editorVersion } from './versions.mjs';

/** What the editor itself logs in every run. Whole beginnings, as tests may print similar words. */
const editorNoise = [
  /^(Resolving|Resolved) connection token \(/,
  /^Creating a socket \(renderer-/,
  /^\[reconnection-grace-time\] /,
  /^\[Service Worker\] registered$/,
  /^\[(AgentHost:\w+|AccountPolicyGate)\] /,
  /^ChatSessionStore: Migrating /,
  /^Ignoring fetching additional builtin extensions from gallery/,
  /^Updating additional builtin extensions cache$/,
  /^DialogService: Dialog requested during smoke test\.$/,
  /^\[remote-connection\]\[\w+\]\[/, // Only when a connection ends before its time.
  /^Canceled: Canceled/, // What was still under way when the tests ended.
];

/** A line of a stack trace that is in the editor's own minified code. */
const editorFrame = /\n\s+at [^\n]*\/out\/vs\/[^\n]*/g;

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

async function main(args) {
  const version = process.env.EDITOR_VERSION || 'current';
  if (args.includes('--version')) {
    console.log(editorVersion(version).vscode);
    return 0;
  }
  const options = readOptions(args);
  const results = temporaryFolder('editor-results');
  const proof = proveTests(options.extensionTestsPath, results.path);
  const server = await startCodeServer({
    version,
    env: proof.env,
    workspaceTrust: options.workspaceTrust,
    extensionTests: true,
    settings: readSettings(options.userDataDir),
  });
  try {
    const browser = await launchBrowser();
    try {
      return await runTests(server, browser, options, proof);
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
    results.remove();
  }
}

/** The arguments that matter here; the others are about windows, updates and sandboxes. */
function readOptions(args) {
  const values = (name) =>
    args.filter((arg) => arg.startsWith(`--${name}=`)).map((arg) => arg.slice(name.length + 3));
  const [extensionTestsPath] = values('extensionTestsPath');
  if (!extensionTestsPath) throw new Error('--extensionTestsPath=… is missing: there is no test.');
  return {
    extensionTestsPath,
    extensionDevelopmentPaths: values('extensionDevelopmentPath'),
    workspaceTrust: !args.includes('--disable-workspace-trust'),
    userDataDir: values('user-data-dir')[0],
    folder: args.find((arg) => !arg.startsWith('-')),
    screenshot: process.env.EDITOR_SCREENSHOT,
    timeLimit: Number(process.env.EDITOR_TIME_LIMIT || 300),
  };
}

/** The user settings in the given user data folder; the folder is not used for more than that. */
function readSettings(userDataDir) {
  const file = path.join(userDataDir ?? '', 'User', 'settings.json');
  return userDataDir && fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
}

/** Opens the page that runs the tests, shows what they print, and returns their exit code. */
async function runTests(server, browser, options, proof) {
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
  const end = waitForEnd(server, page, options.timeLimit);

  // The editor calls these two functions if it finds them when it starts.
  const hidden = new Set();
  await page.exposeFunction('codeAutomationLog', (_level, values) => {
    const line = format(...values).replaceAll(editorFrame, '');
    if (editorNoise.some((pattern) => pattern.test(line))) hidden.add(line);
    else console.log(line);
  });
  await page.exposeFunction('codeAutomationExit', (code) => {
    if (code !== 0 || proof.hasPassed()) end.report(code);
    else end.fail('The extension host ended before the tests did: it crashed or was told to exit.');
  });

  const payload = [
    ...options.extensionDevelopmentPaths.map((folder) => [
      'extensionDevelopmentPath',
      server.remoteUri(folder),
    ]),
    ['extensionTestsPath', server.remoteUri(proof.entry)],
    ['enableProposedApi', ''],
    ['skipWelcome', 'true'],
  ];
  await page.goto(server.folderUrl(options.folder, { payload }));
  const { code, problem } = await end.reached;
  if (problem) {
    console.error(`${problem}\nThe editor's last messages:`);
    for (const line of [...hidden].slice(-10)) console.error(`  ${line}`);
  }
  if (options.screenshot) await saveScreenshot(page, options.screenshot);
  return code;
}

/** The end of the tests: an exit code that they report, or a problem that keeps them from it. */
function waitForEnd(server, page, timeLimit) {
  const { promise, resolve } = withResolvers();
  const fail = (problem) => resolve({ code: 1, problem });
  page.on('crash', () => fail('The page of the editor crashed.'));
  void server.ended.then(() => fail('code-server ended by itself.'));
  const timer = setTimeout(
    () => fail(`The tests did not end within ${timeLimit} s.`),
    timeLimit * 1000,
  );
  timer.unref();
  return {
    reached: promise,
    fail,
    report: (code) => resolve({ code: Number.isInteger(code) ? code : 1 }),
  };
}

async function saveScreenshot(page, file) {
  try {
    await page.screenshot({ path: file });
  } catch (error) {
    console.error(`There is no screenshot: ${error.message}`);
  }
}

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}
