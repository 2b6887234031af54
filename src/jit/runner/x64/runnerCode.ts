/**
 * The runner's machine code on x86-64, in two pages.
 *
 * The first is the runner: it leaves the host's address space, locks itself in, and then forks a grandchild for every byte
 * that comes through the request pipe. The second is what a grandchild needs while its guest runs: it enters the guest,
 * stores what the guest left in the registers, and is the handler of its faults. The first is unmapped in a
 * grandchild before the guest runs, so that every system call of ours but munmap and exit_group is gone.
 *
 * Nothing here believes memory that a guest can write, nor a register or a stack that comes back from it.
 */
import type { Label, Memory } from '../../../asm/x64.ts';
import {
  byte,
  cl,
  dword,
  eax,
  ebp,
  ebx,
  ecx,
  edi,
  edx,
  esi,
  mem,
  qword,
  word,
  r10,
  r10d,
  r12,
  r12d,
  r13,
  r13d,
  r14,
  r14d,
  r15,
  r8,
  r8d,
  r9,
  r11,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
  fs,
  inSegment,
  x64,
} from '../../../asm/x64.ts';
import type { Step } from '../layout.ts';
import type { RunnerCode } from '../port.ts';
import {
  answer,
  arenaBytes,
  ends,
  exitCodes,
  failure,
  parts,
  readyFacts,
  readyWord,
  recordKinds,
  request,
  result,
  steps,
} from '../layout.ts';
import * as linux from './linux.ts';

/** The pipes' places in the runner, out of reach of what reads standard input or writes standard output. */
const requestDescriptor = 3;
const answerDescriptor = 4;

/** int3, which fills what is no code. */
const trap = 0xcc;

/** General registers by the numbers that instructions give them (Intel SDM volume 2, table 3-1). */
const numbered = [
  rax,
  rcx,
  rdx,
  rbx,
  rsp,
  rbp,
  rsi,
  rdi,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
] as const;
const rspNumber = 4;

/** x87, SSE, AVX and the three parts of AVX-512, as XCR0 numbers them (Intel SDM volume 1, section 13.1). */
const imageComponents = 0xe7;

/** Fields of the runner's own page, which no grandchild has. */
const state = { answer: 0, failure: 0x40, request: 0x80, stackTop: parts.state.size } as const;

