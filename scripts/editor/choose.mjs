// Chooses the VS Code in which the extension tests run.

import fs from 'node:fs';
import path from 'node:path';
import { downloadAndUnzipVSCode, SilentReporter } from '@vscode/test-electron';
import { ensureChromium, ensureCodeServer } from './install.mjs';
import { cacheFolder } from './paths.mjs';
import { findOnPath } from './programs.mjs';
import { editorVersion } from './versions.mjs';

const downloadsFolder = path.join(cacheFolder, 'vscode-test');

/** How long the download server may be silent before we do without it, in milliseconds. */
const DOWNLOAD_PATIENCE = 10_000;

/**
 * Chooses an editor, installs it if needed, and prints which one it is and why. In this order:
 * the executable VSCODE_PATH, the VS Code desktop downloaded by @vscode/test-electron, code-server.
 *
 * Returns its `kind` ('path', 'desktop' or 'code-server'), its `executable`, which takes the
 * arguments of the VS Code desktop, the `env` that it needs, and a `description`.
 */
export async function chooseEditor({ version = 'current' } = {}) {
  const { reason, ...editor } = await firstAvailable(version);
  console.log(`Editor: ${editor.description}, because ${reason}.`);
  return editor;
}

/**
 * Downloads the VS Code desktop, or finds the one that was downloaded before.
 * Returns its `executable`, or the reason why there is none: `unavailable`.
 */
export async function downloadDesktop(version) {
  try {
    fs.mkdirSync(downloadsFolder, { recursive: true });
    const executable = await downloadAndUnzipVSCode({
      version: editorVersion(version).desktop,
      cachePath: downloadsFolder,
      timeout: DOWNLOAD_PATIENCE,
      reporter: new SilentReporter(),
    });
    return { executable };
  } catch (error) {
    return { unavailable: `the VS Code desktop cannot be downloaded (${describe(error)})` };
  }
}

/** Whether a window can be shown. */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY);
}

async function firstAvailable(version) {
  const chosen = process.env.VSCODE_PATH;
  if (chosen) {
    if (!fs.existsSync(chosen)) {
      throw new Error(`VSCODE_PATH is ${chosen}, but there is no such file.`);
    }
    const executable = withDisplay(path.resolve(chosen));
    return { kind: 'path', executable, description: chosen, env: {}, reason: 'of VSCODE_PATH' };
  }

  const desktop = canShowDesktop()
    ? await downloadDesktop(version)
    : { unavailable: 'the VS Code desktop needs a display or xvfb-run' };
  if (desktop.executable) {
    return {
      kind: 'desktop',
      executable: withDisplay(desktop.executable),
      description: `the VS Code desktop in version ${editorVersion(version).desktop}`,
      env: {},
      reason: `it is in ${path.relative(process.cwd(), desktop.executable)}`,
    };
  }

  const { vscodeVersion } = await ensureCodeServer({ version });
  await ensureChromium();
  return {
    kind: 'code-server',
    executable: path.join(import.meta.dirname, 'desktopShim.mjs'),
    description: `VS Code ${vscodeVersion} in code-server`,
    env: { EDITOR_VERSION: version },
    reason: desktop.unavailable,
  };
}

function canShowDesktop() {
  return hasDisplay() || findOnPath('xvfb-run') !== undefined;
}

/** The executable itself, or a script that runs it on a virtual display if there is no real one. */
function withDisplay(executable) {
  if (hasDisplay() || !findOnPath('xvfb-run')) return executable;
  const script = path.join(downloadsFolder, 'with-virtual-display.sh');
  const quoted = `'${executable.replaceAll("'", `'\\''`)}'`;
  fs.mkdirSync(downloadsFolder, { recursive: true });
  fs.writeFileSync(script, `#!/bin/sh\nexec xvfb-run --auto-servernum ${quoted} "$@"\n`);
  fs.chmodSync(script, 0o755);
  return script;
}

/** Some errors of the download have no message, but causes or a code, and some are mere strings. */
function describe(error) {
  return error?.message || error?.code || String(error);
}
