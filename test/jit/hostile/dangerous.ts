/** Programs that would leave traces in the system if they were let. */
import { eax, edi, edx, esi, mem, r10d, rdi, rsi, x64 } from '../../../src/asm/x64.ts';
import type { Port } from '../../../src/jit/runner/port.ts';
import { hostilePrograms } from './programs.ts';

export function jmpLoop(): Uint8Array {
  const f = x64();
  const again = f.label();
  f.bind(again);
  f.jmp(again);
  return f.bytes();
}

/** Those of the corpus that make system calls, and some that make files, processes and connections. */
export function programsOf(
  port: Port,
): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const corpus = hostilePrograms(port)
    .filter(({ name }) => /^sys|^munmap|^forged/.test(name))
    .map(({ name, build }) => {
      const f = x64();
      build(f);
      return { name, bytes: f.bytes() };
    });
  const file = x64();
  const path = file.label();
  file.lea(rdi, mem(path));
  file.mov(esi, 0o101); // O_WRONLY | O_CREAT
  file.mov(edx, 0o666);
  file.mov(eax, 2);
  file.syscall();
  file.ret();
  file.bind(path);
  file.data(new TextEncoder().encode('/tmp/guest-was-here\0'));
  const write = x64();
  write.lea(rsi, mem(rsi));
  write.mov(edi, 4);
  write.mov(edx, 16);
  write.mov(r10d, 0);
  write.mov(eax, 1);
  write.syscall();
  return [
    ...corpus,
    { name: 'a file', bytes: file.bytes() },
    { name: 'the answer pipe', bytes: write.bytes() },
  ];
}
