// Installs the packaged extension into a clean VS Code, and uses it in a browser as a person does.
//
//   node test/e2e/run.mjs [FILE.vsix] [--version current|minimum]
//                         [--screenshot FILE.png] [--theme "Default Light Modern"]
//
// Without a FILE.vsix, the newest jit-bytes-*.vsix in the root of the repository is taken.
// --examples takes another folder than the examples of this repository.

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { launchBrowser } from '../../scripts/editor/browser.mjs';
import { temporaryFolder } from '../../scripts/editor/cleanup.mjs';
import { startCodeServer } from '../../scripts/editor/codeServer.mjs';
import { cacheFolder, repositoryRoot } from '../../scripts/editor/paths.mjs';
import { newestVsix } from '../../scripts/editor/vsix.mjs';
import { hostsBelow, isRunning, within } from './processes.mjs';

const EXAMPLE = 'add_four.rs';
const LENS = 'Run JIT bytes';
const INLINE_VALUE = '⇒ 8';

/** For the other test: bytes that return a number, and a loop that only the longest limit would end. */
const ENDLESS = 'endless.rs';
const endlessText = (value) => `// @jit () -> i64
let answer = [0xb8, ${value}, 0, 0, 0, 0xc3];

// @jit endless()
let code = [0xeb, 0xfe];
`;

/** In milliseconds. */
const LENS_LIMIT = 60_000;
const VALUE_LIMIT = 20_000;
const LONGEST_RUN = 60_000;
const GONE_LIMIT = 2000;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    version: { type: 'string', default: 'current' },
    screenshot: { type: 'string', default: path.join(cacheFolder, 'e2e', 'passed.png') },
    theme: { type: 'string', default: 'Default Dark Modern' },
    examples: { type: 'string', default: path.join(repositoryRoot, 'examples') },
  },
});

/** Undone in the opposite order at the end. */
const undo = [];
const pageErrors = [];
let page;

try {
  await main(positionals[0] ?? newestVsix());
  console.log(`Passed with ${options.version}. Screenshot: ${options.screenshot}`);
} catch (error) {
  process.exitCode = 1;
  console.error(`FAILED with ${options.version}: ${error.message}`);
  for (const line of pageErrors.slice(-10)) console.error(`  page: ${line}`);
  const file = path.join(cacheFolder, 'e2e', 'failed.png');
  if (page && (await saved(file))) console.error(`Screenshot: ${file}`);
} finally {
  for (const action of undo.reverse()) await action();
}

async function main(vsix) {
  if (!vsix || !fs.existsSync(vsix)) {
    throw new Error(`There is no ${vsix ?? 'jit-bytes-*.vsix'}: run 'npm run package' first.`);
  }

  const folder = temporaryFolder('e2e');
  undo.push(() => folder.remove());
  const examples = path.join(folder.path, 'examples');
  fs.cpSync(options.examples, examples, { recursive: true });

  const server = await step(`install ${path.basename(vsix)} into a clean editor`, () =>
    startCodeServer({
      version: options.version,
      installVsix: [vsix],
      settings: {
        'workbench.colorTheme': options.theme,
        'editor.minimap.enabled': false,
        'jitBytes.run.timeout': LONGEST_RUN,
      },
    }),
  );
  undo.push(() => server.stop());

  await step(`open ${EXAMPLE} in a browser`, async () => {
    const browser = await launchBrowser();
    undo.push(() => browser.close());
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', (error) => pageErrors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') pageErrors.push(message.text());
    });
    await page.goto(server.folderUrl(examples, { openFile: path.join(examples, EXAMPLE) }));
  });

  const lens = page.locator('.codelens-decoration a', { hasText: LENS }).first();
  await step(`see the lens '${LENS}'`, () => lens.waitFor({ timeout: LENS_LIMIT }));
  await step('click it', () => lens.click());
  await step(`see the inline value '${INLINE_VALUE}'`, () =>
    page.waitForFunction(showsInlineValue, INLINE_VALUE, { timeout: VALUE_LIMIT }),
  );
  await step('point at it, and see the whole of it', async () => {
    const { x, y } = await page.evaluate(placeOfInlineValue, INLINE_VALUE);
    await page.mouse.move(x, y);
    const hover = page.locator('.monaco-hover', { hasText: 'Copy value' }).first();
    await hover.waitFor({ timeout: VALUE_LIMIT });
  });
  fs.mkdirSync(path.dirname(path.resolve(options.screenshot)), { recursive: true });
  await page.screenshot({ path: options.screenshot });
  if (process.platform === 'linux') await endDuringRun(server, examples);
}

