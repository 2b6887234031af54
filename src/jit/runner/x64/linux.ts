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

// include/uapi/linux/prctl.h
export const PR_SET_PDEATHSIG = 1;
export const PR_SET_DUMPABLE = 4;
export const PR_SET_NO_NEW_PRIVS = 38;
export const PR_SET_MDWE = 65;
export const PR_MDWE_REFUSE_EXEC_GAIN = 1;
// arch/x86/include/uapi/asm/prctl.h
export const ARCH_SET_GS = 0x1001;
export const ARCH_SET_FS = 0x1002;
// include/uapi/asm-generic/mman-common.h
export const MADV_DONTFORK = 10;
// include/uapi/asm-generic/resource.h
export const RLIMIT_CPU = 0;
export const RLIMIT_FSIZE = 1;
export const RLIMIT_CORE = 4;
export const RLIMIT_NOFILE = 7;
// include/uapi/asm-generic/signal.h
export const SIG_SETMASK = 2;
export const SIGKILL = 9;
export const SIGCHLD = 17;
/** Bytes in the kernel's signal set, and the number of signals. */
export const signalSetBytes = 8;
export const signals = 64;
/** include/uapi/asm-generic/errno-base.h */
export const EINTR = 4;
/** include/uapi/linux/wait.h */
export const WNOHANG = 1;
/** include/uapi/linux/seccomp.h */
export const SECCOMP_SET_MODE_FILTER = 1;
/** include/uapi/linux/rseq.h, and the signature that glibc registers on x86. */
export const RSEQ_FLAG_UNREGISTER = 1;
export const rseqBytes = 0x20;
export const rseqSignature = 0x53053053;
/** The end of a process' address space with four levels of page tables, less its last page. */
export const addressSpaceEnd = 0x7fff_ffff_f000n;

/** Signals whose handler records a fault: ILL, TRAP, BUS, FPE, SEGV, ALRM, XCPU, SYS. */
export const faultSignals: readonly number[] = [4, 5, 7, 8, 11, 14, 24, 31];

/** siginfo_t and struct ucontext, arch/x86/include/uapi/asm/sigcontext.h. */
export const ucontext = { registers: 40, registerWords: 23, imageAddress: 224 } as const;
