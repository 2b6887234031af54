/** The texts of `--help` and `--version`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { HelpTopic } from './options.ts';
import { defaultTimeoutMs, maxTimeoutMs } from './words.ts';

const protection = `Protection:
  In this version the bytes run in a child process, but without isolation: they
  can do whatever you can do, such as write your files or use the network. Time
  limits and crashes are contained. Run only code that you trust.`;

const helpOfAll = `Usage: jit-bytes COMMAND

Runs the annotated machine code in source files.

Commands:
  run PATH...      run the calls in files and folders, check what they expect
  help [COMMAND]   show this, or more on a command
  version          show the version

Options:
  -h, --help       show this
  -V, --version    show the version

${protection}

"jit-bytes run --help" tells more.
`;

const helpOfRun = `Usage: jit-bytes run [--json] [--timeout MS] [--language ID] PATH...

Runs every @call of the annotated bytes in files, and prints what each gives:

  add_four.c:4  add_four(4) ⇒ 8 ✓
  add_four.c:5  add_four(5) ⇒ 9 ✗ expected 10, got 9

Paths:
  FILE             always read, whatever its name
  FOLDER           every file below it that holds @jit or @fragment; not .git,
                   node_modules, what .gitignore says, links, binary files or
                   files over 16 MiB
  -                standard input

Options:
  --json           print one JSON document (docs/json.md describes it)
  --timeout MS     the most that a call may take, in milliseconds, also where its
                   @timeout says more; ${defaultTimeoutMs} if not given, at most ${maxTimeoutMs}
  --language ID    the language of standard input, such as c, rust or asm
  --               what follows are paths
  -h, --help       show this

Exit status, the first that applies:
  2   something could not be read: a path, an annotation, or an option
  1   an expectation failed, or a call without one crashed or did not end
  3   something could not be run here
  0   all is well
  130 after Ctrl+C

Environment:
  NO_COLOR, FORCE_COLOR   no colours, or colours also where output is no terminal

${protection}
`;

/** What `--help` shows. */
export function helpText(topic: HelpTopic): string {
  return topic === 'run' ? helpOfRun : helpOfAll;
}

/** The program and its version, as package.json gives it: `jit-bytes 0.1.0`. */
export function versionText(): string {
  const file = path.join(__dirname, '..', '..', 'package.json');
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    return `jit-bytes ${String(manifest.version)}\n`;
  }
  throw new Error(`${file} names no version`);
}
