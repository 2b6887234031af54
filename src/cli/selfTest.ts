/** Programs that attack what protects this machine, each with the end that it must come to. */
import type { Runner } from '../model/run.ts';
import { runBlock, type CallReport } from '../engine/runBlock.ts';
import type { RunSettings } from '../engine/plan.ts';
import { findJitBlocks } from '../source/findJitBlocks.ts';

/** A program, annotated as in a file of C, and whether the level `isolated` is needed for its end. */
interface Attack {
  readonly what: string;
  readonly annotation: readonly string[];
  /** Machine code for x86-64, hexadecimal; beside it what GNU as makes it of. */
  readonly code: string;
  readonly needsIsolation: boolean;
}

export interface AttackReport {
  readonly what: string;
  readonly expected: string;
  readonly held: boolean;
  /** How it ended, in words. */
  readonly found: string;
}

const contained: readonly Attack[] = [
  attack('reads address 0', '=> fault SIGSEGV', '31 c0 8b 00 c3'), // xor eax, eax; mov eax, [rax]
  attack('writes to its own code', '=> fault SIGSEGV', '48 8d 05 00 00 00 00 c6 00 90 c3'), // lea rax, [rip]; mov byte ptr [rax], 0x90
  attack('runs on its stack', '=> fault SIGSEGV', 'ff e4'), // jmp rsp
  attack('uses up its stack', '=> fault SIGSEGV', '50 eb fd'), // 1: push rax; jmp 1b
  attack('loops for ever', '=> timeout', 'eb fe'), // 1: jmp 1b
  attack('divides by zero', '=> fault SIGFPE', '31 c9 31 c0 99 f7 f9 c3'), // xor ecx, ecx; xor eax, eax; cdq; idiv ecx
  attack('executes what is no instruction', '=> fault SIGILL', '0f 0b'), // ud2
  attack('stops the processor', '=> fault SIGSEGV', 'f4'), // hlt
  attack('runs off its end', '=> end', '90'), // nop
  attack('destroys rbx', '=> abi rbx', '31 db c3'), // xor ebx, ebx; ret
  attack('leaves the direction flag set', '=> abi df', 'fd c3'), // std; ret
];

const forbidden: readonly Attack[] = [
  attack(
    'starts a shell (execve)',
    '=> blocked execve',
    '48 8d 3d 0c 00 00 00 31 f6 31 d2 b8 3b 00 00 00 0f 05 c3 2f 62 69 6e 2f 73 68 00', // lea rdi, [rip+12]; xor esi, esi; xor edx, edx; mov eax, 59; syscall
  ),
  attack(
    'opens a socket',
    '=> blocked socket',
    'bf 02 00 00 00 be 01 00 00 00 31 d2 b8 29 00 00 00 0f 05 c3',
  ), // mov edi, 2; mov esi, 1; xor edx, edx; mov eax, 41; syscall
  attack('forks', '=> blocked fork', 'b8 39 00 00 00 0f 05 c3'), // mov eax, 57; syscall
  attack(
    'makes its code writable (mprotect)',
    '=> blocked mprotect',
    '48 8d 3d f9 ff ff ff be 00 10 00 00 ba 07 00 00 00 b8 0a 00 00 00 0f 05 c3',
  ), // lea rdi, [rip-7]; mov esi, 4096; mov edx, 7; mov eax, 10; syscall
  attack(
    'kills its parent',
    '=> blocked kill',
    'bf 01 00 00 00 be 09 00 00 00 b8 3e 00 00 00 0f 05 c3',
  ), // mov edi, 1; mov esi, 9; mov eax, 62; syscall
  attack('writes to standard output', '=> blocked write', 'bf 01 00 00 00 b8 01 00 00 00 0f 05 c3'), // mov edi, 1; mov eax, 1; syscall
  attack('calls the kernel as a 32-bit program', '=> blocked', 'b8 14 00 00 00 cd 80 c3'), // mov eax, 20; int 0x80
  attack('exits', '=> exited 7', 'bf 07 00 00 00 b8 e7 00 00 00 0f 05'), // mov edi, 7; mov eax, 231; syscall
].map((one) => ({ ...one, needsIsolation: true }));

/** What must still work after all of that. */
const afterwards = attack('returns a value after all that', '=> 42', 'b8 2a 00 00 00 c3', 'int'); // mov eax, 42; ret

export const attacks: readonly Attack[] = [...contained, ...forbidden, afterwards];

function attack(what: string, expectation: string, code: string, result = 'void'): Attack {
  const annotation = [`@jit ${result} f(void)`, '@timeout 100ms', `@call () ${expectation}`];
  return { what, annotation, code, needsIsolation: false };
}

/**
 * Runs the programs one after another.
 * @param isolated whether those that only isolation holds back may run
 * @param only the ones to run, by what they do; all if not given
 */
export async function* selfTest(
  runner: Runner,
  settings: RunSettings,
  isolated: boolean,
  signal: AbortSignal,
  only?: ReadonlySet<string>,
): AsyncGenerator<AttackReport> {
  for (const one of attacks) {
    if (only && !only.has(one.what)) continue;
    if (one.needsIsolation && !isolated) continue;
    const report = await run(one, runner, settings, signal);
    const expected = report.call.expectation?.text ?? '';
    const held = report.verdict.expectation === 'held';
    yield { what: one.what, expected, held, found: report.explanation.text };
  }
}

async function run(
  { what, annotation, code }: Attack,
  runner: Runner,
  settings: RunSettings,
  signal: AbortSignal,
): Promise<CallReport> {
  const bytes = code.split(' ').map((pair) => `0x${pair}`);
  const tags = annotation.map((tag) => `// ${tag}\n`).join('');
  const text = `${tags}char code[] = {${bytes.join(', ')}};\n`;
  const { blocks } = findJitBlocks(text, 'c', { windows: false, defaultArchitecture: 'x86_64' });
  for (const block of blocks) {
    for await (const report of runBlock(block, runner, settings, signal)) return report;
  }
  throw new Error(`the program of "${what}" cannot be read`);
}
