/** Instructions of the kernel's and of hypervisors', one a line. */
import type { X64 } from '../../../../src/asm/x64.ts';
import {
  al,
  ax,
  cr0,
  cr3,
  cr4,
  cr8,
  dr0,
  dr7,
  dx,
  eax,
  ecx,
  mem,
  rax,
  rcx,
  rsp,
} from '../../../../src/asm/x64.ts';
import type { Program } from '../program.ts';

const protection = /^SIGSEGV general protection, at 0$/;
const illegal = /^SIGILL illegal instruction, at 0$/;
/** Where processors, kernels or hypervisors differ: every end but a hang is right. */
const either = /^(SIGSEGV general protection|SIGILL illegal instruction), at 0$/;
const anyEnd =
  /^(SIGSEGV general protection, at 0|SIGILL illegal instruction, at 0|SIGTRAP .*|returned -?\d+)$/;

const instructions: readonly (readonly [string, (f: X64) => void, RegExp])[] = [
  ['hlt', (f) => f.hlt(), protection],
  ['cli', (f) => f.cli(), protection],
  ['sti', (f) => f.sti(), protection],
  ['in al, dx', (f) => f.in(al, dx), protection],
  ['out dx, al', (f) => f.out(dx, al), protection],
  ['in al, 0x80', (f) => f.db(0xe4, 0x80), protection],
  ['insb', (f) => f.insb(), protection],
  ['rep outsb', (f) => f.db(0xf3, 0x6e), /^(SIGSEGV general protection, at 0|returned -?\d+)$/],
  ['mov rax, cr0', (f) => f.mov(rax, cr0), protection],
  ['mov cr3, rax', (f) => f.mov(cr3, rax), protection],
  ['mov cr4, rax', (f) => f.mov(cr4, rax), protection],
  ['mov rax, cr8', (f) => f.mov(rax, cr8), protection],
  ['mov dr0, rax', (f) => f.mov(dr0, rax), protection],
  ['mov dr7, rax', (f) => f.mov(dr7, rax), protection],
  ['lgdt', (f) => f.lgdt(mem(rsp)), protection],
  ['lidt', (f) => f.lidt(mem(rsp)), protection],
  ['lldt ax', (f) => f.lldt(ax), protection],
  ['ltr ax', (f) => f.ltr(ax), protection],
  ['lmsw ax', (f) => f.lmsw(ax), protection],
  ['clts', (f) => f.clts(), protection],
  ['invd', (f) => f.invd(), protection],
  ['wbinvd', (f) => f.wbinvd(), protection],
  ['invlpg', (f) => f.invlpg(mem(rsp)), protection],
  ['invpcid', (f) => f.db(0x66, 0x0f, 0x38, 0x82, 0x04, 0x24), either],
  ['rdmsr', (f) => f.rdmsr(), protection],
  ['wrmsr', (f) => f.wrmsr(), protection],
  ['rdpmc', (f) => f.rdpmc(), anyEnd],
  ['swapgs', (f) => f.swapgs(), protection],
  ['sysretq', (f) => f.sysretq(), protection],
  ['sysexit', (f) => f.db(0x0f, 0x35), either],
  ['monitor', (f) => f.monitor(), either],
  ['mwait', (f) => f.mwait(), either],
  ['clac', (f) => f.clac(), illegal],
  ['stac', (f) => f.stac(), illegal],
  ['xsetbv', (f) => f.xsetbv(), protection],
  ['xsaves', (f) => f.xsaves(mem(rsp)), either],
  ['xrstors', (f) => f.xrstors(mem(rsp)), either],
  ['vmcall', (f) => f.vmcall(), anyEnd],
  ['vmmcall', (f) => f.vmmcall(), anyEnd],
  ['vmlaunch', (f) => f.db(0x0f, 0x01, 0xc2), either],
  ['vmrun', (f) => f.db(0x0f, 0x01, 0xd8), either],
  ['skinit', (f) => f.db(0x0f, 0x01, 0xde), either],
  ['encls', (f) => f.db(0x0f, 0x01, 0xcf), either],
  ['getsec', (f) => f.db(0x0f, 0x37), either],
  ['rsm', (f) => f.db(0x0f, 0xaa), illegal],
  ['pconfig', (f) => f.db(0x0f, 0x01, 0xc5), either],
  ['sgdt', (f) => f.sgdt(mem(rsp, -64)), anyEnd],
  ['sidt', (f) => f.sidt(mem(rsp, -64)), anyEnd],
  ['sldt', (f) => f.sldt(eax), anyEnd],
  ['str', (f) => f.str(eax), anyEnd],
  ['smsw', (f) => f.smsw(eax), anyEnd],
  ['verr', (f) => f.verr(ax), anyEnd],
  ['int 0x03, the long form', (f) => f.int(3), /^SIGTRAP breakpoint, at 0$/],
  ['int1', (f) => f.int1(), /^SIGTRAP .*at 0$/],
  ['int 0x04', (f) => f.int(4), /^SIGSEGV, at 2$/],
  ['int 0x0d', (f) => f.int(0x0d), protection],
  ['int 0x0e', (f) => f.int(0x0e), protection],
  ['int 0x20', (f) => f.int(0x20), protection],
  ['int 0xff', (f) => f.int(0xff), protection],
  ['ud0', (f) => f.db(0x0f, 0xff, 0xc0), illegal],
  ['ud1', (f) => f.db(0x0f, 0xb9, 0xc0), illegal],
  [
    '15 prefixes and no instruction',
    (f) => f.db(...Array.from({ length: 16 }, () => 0x66)),
    either,
  ],
  ['a lock that cannot be', (f) => f.db(0xf0, 0x01, 0xc0), illegal],
  ['into, which 64-bit mode lacks', (f) => f.db(0xce), illegal],
  [
    'a division of the smallest number',
    (f) => (f.mov(rax, 1n << 63n), f.cqo(), f.mov(rcx, -1), f.idiv(rcx)),
    /^SIGFPE integer divide error, at \d+$/,
  ],
  ['a misaligned access of SSE', (f) => f.db(0x0f, 0x28, 0x44, 0x24, 0x01), protection], // movaps xmm0, [rsp+1]
  ['cmpxchg16b, misaligned', (f) => f.db(0x48, 0x0f, 0xc7, 0x4c, 0x24, 0x01), protection],
  ['icebp after a write of ecx', (f) => (f.mov(ecx, 1), f.int1()), /^SIGTRAP .*at 5$/],
];

export const privileged: readonly Program[] = instructions.map(([name, write, want]): Program => {
  return {
    name,
    code: (f) => {
      write(f);
      f.ret();
    },
    want,
  };
});