/** Emits the code for an arena at this address. */
export function runnerCode(base: bigint): RunnerCode {
  const f = x64({ base });
  const requests = f.label('requests');
  const results = f.label('results');
  const privateState = f.label('state');
  const child = f.label('child');
  const sites: { readonly label: Label; readonly number: number }[] = [];

  const asked = (offset: number): Memory<0> => mem(requests, offset);
  const askedWord = (offset: number): Memory<64> => qword(requests, offset);

  /** A system call before the filter is in force. */
  const call = (number: number): void => {
    f.mov(eax, number);
    f.syscall();
  };
  /** A system call that the filter lets pass here. */
  const allowed = (number: number): void => {
    call(number);
    const label = f.label();
    f.bind(label);
    sites.push({ label, number });
  };
  const failed = f.label('failed');
  /** The result must not be an error; if it is, the host is told which step it was. */
  const must = (step: Step): void => {
    f.mov(r14d, steps[step]);
    f.test(rax, rax);
    f.js(failed);
  };

  // ── The host calls this: fork, and return the runner's process id.
  const start = f.label('start');
  const inRunner = f.label('runner');
  f.bind(start);
  f.mov(rdi, askedWord(request.cloneFlags));
  f.xor(esi, esi); // The stack stays the same.
  f.xor(edx, edx);
  f.xor(r10d, r10d);
  f.xor(r8d, r8d);
  call(linux.call.clone);
  f.test(eax, eax);
  f.jz(inRunner);
  f.ret();

  // ── In the runner: first leave what belongs to the host.
  f.bind(inRunner);
  f.lea(rsp, mem(privateState, state.stackTop));
  // The kernel writes to the thread's rseq area, which is about to be unmapped. EINVAL if there is none.
  f.mov(rdi, inSegment(fs, qword(undefined, 0)));
  f.add(rdi, askedWord(request.rseqOffset));
  f.mov(esi, linux.rseqBytes);
  f.mov(edx, linux.RSEQ_FLAG_UNREGISTER);
  f.mov(r10d, linux.rseqSignature);
  call(linux.call.rseq);
  call(linux.call.setsid);
  must('session');

  // Every signal to its default: the host's handlers are about to be unmapped. KILL and STOP refuse.
  const nextSignal = f.label('nextSignal');
  f.mov(ebx, 1);
  f.bind(nextSignal);
  f.mov(edi, ebx);
  f.lea(rsi, asked(request.defaultAction));
  f.xor(edx, edx);
  f.mov(r10d, linux.signalSetBytes);
  call(linux.call.rt_sigaction);
  f.inc(ebx);
  f.cmp(ebx, linux.signals);
  f.jbe(nextSignal);

  // SIGCHLD is waited for, never delivered.
  f.mov(edi, linux.SIG_SETMASK);
  f.lea(rsi, asked(request.childSignal));
  f.xor(edx, edx);
  f.mov(r10d, linux.signalSetBytes);
  call(linux.call.rt_sigprocmask);
  must('blockSignals');

  // Descriptors: the pipes to 3 and 4, the output pipe if any to 1 and 2, nothing else.
  const descriptor = (from: Memory<32>, to: number, step: Step): void => {
    f.mov(edi, from);
    f.mov(esi, to);
    call(linux.call.dup2);
    must(step);
  };
  descriptor(dword(requests, request.requestPipe), requestDescriptor, 'requestDescriptor');
  descriptor(dword(requests, request.answerPipe), answerDescriptor, 'answerDescriptor');
  const noOutput = f.label('noOutput');
  const outputSet = f.label('outputSet');
  f.cmp(dword(requests, request.outputPipe), 0);
  f.jl(noOutput);
  descriptor(dword(requests, request.outputPipe), 1, 'outputDescriptors');
  descriptor(dword(requests, request.outputPipe), 2, 'outputDescriptors');
  f.xor(esi, esi); // Standard input alone is closed.
  f.jmp(outputSet);
  f.bind(noOutput);
  f.mov(esi, 2);
  f.bind(outputSet);
  f.xor(edi, edi);
  f.xor(edx, edx);
  call(linux.call.close_range);
  must('closeDescriptors');
  f.mov(edi, answerDescriptor + 1);
  f.mov(esi, -1);
  f.xor(edx, edx);
  call(linux.call.close_range);
  must('closeDescriptors');

  // Memory: everything below the arena, everything above it.
  f.xor(edi, edi);
  f.mov(rsi, base);
  call(linux.call.munmap);
  must('unmapBelow');
  f.mov(rdi, base + BigInt(arenaBytes));
  f.mov(rsi, linux.addressSpaceEnd - base - BigInt(arenaBytes));
  call(linux.call.munmap);
  must('unmapAbove');
  f.lea(rdi, mem(privateState));
  f.mov(esi, parts.state.size);
  f.mov(edx, linux.MADV_DONTFORK);
  call(linux.call.madvise);
  must('hideState');

  // Registers that nobody passes but everybody inherits.
  for (const base of [linux.ARCH_SET_FS, linux.ARCH_SET_GS]) {
    f.mov(edi, base);
    f.xor(esi, esi);
    call(linux.call.arch_prctl);
    must('segmentBases');
  }
  f.mov(eax, -1);
  f.mov(edx, -1);
  f.xrstor64(asked(request.initialImage));

  // Faults of a grandchild: fork inherits handlers and alternate stack.
  f.lea(rdi, asked(request.alternateStack));
  f.xor(esi, esi);
  call(linux.call.sigaltstack);
  must('alternateStack');
  const nextFault = f.label('nextFault');
  const faultsSet = f.label('faultsSet');
  f.mov(
    ebx,
    linux.faultSignals.reduce((set, signal) => (set | (1 << signal)) >>> 0, 0),
  );
  f.bind(nextFault);
  f.bsf(edi, ebx);
  f.jz(faultsSet);
  f.btr(ebx, edi);
  f.lea(rsi, asked(request.faultAction));
  f.xor(edx, edx);
  f.mov(r10d, linux.signalSetBytes);
  call(linux.call.rt_sigaction);
  must('faultHandler');
  f.jmp(nextFault);
  f.bind(faultsSet);

  // Who it is: nobody, with nothing, who will never be more.
  const sameIdentity = f.label('sameIdentity');
  f.mov(ebp, dword(requests, request.identity));
  f.cmp(ebp, -1);
  f.je(sameIdentity);
  f.xor(edi, edi);
  f.xor(esi, esi);
  call(linux.call.setgroups);
  must('groups');
  for (const [number, step] of [
    [linux.call.setresgid, 'gid'],
    [linux.call.setresuid, 'uid'],
  ] as const) {
    f.mov(edi, ebp);
    f.mov(esi, ebp);
    f.mov(edx, ebp);
    call(number);
    must(step);
  }
  f.bind(sameIdentity);
  const capabilitiesKept = f.label('capabilitiesKept');
  f.cmp(dword(requests, request.dropCapabilities), 0);
  f.je(capabilitiesKept);
  f.lea(rdi, asked(request.capabilities));
  f.lea(rsi, asked(request.capabilities + 8));
  call(linux.call.capset);
  must('capabilities');
  f.bind(capabilitiesKept);

  const control = (option: number, value: number): void => {
    f.mov(edi, option);
    f.mov(esi, value);
    f.xor(edx, edx);
    f.xor(r10d, r10d);
    f.xor(r8d, r8d);
    call(linux.call.prctl);
  };
  const limit = (resource: number, field: number, step: Step): void => {
    f.mov(edi, resource);
    f.lea(rsi, asked(field));
    call(linux.call.setrlimit);
    must(step);
  };
  control(linux.PR_SET_DUMPABLE, 0);
  must('dumpable');
  const unlimited = f.label('unlimited');
  f.cmp(dword(requests, request.restricted), 0);
  f.je(unlimited);
  limit(linux.RLIMIT_CORE, request.noDump, 'coreLimit');
  limit(linux.RLIMIT_FSIZE, request.noLimit, 'fileLimit');
  limit(linux.RLIMIT_NOFILE, request.noLimit, 'descriptorLimit');
  control(linux.PR_SET_MDWE, linux.PR_MDWE_REFUSE_EXEC_GAIN); // Linux 6.3; best effort.
  f.xor(ecx, ecx);
  f.test(eax, eax);
  f.setz(cl);
  f.imul(ecx, ecx, readyFacts.mdwe);
  f.mov(dword(privateState, state.answer + answer.status), ecx);
  f.bind(unlimited);
  // After the change of identity, which clears it.
  control(linux.PR_SET_PDEATHSIG, linux.SIGKILL);
  must('parentDeath');
  call(linux.call.getpid);
  f.mov(r13d, eax); // What a grandchild's parent is called.
  const ready = f.label('ready');
  f.cmp(dword(requests, request.filterProgram), 0);
  f.je(ready);
  control(linux.PR_SET_NO_NEW_PRIVS, 1);
  must('noNewPrivileges');
  f.mov(edi, linux.SECCOMP_SET_MODE_FILTER);
  f.xor(esi, esi);
  f.lea(rdx, asked(request.filterProgram));
  call(linux.call.seccomp);
  must('filter');

  // ── Serve: rbx the state, r12 the grandchild, r13 this process' id, ebp whether it was killed.
  f.bind(ready);
  f.lea(rbx, mem(privateState));
  f.mov(dword(rbx, state.answer + answer.pid), readyWord);
  const reply = f.label('reply');
  const serve = f.label('serve');
  const inChild = f.label('inChild');
  const notForked = f.label('notForked');
  f.bind(reply);
  f.mov(edi, answerDescriptor);
  f.lea(rsi, mem(rbx, state.answer));
  f.mov(edx, answer.bytes);
  allowed(linux.call.write);

  f.bind(serve);
  f.mov(edi, requestDescriptor);
  f.lea(rsi, mem(rbx, state.request));
  f.mov(edx, 1);
  allowed(linux.call.read);
  const goAway = f.label('goAway');
  f.cmp(rax, 1);
  f.jne(goAway);
  allowed(linux.call.fork);
  f.test(eax, eax);
  f.jz(inChild);
  f.js(notForked);
  f.mov(r12d, eax);
  f.xor(ebp, ebp);

  // Wait for the grandchild, no longer than the watchdog says: its own timer is the guest's to mask.
  const wait = f.label('wait');
  const reap = f.label('reap');
  f.bind(wait);
  f.lea(rdi, asked(request.childSignal));
  f.xor(esi, esi);
  f.lea(rdx, asked(request.watchdog));
  f.mov(r10d, linux.signalSetBytes);
  allowed(linux.call.rt_sigtimedwait);
  f.cmp(eax, linux.SIGCHLD);
  f.je(reap);
  f.cmp(eax, -linux.EINTR);
  f.je(wait);
  f.mov(ebp, ends.killed);
  f.mov(edi, r12d);
  f.mov(esi, linux.SIGKILL);
  allowed(linux.call.kill);
  f.bind(reap);
  f.mov(edi, r12d);
  f.lea(rsi, mem(rbx, state.answer + answer.status));
  f.mov(edx, linux.WNOHANG);
  f.xor(edx, ebp); // After the kill, wait for as long as it takes.
  f.xor(r10d, r10d);
  allowed(linux.call.wait4);
  f.test(eax, eax);
  f.jz(wait); // A SIGCHLD without an end: somebody has stopped it, or it is one from before.
  f.js(notForked);
  f.mov(dword(rbx, state.answer + answer.pid), r12d);
  f.mov(dword(rbx, state.answer + answer.end), ebp);
  f.test(ebp, ebp);
  f.jz(reply);
  // The SIGCHLD of the one that was killed is still pending, and would only wake the next wait in vain.
  const drain = f.label('drain');
  f.bind(drain);
  f.lea(rdi, asked(request.childSignal));
  f.xor(esi, esi);
  f.lea(rdx, asked(request.noLimit)); // No time at all.
  f.mov(r10d, linux.signalSetBytes);
  allowed(linux.call.rt_sigtimedwait);
  f.test(eax, eax);
  f.jg(drain);
  f.jmp(reply);

  f.bind(notForked);
  f.mov(dword(rbx, state.answer + answer.pid), eax);
  f.mov(dword(rbx, state.answer + answer.end), ends.notStarted);
  f.jmp(reply);

  // ── Ends of the runner: r14 is the step that failed, eax minus the error number.
  f.bind(failed);
  f.mov(dword(privateState, state.failure + failure.step), r14d);
  f.mov(dword(privateState, state.failure + failure.error), eax);
  f.mov(edi, answerDescriptor);
  f.mov(eax, dword(requests, request.answerPipe));
  f.cmp(r14d, steps.closeDescriptors);
  f.cmovb(edi, eax); // The pipe is not yet where it belongs.
  f.lea(rsi, mem(privateState, state.failure));
  f.mov(edx, failure.bytes);
  call(linux.call.write);
  const leave = f.label('leave');
  f.jmp(leave);
  f.bind(goAway);
  f.xor(r14d, r14d);
  f.bind(leave);
  f.mov(edi, r14d);
  allowed(linux.call.exit_group);
  f.ud2();

  // ── The grandchild before its guest. The state page is not here any more.
  const childFailed = f.label('childFailed');
  const childMust = (step: Step): void => {
    f.mov(r14d, steps[step]);
    f.test(eax, eax);
    f.jnz(childFailed);
  };
  f.bind(inChild);
  f.mov(edi, linux.PR_SET_PDEATHSIG);
  f.mov(esi, linux.SIGKILL);
  allowed(linux.call.prctl);
  childMust('childParentDeath');
  allowed(linux.call.getppid); // It may have died before.
  f.sub(eax, r13d);
  childMust('childParent');
  // The runner's pipes are none of its business: unfiltered it could answer for the runner, and for calls after its own.
  f.mov(edi, requestDescriptor);
  f.mov(esi, answerDescriptor);
  f.xor(edx, edx);
  allowed(linux.call.close_range);
  childMust('childDescriptors');
  f.xor(edi, edi);
  f.mov(esi, linux.RLIMIT_CPU);
  f.lea(rdx, asked(request.processorTime));
  f.xor(r10d, r10d);
  allowed(linux.call.prlimit64);
  childMust('childProcessorTime');
  f.xor(edi, edi);
  f.lea(rsi, asked(request.timer));
  f.xor(edx, edx);
  allowed(linux.call.setitimer);
  childMust('childTimer');
  f.jmp(child);
  f.bind(childFailed);
  f.mov(edi, r14d);
  allowed(linux.call.exit_group);
  f.ud2();

  // ── The child code: the only one of ours that is there while a guest runs.
  f.org(parts.childCode.offset, trap);
  f.bind(child);
  const nextExtent = f.label('nextExtent');
  const unmapped = f.label('unmapped');
  f.lea(rbx, asked(request.unmapped));
  f.bind(nextExtent);
  f.mov(rsi, qword(rbx, 8));
  f.test(rsi, rsi);
  f.jz(unmapped);
  f.mov(rdi, qword(rbx));
  allowed(linux.call.munmap);
  f.mov(edi, steps.childUnmap);
  f.test(eax, eax);
  const leaveChild = f.label('leaveChild');
  f.jnz(leaveChild);
  f.add(rbx, 16);
  f.jmp(nextExtent);
  f.bind(unmapped);

  // Stack arguments, vector registers, time, flags, registers; then the guest.
  f.lea(rsi, asked(request.stack));
  f.mov(rdi, askedWord(request.registers + 8 * rspNumber));
  f.mov(rcx, askedWord(request.stackWords));
  f.rep.movsq();
  f.mov(eax, -1);
  f.mov(edx, -1);
  f.xrstor64(asked(request.image));
  f.mov(rsp, askedWord(request.registers + 8 * rspNumber));
  // The guest's first page and the record are there before the time is taken.
  f.mov(rax, askedWord(request.entry));
  f.mov(cl, byte(rax));
  f.mov(qword(results, result.started), rax);
  f.rdtsc();
  f.shl(rdx, 32);
  f.or(rax, rdx);
  f.mov(qword(results, result.started), rax);
  f.push(askedWord(request.flags));
  f.popfq();
  for (const [number, register] of numbered.entries()) {
    if (number !== rspNumber) f.mov(register, askedWord(request.registers + 8 * number));
  }
  f.call(askedWord(request.entry));

  // What is stored here lies at places known beforehand, and the flags need no stack of the guest's.
  for (const [number, register] of numbered.entries()) {
    f.mov(qword(results, result.registers + 8 * number), register);
  }
  f.lea(rsp, mem(results, result.flags + 8));
  f.pushfq();
  f.cld();
  f.rdtsc();
  f.shl(rdx, 32);
  f.or(rax, rdx);
  f.mov(qword(results, result.ended), rax);
  f.stmxcsr(dword(results, result.vectorControl));
  f.fnstcw(word(results, result.x87Control));
  f.mov(eax, imageComponents);
  f.xor(edx, edx);
  f.xsave64(mem(results, result.image));
  const nextCopy = f.label('nextCopy');
  const copied = f.label('copied');
  f.lea(rbx, asked(request.copied));
  f.bind(nextCopy);
  f.mov(rcx, qword(rbx, 16));
  f.test(rcx, rcx);
  f.jz(copied);
  f.mov(rsi, qword(rbx));
  f.mov(rdi, qword(rbx, 8));
  f.rep.movsb();
  f.add(rbx, 24);
  f.jmp(nextCopy);
  f.bind(copied);
  f.mov(dword(results, result.kind), recordKinds.returned);
  f.mov(edi, exitCodes.returned);
  f.jmp(leaveChild);

  // ── The fault handler: (number, siginfo_t *, struct ucontext *), on the alternate stack.
  const faultHandler = f.label('faultHandler');
  f.bind(faultHandler);
  f.cld();
  f.mov(r8, rdx);
  f.lea(rdi, mem(results, result.signal));
  f.mov(ecx, 48 / 8);
  f.rep.movsq();
  f.lea(rdi, mem(results, result.context));
  f.lea(rsi, mem(r8, linux.ucontext.registers));
  f.mov(ecx, linux.ucontext.registerWords);
  f.rep.movsq();
  f.lea(rdi, mem(results, result.image));
  f.mov(rsi, qword(r8, linux.ucontext.imageAddress));
  f.mov(rcx, askedWord(request.imageWords));
  f.rep.movsq();
  f.mov(dword(results, result.kind), recordKinds.fault);
  f.mov(edi, exitCodes.fault);
  f.bind(leaveChild);
  allowed(linux.call.exit_group);
  f.ud2();

  // The pages that the code speaks of lie at their places.
  f.org(parts.childCode.offset + parts.childCode.size, trap);
  const codeEnd = parts.childCode.offset + parts.childCode.size;
  f.org(parts.requests.offset, 0);
  f.bind(requests);
  f.org(parts.results.offset, 0);
  f.bind(results);
  f.org(parts.state.offset, 0);
  f.bind(privateState);

  return {
    bytes: f.bytes().slice(0, codeEnd),
    start: f.offsetOf(start),
    faultHandler: f.offsetOf(faultHandler),
    sites: sites.map(({ label, number }) => ({ after: f.offsetOf(label), number })),
  };
}
