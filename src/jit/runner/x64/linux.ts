/** Linux' numbers on x86-64 that the runner's machine code holds. */

/** System calls: arch/x86/entry/syscalls/syscall_64.tbl. */
export const call = {
  read: 0,
  write: 1,
  munmap: 11,
  rt_sigaction: 13,
  rt_sigprocmask: 14,
  madvise: 28,
  dup2: 33,
  setitimer: 38,
  getpid: 39,
  fork: 57,
  wait4: 61,
  kill: 62,
  getppid: 110,
  setsid: 112,
  setgroups: 116,
  setresuid: 117,
  setresgid: 119,
  capset: 126,
  rt_sigtimedwait: 128,
  sigaltstack: 131,
  prctl: 157,
  arch_prctl: 158,
  setrlimit: 160,
  exit_group: 231,
  seccomp: 317,
  prlimit64: 302,
  rseq: 334,
  clone: 56,
  close_range: 436,
} as const;

export * from '../linuxConstants.ts';

// arch/x86/include/uapi/asm/prctl.h
export const ARCH_SET_GS = 0x1001;
export const ARCH_SET_FS = 0x1002;
/** What glibc registers its rseq area with on x86. */
export const rseqSignature = 0x53053053;
/** The end of a process' address space with four levels of page tables, less its last page. */
export const addressSpaceEnd = 0x7fff_ffff_f000n;

/** siginfo_t and struct ucontext, arch/x86/include/uapi/asm/sigcontext.h. */
export const ucontext = { registers: 40, registerWords: 23, imageAddress: 224 } as const;
