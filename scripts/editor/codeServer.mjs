// Starts and stops code-server: VS Code with its real extension host, used through a browser.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterThisProcess, temporaryFolder } from './cleanup.mjs';
import { ensureCodeServer } from './install.mjs';
import { run } from './programs.mjs';

const START_LIMIT = 60_000;
const STOP_LIMIT = 5_000;
const INSTALL_EXTENSION_LIMIT = 120_000;

/** Keeps the editor quiet, the same for every run, and like the desktop. */
const quietSettings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off', // Only in a browser VS Code saves by itself.
  'git.enabled': false,
  'security.workspace.trust.untrustedFiles': 'open',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/**
 * Starts code-server on a free port of the loopback address, with a new user data folder.
 *
 * - `version`: 'current' or 'minimum'; installed first if needed.
 * - `env`: more environment variables, which the extension host gets too.
 * - `workspaceTrust`: whether folders have to be trusted first, as in a normal VS Code.
 * - `extensionTests`: whether it has to run extension tests.
 * - `installVsix`: paths of extension packages to install.
 * - `settings`: user settings, on top of quiet ones.
 * - `port`: a fixed port instead of a free one.
 *
 * Everybody on this machine can open the address, so it is for tests and for trying things out.
 * The server and its folder are gone after `stop()`, and also when this process ends without it.
 */
export async function startCodeServer({
  version = 'current',
  env = {},
  workspaceTrust = false,
  extensionTests = false,
  installVsix = [],
  settings = {},
  port = 0,
} = {}) {
  const installed = await ensureCodeServer({ version });
  const temporary = temporaryFolder('editor');
  const userDataDir = path.join(temporary.path, 'user');
  const logFile = path.join(temporary.path, 'server.log');
  const options = [
    `--config=${path.join(temporary.path, 'config.yaml')}`,
    `--user-data-dir=${userDataDir}`,
    `--extensions-dir=${path.join(temporary.path, 'extensions')}`,
  ];
  const serverEnv = { ...cleanEnvironment(temporary.path), ...env };
  let server;
  try {
    fs.writeFileSync(path.join(temporary.path, 'config.yaml'), '');
    writeSettings(userDataDir, { ...quietSettings, ...settings });
    for (const vsix of installVsix) {
      const args = [installed.entry, ...options, '--install-extension', path.resolve(vsix)];
      await run(installed.node, args, {
        env: serverEnv,
        timeout: INSTALL_EXTENSION_LIMIT,
        endsWithUs: true,
      });
    }
    server = startServer({
      command: [
        installed.node,
        installed.entry,
        ...options,
        '--auth=none',
        `--bind-addr=127.0.0.1:${port}`,
        '--disable-telemetry',
        '--disable-update-check',
        '--disable-getting-started-override',
        ...(workspaceTrust ? [] : ['--disable-workspace-trust']),
        ...(extensionTests ? installed.testDriverFlags : []),
      ],
      env: serverEnv,
      logFile,
    });
    const url = await waitUntilItListens(server, logFile);
    return {
      url,
      port: Number(new URL(url).port),
      userDataDir,
      /** Resolves when the server has ended. */
      ended: server.ended,
      /** The address that opens a folder or a .code-workspace file, and a file in it. */
      folderUrl(folder, { openFile, payload = [] } = {}) {
        const entries = openFile ? [['openFile', remoteUri(url, openFile)], ...payload] : payload;
        return workbenchUrl(url, folder, entries);
      },
      /** The URI by which the editor knows a file on this machine. */
      remoteUri: (file) => remoteUri(url, file),
      async stop() {
        await server.stop();
        temporary.remove();
      },
    };
  } catch (error) {
    await server?.stop();
    temporary.remove();
    throw error;
  }
}

/**
 * Our environment without what would make code-server join an editor that is already running, or
 * listen elsewhere, with another place for the files and sockets that it would leave behind, and
 * with no server to get extensions from.
 */
function cleanEnvironment(folder) {
  const unwanted = /^(VSCODE_|CODE_SERVER_|ELECTRON_)|^(PORT|PASSWORD|HASHED_PASSWORD)$/;
  const kept = Object.entries(process.env).filter(([name]) => !unwanted.test(name));
  return {
    ...Object.fromEntries(kept),
    XDG_DATA_HOME: folder,
    XDG_RUNTIME_DIR: folder,
    EXTENSIONS_GALLERY: '{}',
  };
}

function writeSettings(userDataDir, settings) {
  const folder = path.join(userDataDir, 'User');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'settings.json'), JSON.stringify(settings, undefined, 2));
}

/** Starts the server in a process group of its own, so that all it starts can be ended at once. */
function startServer({ command, env, logFile }) {
  const log = fs.openSync(logFile, 'w');
  const [program, ...args] = command;
  const child = spawn(program, args, { env, stdio: ['ignore', log, log], detached: true });
  fs.closeSync(log);
  const callOff = afterThisProcess('kill -s KILL -- "-$1"', String(child.pid));
  const ended = new Promise((resolve) => {
    child.on('error', resolve);
    child.on('exit', resolve);
  });
  const signalGroup = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The whole group has ended already.
    }
  };
  return {
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async stop() {
      signalGroup('SIGTERM');
      await Promise.race([ended, sleep(STOP_LIMIT, undefined, { ref: false })]);
      signalGroup('SIGKILL');
      await ended;
      callOff();
    },
  };
}

/** Waits for the line in the log that names the address, and for the server to answer there. */
async function waitUntilItListens(server, logFile) {
  const deadline = Date.now() + START_LIMIT;
  while (Date.now() < deadline) {
    const log = fs.readFileSync(logFile, 'utf8');
    const address = /server listening on (http:\/\/[^\s/]+)/.exec(log)?.[1];
    if (address && (await answers(`${address}/healthz`))) return address;
    if (server.hasEnded()) throw new Error(`code-server did not start:\n${lastLines(log)}`);
    await sleep(50);
  }
  const log = fs.readFileSync(logFile, 'utf8');
  throw new Error(`code-server did not answer in ${START_LIMIT / 1000} s:\n${lastLines(log)}`);
}

async function answers(address) {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function workbenchUrl(url, folder, payload) {
  const address = new URL(url);
  if (folder === undefined) {
    address.searchParams.set('ew', 'true'); // An empty window.
  } else {
    const kind = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
    address.searchParams.set(kind, path.resolve(folder));
  }
  if (payload.length > 0) address.searchParams.set('payload', JSON.stringify(payload));
  return address.href.replace(/%(2F|3A|2C)/g, decodeURIComponent); // Readable, and as valid.
}

function remoteUri(url, file) {
  const segments = path.resolve(file).split('/').map(encodeURIComponent);
  return `vscode-remote://${new URL(url).host}${segments.join('/')}`;
}

function lastLines(text) {
  return text.trim().split('\n').slice(-20).join('\n');
}
