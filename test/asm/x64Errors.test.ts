/** What the builder refuses at run time, and how it says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ah,
  ax,
  bh,
  byte,
  dword,
  eax,
  ecx,
  mem,
  qword,
  r12,
  r8,
  r8b,
  rax,
  rcx,
  rsp,
  sil,
  al,
  x64,
  type X64,
} from '../../src/asm/x64.ts';
import { refused, taken } from './x64Types.ts';

const messages: readonly (readonly [(f: X64) => void, RegExp])[] = [
  [(f) => f.mov(eax, -1n * 2n ** 40n), /^mov eax, -0x10000000000: .*does not fit 32 bits/],
  [(f) => f.mov(eax, 0x100000000), /^mov eax, 0x100000000: .*does not fit 32 bits/],
  [(f) => f.mov(rax, 2n ** 64n), /^mov rax, 0x10000000000000000: .*64 bits/],
  [(f) => f.mov(rax, 2 ** 60), /^mov rax, 0x1000000000000000: .*beyond 2\^53.*give a bigint/],
  [(f) => f.mov(rax, 1.5), /^mov rax, .*1.5 is no whole number/],
  [(f) => f.add(rax, 0x80000000), /^add rax, 0x80000000: .*32 bits, which are sign-extended to 64/],
  [(f) => f.mov(qword(rax), 0xffffffff), /^mov qword ptr \[rax\], 0xffffffff: .*sign-extended/],
  [(f) => f.add(al, 256), /^add al, 0x100: .*does not fit 8 bits/],
  [(f) => f.add(ax, -0x8001), /^add ax, -0x8001: .*does not fit 16 bits/],
  [(f) => f.shl(rax, 256), /^shl rax, 0x100: .*does not fit 8 bits/],
  [(f) => f.push(0x80000000), /^push 0x80000000: .*sign-extended to 64/],
  [(f) => f.ret(0x10000), /^ret 0x10000: .*16 bits/],
  [(f) => f.mov(ah, r8b), /^mov ah, r8b: ah cannot be in an instruction with a REX prefix/],
  [(f) => f.mov(sil, bh), /^mov sil, bh: bh cannot be in an instruction with a REX prefix/],
  [(f) => f.add(byte(r8), ah), /^add byte ptr \[r8\], ah: ah cannot/],
  [(f) => f.mov(byte(rax, r12), ah), /^mov byte ptr \[rax\+r12\*1\], ah: ah cannot/],
  [(f) => f.movzx(rax, ah), /^movzx rax, ah: ah cannot/],
  [(f) => f.lea(rax, mem(rax, rsp)), /\[rax\+rsp\*1\]: rsp cannot be an index/],
  [(f) => f.lea(rax, mem(rax, 0x80000000)), /displacement 2147483648 does not fit 32 bits/],
  [(f) => f.lea(rax, mem(undefined, -0x80000001)), /displacement -2147483649 does not fit 32 bits/],
  [(f) => f.lea(rax, mem(rax, 0.5)), /displacement is no whole number/],
  [(f) => f.lock.add(rax, qword(rcx)), /^lock add rax, qword ptr \[rcx\]: lock needs a memory/],
  [(f) => f.db(256), /^data: 0x100 does not fit 8 bits/],
  [(f) => f.dd(-0x80000001), /^data: -0x80000001 does not fit 32 bits/],
  [(f) => f.align(3), /^align 3: not a power of two/],
  [(f) => f.org(-1), /^org -1/],
  [(f) => f.bind(x64().label('other')), /^the label other is another builder's/],
];

for (const [call, message] of messages) {
  test(`${call.toString().replace(/^\(f\) => /, '')} is refused`, () => {
    assert.throws(
      () => call(x64()),
      (error) => error instanceof Error && message.test(error.message),
    );
  });
}

test('bounds that are just inside', () => {
  const f = x64();
  f.mov(eax, 0xffffffff);
  f.mov(ecx, -0x80000000);
  f.add(rax, 0x7fffffff);
  f.add(rax, -0x80000000);
  f.mov(dword(rax, 0x7fffffff), 1);
  f.mov(dword(rax, -0x80000000), 1);
  f.mov(byte(rax), ah);
  f.db(-128, 255);
  assert.equal(f.bytes().length > 0, true);
});

test('a message lists what a mnemonic takes', () => {
  assert.throws(refused['a jump to a number'] ?? assert.fail, {
    name: 'TypeError',
    message: 'jmp 0x5: no form takes these operands (jmp takes rel8; rel32; r/m64; m16:32; m16:64)',
  });
});

for (const [what, call] of Object.entries(taken)) {
  test(`${what}: compiler and builder take it`, call);
}

for (const [what, call] of Object.entries(refused)) {
  test(`${what}: neither compiler nor builder takes it`, () => {
    assert.throws(call);
  });
}
