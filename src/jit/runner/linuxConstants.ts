/** Linux' numbers that the runner's machine code holds, the same on every processor. */

// include/uapi/linux/prctl.h
export const PR_SET_PDEATHSIG = 1;
export const PR_SET_DUMPABLE = 4;
export const PR_SET_NO_NEW_PRIVS = 38;
export const PR_SET_MDWE = 65;
export const PR_MDWE_REFUSE_EXEC_GAIN = 1;
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
/** include/uapi/linux/rseq.h */
export const RSEQ_FLAG_UNREGISTER = 1;
export const rseqBytes = 0x20;
/** include/uapi/linux/seccomp.h */
export const SECCOMP_SET_MODE_FILTER = 1;
/** Signals whose handler records a fault: ILL, TRAP, BUS, FPE, SEGV, ALRM, XCPU, SYS. */
export const faultSignals: readonly number[] = [4, 5, 7, 8, 11, 14, 24, 31];
