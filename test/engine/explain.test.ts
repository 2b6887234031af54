/** How calls end, in words: real runs, a line each. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { detailLines } from '../../src/engine/detailText.ts';
import { runBlock, type CallReport } from '../../src/engine/runBlock.ts';
import { JitClient } from '../../src/jit/client.ts';
import type { Sandbox } from '../../src/jit/protection.ts';
import { findJitBlocks } from '../../src/source/findJitBlocks.ts';

const hostPath = path.resolve('out/host/main.js');
const clients = new Map<Sandbox, JitClient>();
after(() => {
  for (const client of clients.values()) client.dispose();
});

function clientFor(sandbox: Sandbox): JitClient {
  const known = clients.get(sandbox);
  if (known) return known;
  const made = new JitClient({ hostPath, sandbox });
  clients.set(sandbox, made);
  return made;
}

const skip =
  (process.platform !== 'linux' || process.arch !== 'x64') && 'calls run isolated on Linux x86-64';

/** Runs annotated bytes, hexadecimal after the tags, and gives the report of the last call. */
async function reportOf(
  tags: readonly string[],
  hex: string,
  sandbox: Sandbox = 'strict',
): Promise<CallReport> {
  const bytes = hex.split(' ').map((pair) => `0x${pair}`);
  const text = `${tags.map((tag) => `// ${tag}\n`).join('')}char code[] = {${bytes.join(', ')}};\n`;
  const { blocks, problems } = findJitBlocks(text, 'c', { windows: false });
  assert.deepEqual(problems, []);
  const reports: CallReport[] = [];
  const settings = {
    timeoutMs: 100,
    machine: { architecture: 'x86_64', windows: false },
  } as const;
  const signal = new AbortController().signal;
  for (const block of blocks) {
    for await (const report of runBlock(block, clientFor(sandbox), settings, signal)) {
      reports.push(report);
    }
  }
  const last = reports.at(-1);
  assert(last);
  return last;
}

