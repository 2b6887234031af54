// The editors that the tests run in.

/**
 * code-server is VS Code with its real extension host and comes from the npm registry alone.
 * It only runs on the Node major it was built for, so each version brings its own Node binary.
 *
 * - `codeServer`, `node`: versions in the npm registry.
 * - `vscode`: the VS Code inside that code-server.
 * - `desktop`: the version of the VS Code desktop to download where that is possible.
 * - `ripgrep`: a version with prebuilt binaries, where the bundled one would download its own.
 * - `testDriverFlags`: what this code-server needs before it runs extension tests.
 * - `size`: said before it is installed.
 */
const editorVersions = {
  current: {
    codeServer: '4.139.1',
    node: '24.21.0',
    vscode: '1.139.1',
    desktop: 'stable',
    ripgrep: undefined,
    testDriverFlags: ['--vscode-option', 'enable-smoke-test-driver'],
    size: '250 MB to download, 800 MB on disk',
  },
  minimum: {
    codeServer: '4.100.3',
    node: '20.20.2',
    vscode: '1.100.3',
    desktop: '1.100.0',
    ripgrep: '1.18.0',
    testDriverFlags: [],
    size: '130 MB to download, 500 MB on disk',
  },
};

/** The names that `--version` and EDITOR_VERSION take. */
export const versionNames = Object.keys(editorVersions);

/** What is known about the version called `name` ('current' or 'minimum'). */
export function editorVersion(name = 'current') {
  if (!versionNames.includes(name)) {
    throw new Error(`There is no editor version '${name}': use ${versionNames.join(' or ')}.`);
  }
  return editorVersions[name];
}
