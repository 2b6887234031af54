/**
 * The memory map of the isolated runner: the arena, what each of its parts is for, and the fields of the two pages through
 * which host and runner speak. Offsets are in bytes from the arena's start; everything else of the address space is empty.
 */

/** What a part of the arena lets runner and grandchild do. No part is ever writable and executable. */
export type Rights = 'read-execute' | 'read' | 'read-write';

/** How a part is backed. */
export type Backing =
  /** The memory file, shared: the host sees it through its own view. */
  | 'shared'
  /** The memory file, copy on write: starts with what the host wrote, and what a guest writes vanishes. */
  | 'private'
  /** No file: zeroes, and what a guest writes vanishes. */
  | 'anonymous';

export interface Part {
  readonly offset: number;
  readonly size: number;
  readonly rights: Rights;
  readonly backing: Backing;
}

export const pageSize = 4096;
const KiB = 1024;
const MiB = 1024 * KiB;

function part(offset: number, size: number, rights: Rights, backing: Backing): Part {
  return { offset, size, rights, backing };
}

/** The stack of a guest, in bytes. */
export const stackBytes = MiB;
/** Bytes of the guest's code with at least a page of traps after it. */
const guestBytes = MiB + 16 * pageSize;
/** Room for the buffers of one call, each with the rest of its first page and a guard page. */
const bufferBytes = 5 * MiB;

/**
 * The parts in ascending order, with unmapped gaps between them as guards.
 *
 * `runnerCode` is unmapped in a grandchild before its guest runs, `state` is not inherited by it at all. `outgoing` and
 * `results` are the only memory that outlives a grandchild: the host zeroes what of them the next one can see.
 */
export const parts = {
  runnerCode: part(0x0, pageSize, 'read-execute', 'shared'),
  // 0x1000 is kept free for the code of a step recorder.
  childCode: part(0x2000, pageSize, 'read-execute', 'shared'),
  requests: part(0x3000, 4 * pageSize, 'read', 'shared'),
  results: part(0x8000, 2 * pageSize, 'read-write', 'shared'),
  state: part(0xb000, pageSize, 'read-write', 'anonymous'),
  guest: part(0x10_0000, guestBytes, 'read-execute', 'shared'),
  alternateStack: part(0x30_0000, 64 * KiB, 'read-write', 'anonymous'),
  stack: part(0x40_0000, stackBytes, 'read-write', 'anonymous'),
  buffers: part(0x80_0000, bufferBytes, 'read-write', 'private'),
  outgoing: part(0x100_0000, bufferBytes, 'read-write', 'shared'),
} as const satisfies Record<string, Part>;

/** Bytes from the arena's start to its end. */
export const arenaBytes = 32 * MiB;

/** The top of a guest's stack, 16-aligned, as an offset in the arena. */
export const stackTop = parts.stack.offset + stackBytes;

/** Where a field stands in its page, in bytes. */
type Fields<Name extends string> = Readonly<Record<Name, number>>;

/** Lays fields out one after another, each aligned to 8 bytes, or as `[size, align]` says. */
function layOut<Name extends string>(
  sizes: Readonly<Record<Name, number | readonly [size: number, align: number]>>,
  room: number,
): Fields<Name> {
  const offsets: Partial<Record<string, number>> = {};
  let at = 0;
  for (const [name, given] of Object.entries<number | readonly [number, number]>(sizes)) {
    const [size, align] = typeof given === 'number' ? [given, 8] : given;
    at = Math.ceil(at / align) * align;
    offsets[name] = at;
    at += size;
  }
  if (at > room) throw new Error(`${at} bytes of fields do not fit into ${room}`);
  return offsets as Fields<Name>;
}

/** Extents that one call can have unmapped: the runner's code, the rest of `outgoing`, a guard after each buffer. */
export const maxUnmapped = 80;
/** Mappings of the host that can be unmapped one by one. */
export const maxHostRanges = 400;
/** Buffers that one call can have copied into `outgoing`. */
export const maxCopied = 64;
/** Stack arguments of one call, in bytes. */
export const maxStackBytes = 64 * 16 + 32;
/** Instructions of the system call filter. */
export const maxFilterInstructions = 256;
/** The legacy area and the header of an XSAVE image, with AVX's part (Intel SDM volume 1, section 13.4). */
export const entryImageBytes = 576 + 256;
/** An XSAVE image with AVX-512's parts, in bytes: the end of Hi16_ZMM in the standard format. */
export const maxImageBytes = 2688;

/**
 * Fields of `requests`: first those of every call, then those read once at the start. Written by the host through its own
 * view, read-only to everybody else.
 */