/** The bytes are what GNU as makes of the comment. */
const ends: readonly (readonly [tags: string, hex: string, text: string])[] = [
  // xor eax, eax; mov eax, [rax]; ret
  [
    '@jit void f(void)',
    '31 c0 8b 00 c3',
    'fault SIGSEGV at +0x2: reads address 0x0, which is not mapped; rax = 0',
  ],
  // mov [rdi+rsi*8+16], eax; ret
  [
    '@jit void f(long a, long b) | @call (0x100, 2)',
    '89 44 f7 10 c3',
    'fault SIGSEGV at +0x0: writes address 0x120, which is not mapped; rdi = 0x100, rsi = 2',
  ],
  // mov eax, [0]; ret
  [
    '@jit void f(void)',
    '90 8b 04 25 00 00 00 00 c3',
    'fault SIGSEGV at +0x1: reads address 0x0, which is not mapped',
  ],
  // lea rax, [rip]; mov byte ptr [rax], 1; ret
  [
    '@jit void f(void)',
    '48 8d 05 00 00 00 00 c6 00 01 c3',
    'fault SIGSEGV at +0x7: writes to its own code at +0x7, which is read-only while it runs; rax = 0x100000100007',
  ],
  // mov al, [rdi+4]; ret
  [
    '@jit char f(const char *p) | @call ("abc")',
    '8a 47 04 c3',
    'fault SIGSEGV at +0x0: reads 1 byte past the end of `p`, which has 4 bytes; rdi = 0x100000800ffc',
  ],
  // mov [rdi+8], rax; ret
  [
    '@jit void f(uint64_t *out) | @call ([0])',
    '48 89 47 08 c3',
    'fault SIGSEGV at +0x0: writes 8 bytes past the end of `out`, which has 8 bytes; rdi = 0x100000800ff8',
  ],
  // mov rax, [rdi+1], of which the last byte is past the end
  [
    '@jit long f(const long *p) | @call ([1])',
    '48 8b 47 01 c3',
    'fault SIGSEGV at +0x0: reads 1 byte past the end of `p`, which has 8 bytes; rdi = 0x100000800ff8',
  ],
  // mov al, [rdi-4096]: the buffer's own page begins with zeroes, before it is nothing
  [
    '@jit char f(const char *p) | @call ("abc")',
    '8a 87 00 f0 ff ff c3',
    'fault SIGSEGV at +0x0: reads 4096 bytes before the start of `p`, which has 4 bytes; rdi = 0x100000800ffc',
  ],
  // jmp rax, to address 0
  ['@jit void f(void)', 'ff e0', 'fault SIGSEGV: jumps to address 0x0, which is not mapped'],
  // push rax; jmp back to the push
  [
    '@jit void f(void)',
    '50 eb fd',
    'fault SIGSEGV at +0x0: the stack is used up (1 MiB): writes address 0x1000003ffff8; rsp = 0x100000400000',
  ],
  ['@jit void f(void)', 'f4', 'fault SIGSEGV at +0x0: privileged instruction (hlt)'],
  ['@jit void f(void)', 'fa', 'fault SIGSEGV at +0x0: privileged instruction (cli)'],
  // movabs rax, 0x8000000000000000; mov eax, [rax]
  [
    '@jit void f(void)',
    '48 b8 00 00 00 00 00 00 00 80 8b 00 c3',
    'fault SIGSEGV at +0xa: reads non-canonical address 0x8000000000000000; rax = 0x8000000000000000',
  ],
  // movabs rax, 0x8000000000000000; jmp rax
  [
    '@jit void f(void)',
    '48 b8 00 00 00 00 00 00 00 80 ff e0',
    'fault SIGSEGV at +0xa: jumps to non-canonical address 0x8000000000000000; rax = 0x8000000000000000',
  ],
  // movaps xmm0, [rsp]: at the entry of a function the stack is 8 off
  [
    '@jit void f(void)',
    '0f 28 04 24 c3',
    'fault SIGSEGV at +0x0: reads address 0x1000004ffff8, which is not aligned to 16 bytes; rsp = 0x1000004ffff8',
  ],
  // mov eax, edi; cdq; idiv esi; ret
  [
    '@jit int f(int a, int b) | @call (7, 0)',
    '89 f8 99 f7 fe c3',
    'fault SIGFPE at +0x3: divides by zero; esi = 0',
  ],
  [
    '@jit int f(int a, int b) | @call (-2147483648, -1)',
    '89 f8 99 f7 fe c3',
    'fault SIGFPE at +0x3: the quotient is too large; edx = 0xffffffff, eax = 0x80000000, esi = 0xffffffff',
  ],
  ['@jit void f(void)', '0f 0b', 'fault SIGILL at +0x0: illegal on purpose (ud2)'],
  [
    '@jit void f(void)',
    '90 06',
    'fault SIGILL at +0x1: illegal instruction: no instruction begins with the byte 06',
  ],
  ['@jit void f(void)', '90 cc c3', 'fault SIGTRAP at +0x1: breakpoint (int3)'],
  ['@jit void f(void)', '90 eb fd', 'timeout after 100 ms, stuck at +0x'],
  // lea rdi, [rip+9]; mov eax, 59; syscall; ret; "/bin/sh\0"
  [
    '@jit void f(void)',
    '48 8d 3d 08 00 00 00 b8 3b 00 00 00 0f 05 c3 2f 62 69 6e 2f 73 68 00',
    'blocked execve("/bin/sh", 0x0, 0x0) at +0xc',
  ],
  // mov eax, 39; syscall; ret
  ['@jit void f(void)', 'b8 27 00 00 00 0f 05 c3', 'blocked getpid() at +0x5'],
  // mov edi, 3; mov eax, 60; syscall
  ['@jit void f(void)', 'bf 03 00 00 00 b8 3c 00 00 00 0f 05', 'exited 3'],
  ['@jit void f(void)', '90', 'end: ran off the last byte'],
  // xor ebx, ebx; ret
  [
    '@jit void f(void)',
    '31 db c3',
    'abi: rbx was not preserved: expected 0x5afe00005afe0003, found 0x0',
  ],
  // std; ret
  ['@jit void f(void)', 'fd c3', 'abi: the direction flag (df) was left set'],
  // add rax, rcx
  ['@fragment | @call (rax = 5, rcx = 7)', '48 01 c8', 'rax = 12'],
  ['@fragment | @call (rax = 5) => rax = 5, zf = 0', '90', 'rax = 5, zf = 0'],
  ['@fragment | @call ()', '90', 'no register changed'],
];

