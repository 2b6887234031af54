/** A system call that was stopped: its name, the arguments it takes, and what they lead to where that is known. */
import type { MemoryMap } from './memoryMap.ts';
import { hexText } from './numberText.ts';

/** How many arguments the kernel's entry of each takes: include/linux/syscalls.h. Others are shown with all six. */
const argumentCounts: Readonly<Record<number, string>> = {
  0:
    'fork vfork getpid getppid gettid getuid geteuid getgid getegid pause sched_yield sync setsid ' +
    'getpgrp rt_sigreturn munlockall inotify_init vhangup',
  1:
    'close brk dup pipe alarm umask uname exit exit_group times chdir fchdir rmdir unlink chroot ' +
    'epoll_create time set_tid_address eventfd mlockall fsync fdatasync sysinfo unshare acct swapoff',
  2:
    'stat fstat lstat munmap access dup2 kill nanosleep creat mkdir rename link symlink chmod ' +
    'fchmod truncate ftruncate getrlimit setrlimit getrusage gettimeofday settimeofday listen ' +
    'clock_gettime clock_settime clock_getres tkill pipe2 memfd_create signalfd arch_prctl utime ' +
    'mlock munlock umount2 setpgid getitimer sigaltstack eventfd2 set_robust_list getcwd ' +
    'timerfd_create setns pidfd_open pkey_alloc',
  3:
    'read write open poll lseek mprotect readv writev execve ioctl fcntl getdents getdents64 ' +
    'socket connect accept bind chown fchown lchown readlink mincore madvise msync tgkill setitimer ' +
    'getrandom openat mkdirat unlinkat faccessat finit_module init_module seccomp bpf setresuid ' +
    'setresgid recvmsg sendmsg dup3 syslog close_range mlock2 sched_setaffinity sched_getaffinity',
  4:
    'rt_sigaction rt_sigprocmask wait4 pread64 pwrite64 ptrace sendfile socketpair newfstatat ' +
    'accept4 clock_nanosleep prlimit64 epoll_ctl renameat fchmodat rt_sigtimedwait reboot openat2 ' +
    'pkey_mprotect rseq',
  5: 'clone prctl mount mremap select setsockopt getsockopt execveat waitid renameat2 statx',
};

const countOf: ReadonlyMap<string, number> = new Map(
  Object.entries(argumentCounts).flatMap(([count, names]) =>
    names.split(' ').map((name) => [name, Number(count)] as const),
  ),
);

/** Characters of a string in memory that are shown. */
const longestString = 40;

/** `execve("/bin/sh", 0x0, 0x0)`: an argument that leads to text of the call's own is shown as that text. */
export function systemCallText(name: string, values: readonly bigint[], memory: MemoryMap): string {
  const shown = values
    .slice(0, countOf.get(name) ?? values.length)
    .map((value) => stringAt(memory.bytesAt(value)) ?? hexText(value));
  return `${name}(${shown.join(', ')})`;
}

/** Printable ASCII up to a NUL, quoted; undefined where there is none. */
function stringAt(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0);
  const text = String.fromCharCode(...bytes.subarray(0, Math.min(end < 0 ? 0 : end, 4096)));
  if (!/^[\x20-\x7e]+$/.test(text)) return undefined;
  return JSON.stringify(text.length > longestString ? `${text.slice(0, longestString)}…` : text);
}
