/** The texts of `--help` and `--version`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defaultBenchMs, mostCalls } from '../engine/bench/benchBlocks.ts';
import { benchTime } from './bench/options.ts';
import type { HelpTopic } from './options.ts';
import { usualJobs } from './test/options.ts';
import { defaultTimeoutMs, maxTimeoutMs } from './words.ts';

const protection = `Protection:
  On Linux x86-64 every call runs isolated: in a fresh process that holds nothing
  but the bytes and can make no system call. Where the system does not grant that,
  and with --sandbox off, bytes can do whatever you can do; "run" then says so, and
  "jit-bytes doctor" tells why. It is no virtual machine: do not run malware.`;

const helpOfAll = `Usage: jit-bytes COMMAND

Runs the annotated machine code in source files.

Commands:
  run PATH...      run the calls in files and folders, check what they expect
  test [PATH...]   run the calls that expect something, as tests, for CI
  check PATH...    compare comments that name instructions with their bytes
  disasm PATH...   show the instructions that the bytes are
  asm [FILE]       make bytes of assembly text
  bench PATH...    measure how long calls take, and which of two is faster
  doctor           show what protects this machine, and attack it as a test
  help [COMMAND]   show this, or more on a command
  version          show the version

Options:
  -h, --help       show this
  -V, --version    show the version

${protection}

"jit-bytes run --help" tells more, and so for the other commands.
`;

const paths = `Paths:
  FILE             always read, whatever its name
  FOLDER           every file below it that holds @jit or @fragment; not .git,
                   node_modules, what .gitignore says, links, binary files or
                   files over 16 MiB
  PATTERN          such as 'src/**/*.{c,rs}': what a folder would give and matches
  -                standard input`;

const helpOfRun = `Usage: jit-bytes run [--json] [--verbose] [--timeout MS] [--sandbox SANDBOX]
                     [--language ID] PATH...

Runs every @call of the annotated bytes in files, and prints what each gives:

  add_four.c:4  add_four(4) ⇒ 8 ✓
  add_four.c:5  add_four(5) ⇒ 9 ✗ expected 10, got 9

${paths}

Options:
  --json           print one JSON document (docs/json.md describes it)
  --timeout MS     the most that a call may take, in milliseconds, also where its
                   @timeout says more; ${defaultTimeoutMs} if not given, at most ${maxTimeoutMs}
  --sandbox SANDBOX
                   "strict" (if not given): no system calls; "output": bytes may
                   write to standard output and error, which is captured; "off":
                   they may do whatever you may. No file can ask for it
  --verbose        show registers and instructions where a call was ended
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

const helpOfTest = `Usage: jit-bytes test [OPTION...] [PATH...]

Runs every @call that expects something (=>) as a test:

  add_four.c
    add_four
      ✓ add_four(4) => 8
      ✗ add_four(5) => 10
        add_four.c:5:18: expected 10, got 9

Paths are those of "jit-bytes run": files, folders, patterns, and - for standard
input. Without any it is the current folder.

What runs:
  --filter TEXT        tests with this in their name, FILE > BLOCK > CALL
  --filter /REGEX/     tests whose name matches, also /REGEX/i
  --shard K/N          part K of N: every file belongs to one part
  --strict             a test that cannot run here fails, instead of being skipped
  --language ID        the language of standard input, such as c, rust or asm

How:
  --jobs N             so many calls at a time; the smaller of ${usualJobs} and the number of
                       processors if not given
  --timeout MS         the most that a call may take, in milliseconds, also where
                       its @timeout says more; ${defaultTimeoutMs} if not given, at most ${maxTimeoutMs}
  --repeat N           run each test N times, or until it fails
  --fail-fast          stop at the first failure
  --shuffle            in an order by chance
  --seed S             with --shuffle: in the order that had this seed
  --watch              then run the files that change, until Ctrl+C

Report (docs/ci.md):
  --reporter NAME      on standard output: spec (if not given), tap, junit, json,
                       github
  --reporter NAME=FILE to a file; the option can be given several times
  -h, --help           show this

Exit status, the first that applies:
  2   something could not be read: a path, an annotation under which something is
      expected, or an option; or a report could not be written
  1   a test failed
  3   a test was skipped
  0   all is well, also if there are no tests
  130 after Ctrl+C

Environment:
  NO_COLOR, FORCE_COLOR   no colours, or colours also where output is no terminal

${protection}
`;

const helpOfCheck = `Usage: jit-bytes check [--strict] [--json] [--fix] [--language ID] PATH...

Compares each comment that reads as assembly with the bytes on its line, and
tells those that mean something else. Nothing is run. Read are x86 in AT&T's and
Intel's syntax, and AArch64; prose and symbols are left alone.

  add_four.c:9:37: warning: the comment says "add $5, %rax", the bytes are: add $0x4, %rax

And warns of bytes that cannot do what they should: code of another architecture
than is declared; of x86 and AArch64 also paths that run past the last byte, into
the middle of an instruction or out of the block, code that never returns, and
instructions that are none, that only the kernel may use, or that this processor
lacks. What a @call expects ("=> fault", "=> end") is no warning.

${paths}

Options:
  --strict         warnings about bytes make the exit status 1, too
  --json           print one JSON document (docs/json.md describes it)
  --fix            rewrite those comments from the bytes, as the editor's quick fix
                   does; a file is written whole or not at all
  --language ID    the language of standard input, such as c, rust or asm
  --               what follows are paths
  -h, --help       show this

Exit status, the first that applies:
  2   something could not be read: a path, an annotation, or an option; or a file
      could not be fixed
  1   a comment says something else than its bytes, and was not fixed; with --strict
      also if there is any other warning about bytes
  0   all is well
  130 after Ctrl+C
`;