for (const [tags, hex, expected] of ends) {
  test(`${hex}: ${expected}`, { skip }, async () => {
    const { explanation } = await reportOf(tags.split(' | '), hex);
    const text = explanation.text;
    assert.equal(expected.endsWith('+0x') ? text.slice(0, expected.length) : text, expected);
  });
}

const notes: readonly (readonly [hex: string, notes: readonly string[]])[] = [
  ['0f 31 c3', ['the result depends on rdtsc (time)']],
  ['0f 01 f9 c3', ['the result depends on rdtscp (time)']],
  ['0f c7 f0 c3', ['the result depends on rdrand (chance)']],
  [
    '0f c7 f8 0f a2 c3',
    ['the result depends on rdseed (chance)', 'the result depends on cpuid (the processor)'],
  ],
  ['f3 0f c7 f8 c3', ['the result depends on rdpid (the processor)']],
  // mov eax, 0x310f: the bytes of rdtsc, but none
  ['b8 0f 31 00 00 c3', []],
  ['c3', []],
];
for (const [hex, expected] of notes) {
  test(`notes on ${hex}: ${expected.join()}`, { skip }, async () => {
    const { explanation } = await reportOf(['@jit void f(void)'], hex);
    assert.deepEqual(explanation.notes, expected);
  });
}

test('the whole report of a fault', { skip }, async () => {
  // mov ecx, 1; nop; xor eax, eax; movq xmm1, rcx; mov rdx, [rax+rcx*4]; add rax, rcx; jmp 0; ret
  const report = await reportOf(
    ['@jit void f(void)'],
    'b9 01 00 00 00 90 31 c0 66 48 0f 6e c9 48 8b 14 88 48 01 c8 eb ea c3',
  );
  assert.deepEqual(detailLines(report), [
    '   +0x0  b9 01 00 00 00  mov ecx, 0x1',
    '   +0x5  90              nop',
    '   +0x6  31 c0           xor eax, eax',
    '   +0x8  66 48 0f 6e c9  movq xmm1, rcx',
    '▶  +0xd  48 8b 14 88     mov rdx, [rax+rcx*4]',
    '  +0x11  48 01 c8        add rax, rcx',
    '  +0x14  eb ea           jmp +0x0',
    '  +0x16  c3              ret',
    'rax 0000000000000000  rbx 5afe00005afe0003  rcx 0000000000000001  rdx 0000000000000000',
    'rsi 0000000000000000  rdi 0000000000000000  rbp 5afe00005afe0005  rsp 00001000004ffff8',
    'r8  0000000000000000  r9  0000000000000000  r10 0000000000000000  r11 0000000000000000',
    'r12 5afe00005afe000c  r13 5afe00005afe000d  r14 5afe00005afe000e  r15 5afe00005afe000f',
    'rip 000010000010000d  rflags 10246 [pf zf]',
    'xmm1  00000000000000000000000000000001',
  ]);
});

test('a jump into the middle of an instruction shows what ran', { skip }, async () => {
  // jmp 3; (mov eax, imm32 whose last byte and what follows are) hlt
  const report = await reportOf(['@jit void f(void)'], 'eb 01 b8 f4 00 00 00 c3');
  assert.equal(report.explanation.text, 'fault SIGSEGV at +0x3: privileged instruction (hlt)');
  assert(detailLines(report).includes('▶ +0x3  f4     hlt'));
});

test('output is shown in lines, without commands to a terminal', { skip }, async () => {
  // mov edi, 1; lea rsi, [rip+13]; mov edx, 7; mov eax, 1; syscall; ret; "a\n\e[2Jb"
  const report = await reportOf(
    ['@jit void f(void)'],
    'bf 01 00 00 00 48 8d 35 0d 00 00 00 ba 07 00 00 00 b8 01 00 00 00 0f 05 c3 61 0a 1b 5b 32 4a 62',
    'output',
  );
  assert.equal(report.explanation.text, 'void');
  assert.deepEqual(detailLines(report), ['output, 7 bytes:', '| a', '| \\x1b[2Jb']);
});