/** The extension host is killed, and the window reloaded, while a loop runs: nothing stays behind, and values come again. */
async function endDuringRun(server, examples) {
  const folder = path.dirname(server.userDataDir);
  const file = path.join(examples, ENDLESS);
  let value = 42;
  fs.writeFileSync(file, endlessText(value));
  await page.goto(server.folderUrl(examples, { openFile: file }));
  let loop = await step(`open ${ENDLESS}: its value is there, its loop runs`, () =>
    seeValueAndLoop(folder, value),
  );
  const ends = [
    ['kill -9 the extension host', () => process.kill(loop.parent, 'SIGKILL')],
    ['reload the window', () => page.reload({ waitUntil: 'commit' })],
  ];
  for (const [what, end] of ends) {
    await step(`${what} meanwhile: no process of the run is left`, async () => {
      const before = hostsBelow(folder).flatMap(({ pid, below }) => [pid, ...below]);
      await end();
      const gone = await within(GONE_LIMIT, () => !before.some(isRunning));
      if (!gone) {
        const left = before.filter(isRunning).join(', ');
        throw new Error(`still there after ${GONE_LIMIT} ms: ${left}`);
      }
    });
    // Another one, for the old value may be painted still.
    fs.writeFileSync(file, endlessText(++value));
    loop = await step('see a new value, and the loop', () => seeValueAndLoop(folder, value));
  }
  await step('see no host without its parent', () => {
    if (hostsBelow(folder).some(({ parent }) => parent === 1)) throw new Error('there is one');
  });
}

/** Waits for the value and for a host that loops, which it returns. Restarts the extension host if the editor asks. */
async function seeValueAndLoop(folder, value) {
  const restart = page.getByRole('button', { name: 'Restart Extension Host' });
  await page.addLocatorHandler(restart, () => restart.click());
  const before = new Map(hostsBelow(folder).map(({ pid, cpu }) => [pid, cpu]));
  // Fifty ticks are half a second: a host does not work that long for itself.
  const loop = await within(LENS_LIMIT, () =>
    hostsBelow(folder).find(({ pid, cpu }) => cpu >= (before.get(pid) ?? 0) + 50),
  );
  if (!loop) throw new Error('no host was seen looping');
  await page.waitForFunction(showsInlineValue, `⇒ ${value}`, { timeout: VALUE_LIMIT });
  return loop;
}

/** Runs in the page. VS Code shows text of decorations as the content of pseudo elements. */
function showsInlineValue(text) {
  const spans = [...document.querySelectorAll('.view-line span')];
  return ['::after', '::before'].some((pseudo) =>
    spans.some((span) => getComputedStyle(span, pseudo).content.includes(text)),
  );
}

async function step(name, action) {
  const started = Date.now();
  const inSeconds = () => `${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s`;
  try {
    const result = await action();
    console.log(`  ok   ${inSeconds()}  ${name}`);
    return result;
  } catch (error) {
    console.log(`  FAIL ${inSeconds()}  ${name}`);
    throw error;
  }
}

async function saved(file) {
  try {
    await page.screenshot({ path: file, timeout: 10_000 });
    return true;
  } catch {
    return false; // The page is gone; what happened before is the problem to report.
  }
}

/** Runs in the page: a point on an inline value, a little before its end. */
function placeOfInlineValue(value) {
  for (const element of document.querySelectorAll('.view-line span')) {
    if (!getComputedStyle(element, '::after').content.includes(value)) continue;
    const { right, top, height } = element.getBoundingClientRect();
    return { x: right - 8, y: top + height / 2 };
  }
  throw new Error(`no ${value} is painted`);
}