const helpOfDisasm = `Usage: jit-bytes disasm [--json] [--syntax SYNTAX] [--language ID] PATH...

Shows the instructions that annotated bytes are. Nothing is run.

  add_four.c:4  add_four(n: i64) -> i64
     0  48 89 f8              mov rax, rdi
     3  48 83 c0 04           add rax, 0x4
     7  c3                    ret

${paths}

Options:
  --json           print one JSON document (docs/json.md describes it)
  --syntax SYNTAX  "intel" (if not given) or "att"; for x86
  --language ID    the language of standard input, such as c, rust or asm
  --               what follows are paths
  -h, --help       show this

Exit status, the first that applies:
  2   something could not be read: a path, an annotation, or an option
  3   there is no disassembler for the architecture of some bytes
  0   all is well
  130 after Ctrl+C
`;

const helpOfAsm = `Usage: jit-bytes asm [--arch ARCH] [--syntax SYNTAX] [--format FORMAT] [--json]
                     [--verbose] [FILE]

Makes bytes of assembly text, in a file or on standard input (- or no file):

  $ echo 'mov %rdi, %rax; ret' | jit-bytes asm
  4889f8c3

Nothing is run. What was assembled is decoded again and compared with the text.
Names must be defined in it, and no address may depend on where the bytes lie.

Options:
  --arch ARCH      such as x86_64 or aarch64; this machine's if not given. All but
                   x86_64 need GNU as for it, such as aarch64-linux-gnu-as
  --syntax SYNTAX  "att" or "intel", for x86; AT&T's if not given and a register
                   has its %, else Intel's
  --format FORMAT  "hex" (if not given), "raw", "base64", or a language's literal:
                   rust, c, cString, go, zig, python, pythonString, javascript, java,
                   kotlin, csharp, fsharp, swift, gas (.byte), nasm (db)
  --json           print one JSON document (docs/json.md describes it)
  --verbose        list each line with its bytes, on standard error
  --               what follows is the file
  -h, --help       show this

Exit status:
  2   the text could not be read or assembled, or an option could not
  3   there is no assembler for the architecture here
  0   all is well
  130 after Ctrl+C
`;

const helpOfBench = `Usage: jit-bytes bench [OPTION...] PATH...

Measures how long the calls of blocks with @bench take, in machine code, in the
same isolated processes in which "jit-bytes run" calls them:

  noise: ±0.27 ns (1 cycle); what takes less cannot be told from an empty function
  mul.c
    (i64) -> i64
      mul_v1(3)  52.2 ns ±0.3 ns  193 cycles  53.6 ns with calling
      mul_v2(3)  28.4 ns ±0.3 ns  105 cycles  29.7 ns with calling  1.8 × faster than mul_v1 (±2 %)

Blocks of a file that have the same signature are measured in turn, and compared
with the first of them. Each sample is n and 2n calls, whose difference counts,
less the same for an empty function. Each call waits for the one before;
"back to back" is how long it takes where the processor may overlap calls.
What a call leaves in its buffers the next one finds there. For x86-64 on Linux.

${paths}

What is measured:
  --all            every block with calls, also without @bench
  --filter TEXT    blocks with this in FILE > BLOCK, also without @bench
  --filter /REGEX/ blocks whose FILE > BLOCK matches, also /REGEX/i
  --language ID    the language of standard input, such as c, rust or asm

How:
  --time MS        so long for each call, about: ${benchTime.least} to ${benchTime.most}; ${defaultBenchMs} if not given.
                   Of a block at most ${mostCalls} calls are measured
  --timeout MS     the most that the calls in one process may take together;
                   ${defaultTimeoutMs} if not given, at most ${maxTimeoutMs}

Report:
  --verbose        show spread, rounds, and the cost of calling, for each call
  --json           print one JSON document (docs/json.md describes it)
  --save FILE      write that document to a file
  --compare FILE   compare each call with the same one in a file of --save
  -h, --help       show this

Exit status, the first that applies:
  2   something could not be read: a path, an annotation, or an option; or the
      file of --save could not be written
  3   something could not be measured: a call that does not return, for example
  0   all is well
  130 after Ctrl+C

${protection}
`;

const helpOfDoctor = `Usage: jit-bytes doctor [--json]

Shows the level of protection that this machine grants, and why it is no higher.
Then runs two dozen small programs that try to do harm, such as starting a shell
or writing to their own code, and checks that each ends as it must.

Options:
  --json           print one JSON document (docs/json.md describes it)
  -h, --help       show this

Exit status:
  0   calls run isolated, and every program ended as it must
  1   the level is lower, or a program did not end as it must
  130 after Ctrl+C
`;

const helpTexts: Readonly<Record<HelpTopic, string>> = {
  all: helpOfAll,
  run: helpOfRun,
  test: helpOfTest,
  check: helpOfCheck,
  disasm: helpOfDisasm,
  asm: helpOfAsm,
  bench: helpOfBench,
  doctor: helpOfDoctor,
};

/** What `--help` shows. */
export function helpText(topic: HelpTopic): string {
  return helpTexts[topic];
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