export const request = layOut(
  {
    /** Address of the first instruction to run. */
    entry: 8,
    /** General registers in the order of their numbers; the stack pointer is the lowest stack argument's address. */
    registers: 32 * 8,
    /** The flags register (x86-64), or the FP control register (AArch64). */
    flags: 8,
    stackWords: 8,
    stack: maxStackBytes,
    /** {address, bytes}, ended by zero bytes: unmapped in the grandchild before the guest runs. */
    unmapped: maxUnmapped * 16,
    /** {from, to, bytes}, ended by zero bytes: copied after the guest has returned. */
    copied: (maxCopied + 1) * 24,
    /** struct itimerval: interval and value. */
    timer: 32,
    /** struct timespec: how long the runner waits for the grandchild. */
    watchdog: 16,
    /** struct rlimit: processor time in seconds. */
    processorTime: 16,
    /** Bytes of a signal frame's vector registers that are worth keeping, in words of 8. */
    imageWords: 8,
    /** Vector registers: an XSAVE image (x86-64), or the registers themselves (AArch64). */
    image: [entryImageBytes, 64],

    /** The runner's ends of the pipes, as descriptors of the host, and the output pipe or -1. */
    requestPipe: 8,
    answerPipe: 8,
    outputPipe: 8,
    /** Flags of clone for the runner itself. */
    cloneFlags: 8,
    /** Address of the thread's struct rseq relative to the thread pointer. */
    rseqOffset: 8,
    /** {address, bytes} of the host's mappings, ended by zero bytes, where they are unmapped one by one. */
    hostRanges: (maxHostRanges + 1) * 16,
    /** uid and gid to become, or -1. */
    identity: 8,
    /** 1 if the runner is to give up its capabilities, in the user namespace that it was started in. */
    dropCapabilities: 8,
    /** 1 if limits on files, dumps and mappings are to be set. */
    restricted: 8,
    /** struct sock_fprog: number of instructions and address; no instructions, no filter. */
    filterProgram: 16,
    /** stack_t of the alternate stack. */
    alternateStack: 24,
    /** The kernel's struct sigaction of the fault handler. */
    faultAction: 32,
    /** The same for the default disposition: zeroes. */
    defaultAction: 32,
    /** The signal set {SIGCHLD}. */
    childSignal: 8,
    /** struct rlimit pairs. */
    noLimit: 16,
    noDump: 16,
    /** struct __user_cap_header_struct and two empty __user_cap_data_struct. */
    capabilities: 32,
    filter: maxFilterInstructions * 8,
    /** What a register of the vector unit holds in a fresh process. */
    initialImage: [entryImageBytes, 64],
  },
  parts.requests.size,
);

/** Fields of `results`, zeroed before every call and written by the grandchild: nothing in them is ever trusted. */
export const result = layOut(
  {
    /** One of {@link recordKinds}. */
    kind: 8,
    /** Time stamps at the guest's start and end, in ticks. */
    started: 8,
    ended: 8,
    /** General registers after the return, in the order of their numbers. */
    registers: 32 * 8,
    flags: 8,
    /** MXCSR and the x87 control word, each in 8 bytes (x86-64); FPCR and FPSR (AArch64). */
    vectorControl: 8,
    x87Control: 8,
    /** siginfo_t's first 48 bytes: number, errno, code, then address or the system call. */
    signal: 48,
    /** struct sigcontext's general registers as the kernel saved them. */
    context: 40 * 8,
    /** Vector registers after the return or at the fault. */
    image: [maxImageBytes, 64],
  },
  parts.results.size,
);

/** What the grandchild says of its end; 0 is a grandchild that said nothing. */
export const recordKinds = { returned: 1, fault: 2 } as const;

/** The runner's answer to a request, and its word at the start: two pairs of 32-bit integers. */
export const answer = {
  bytes: 16,
  /** pid of the grandchild, or minus the error number; at the start {@link readyWord}. */
  pid: 0,
  /** The wait status; at the start the bits of {@link readyFacts}. */
  status: 4,
  /** One of {@link ends}. */
  end: 8,
} as const;

/** How a grandchild came to its end, as the runner saw it. */
export const ends = { byItself: 0, killed: 1, notStarted: 2 } as const;

/** "redy" in a little-endian word. */
export const readyWord = 0x79646572;
/** Bits of the runner's word at the start: what was best effort and worked. */
export const readyFacts = { mdwe: 1 } as const;

/** A start that failed sends 8 bytes: the step that failed, and minus its error number. */
export const failure = { bytes: 8, step: 0, error: 4 } as const;

/**
 * The steps of a runner's start, in their order, and of a grandchild's that can fail, with their exit codes. Those before
 * `closeDescriptors` report to the pipe under the host's number.
 */
export const steps = {
  session: 1,
  blockSignals: 2,
  requestDescriptor: 3,
  answerDescriptor: 4,
  outputDescriptors: 5,
  closeDescriptors: 6,
  unmapBelow: 7,
  unmapAbove: 8,
  hideState: 9,
  segmentBases: 10,
  alternateStack: 11,
  faultHandler: 12,
  groups: 13,
  gid: 14,
  uid: 15,
  capabilities: 16,
  dumpable: 17,
  coreLimit: 18,
  fileLimit: 19,
  descriptorLimit: 20,
  parentDeath: 21,
  noNewPrivileges: 22,
  filter: 23,
  childParentDeath: 33,
  childParent: 34,
  childProcessorTime: 35,
  childTimer: 36,
  childUnmap: 37,
  childDescriptors: 38,
} as const;

export type Step = keyof typeof steps;

/** Exit codes of a grandchild that has left a record. */
export const exitCodes = { returned: 0x50, fault: 0x51 } as const;
