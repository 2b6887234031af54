/**
 * The runner's machine code on AArch64, in two pages like that of x86-64 (`../x64/runnerCode.ts`, which says why each step is
 * there). Differences: the host's memory is unmapped by a list of its mappings, for QEMU does not bear having everything unmapped at
 * once; and a grandchild unmaps the runner's own page, which QEMU lets it inherit.
 */
import {
  aarch64,
  at,
  sp,
  w0,
  w1,
  w20,
  w22,
  w23,
  x0,
  x1,
  x19,
  x2,
  x20,
  x21,
  x22,
  x23,
  x3,
  x4,
  x8,
  xzr,
} from '../../../asm/aarch64.ts';
import type { Label } from '../../../asm/aarch64.ts';
import type { Step } from '../layout.ts';
import { answer, ends, failure, parts, readyFacts, readyWord, request, steps } from '../layout.ts';
import {
  EINTR,
  MADV_DONTFORK,
  PR_SET_DUMPABLE,
  PR_SET_MDWE,
  PR_SET_NO_NEW_PRIVS,
  PR_SET_PDEATHSIG,
  RLIMIT_CORE,
  RLIMIT_CPU,
  RLIMIT_FSIZE,
  RLIMIT_NOFILE,
  RSEQ_FLAG_UNREGISTER,
  SECCOMP_SET_MODE_FILTER,
  SIGCHLD,
  SIGKILL,
  SIG_SETMASK,
  WNOHANG,
  faultSignals,
  rseqBytes,
  signalSetBytes,
  signals,
} from '../linuxConstants.ts';
import type { RunnerCode } from '../port.ts';
import { emitChild, FieldLabels } from './childCode.ts';

/** System calls: include/uapi/asm-generic/unistd.h. */
const call = {
  dup3: 24,
  read: 63,
  write: 64,
  capset: 91,
  exit_group: 94,
  setitimer: 103,
  kill: 129,
  sigaltstack: 132,
  rt_sigaction: 134,
  rt_sigprocmask: 135,
  rt_sigtimedwait: 137,
  setresuid: 147,
  setresgid: 149,
  setsid: 157,
  setgroups: 159,
  setrlimit: 164,
  prctl: 167,
  getpid: 172,
  getppid: 173,
  munmap: 215,
  clone: 220,
  madvise: 233,
  wait4: 260,
  prlimit64: 261,
  seccomp: 277,
  rseq: 293,
  close_range: 436,
} as const;

/** What glibc registers on AArch64: a breakpoint instruction that nothing else uses. */
const rseqSignature = 0xd428bc00;

const requestDescriptor = 3;
const answerDescriptor = 4;
/** Of the runner's own page. */
const state = { answer: 0, failure: 0x40, request: 0x80 } as const;

/** Emits the code for an arena at this address. */
export function runnerCode(base: bigint): RunnerCode {
  const f = aarch64({ base });
  const asked = new FieldLabels(f, parts.requests.offset);
  const told = new FieldLabels(f, parts.results.offset);
  const own = new FieldLabels(f, parts.state.offset);
  const sites: { readonly label: Label; readonly number: number }[] = [];

  const make = (number: number): void => {
    f.mov(x8, number);
    f.svc(0);
  };
  const allowed = (number: number): void => {
    make(number);
    const label = f.label();
    f.bind(label);
    sites.push({ label, number });
  };
  const failed = f.label('failed');
  const must = (step: Step): void => {
    f.mov(x23, steps[step]);
    f.tbnz(x0, 63, failed);
  };

  // ── The host calls this.
  const [start, inRunner] = [f.label('start'), f.label('runner')];
  f.bind(start);
  f.ldr(x0, asked.at(request.cloneFlags));
  for (const register of [x1, x2, x3, x4]) f.mov(register, xzr);
  make(call.clone);
  f.cbz(x0, inRunner);
  f.ret();

  // ── In the runner: leave what belongs to the host.
  f.bind(inRunner);
  f.adr(x19, own.at(0));
  f.add(x0, x19, parts.state.size);
  f.mov(sp, x0);
  f.mrs(x0, 'tpidr_el0');
  f.ldr(x1, asked.at(request.rseqOffset));
  f.add(x0, x0, x1);
  f.mov(x1, rseqBytes);
  f.mov(x2, RSEQ_FLAG_UNREGISTER);
  f.movImm(x3, BigInt(rseqSignature));
  make(call.rseq);
  make(call.setsid);
  must('session');

  const nextSignal = f.label('nextSignal');
  f.mov(x20, 1);
  f.bind(nextSignal);
  f.mov(x0, x20);
  f.adr(x1, asked.at(request.defaultAction));
  f.mov(x2, xzr);
  f.mov(x3, signalSetBytes);
  make(call.rt_sigaction);
  f.add(x20, x20, 1);
  f.cmp(x20, signals);
  f.b.ls(nextSignal);

  f.mov(x0, SIG_SETMASK);
  f.adr(x1, asked.at(request.childSignal));
  f.mov(x2, xzr);
  f.mov(x3, signalSetBytes);
  make(call.rt_sigprocmask);
  must('blockSignals');

  const descriptor = (field: number, to: number, step: Step): void => {
    f.ldr(x0, asked.at(field));
    f.mov(x1, to);
    f.mov(x2, xzr);
    make(call.dup3);
    must(step);
  };
  descriptor(request.requestPipe, requestDescriptor, 'requestDescriptor');
  descriptor(request.answerPipe, answerDescriptor, 'answerDescriptor');
  const [noOutput, outputSet] = [f.label('noOutput'), f.label('outputSet')];
  f.ldr(x0, asked.at(request.outputPipe));
  f.tbnz(x0, 63, noOutput);
  descriptor(request.outputPipe, 1, 'outputDescriptors');
  descriptor(request.outputPipe, 2, 'outputDescriptors');
  f.mov(x1, 0);
  f.b(outputSet);
  f.bind(noOutput);
  f.mov(x1, 2);
  f.bind(outputSet);
  f.mov(x0, xzr);
  f.mov(x2, xzr);
  make(call.close_range);
  must('closeDescriptors');
  f.mov(x0, answerDescriptor + 1);
  f.movImm(x1, 0xffff_ffffn);
  f.mov(x2, xzr);
  make(call.close_range);
  must('closeDescriptors');

  const [nextRange, unmapped] = [f.label('nextRange'), f.label('unmapped')];
  f.adr(x20, asked.at(request.hostRanges));
  f.bind(nextRange);
  f.ldr(x0, at(x20));
  f.ldr(x1, at(x20, 8));
  f.add(x20, x20, 16);
  f.cbz(x1, unmapped);
  make(call.munmap);
  must('unmapBelow');
  f.b(nextRange);
  f.bind(unmapped);
  f.mov(x0, x19);
  f.mov(x1, parts.state.size);
  f.mov(x2, MADV_DONTFORK);
  make(call.madvise);
  must('hideState');

  // Faults of a grandchild.
  f.adr(x0, asked.at(request.alternateStack));
  f.mov(x1, xzr);
  make(call.sigaltstack);
  must('alternateStack');
  for (const signal of faultSignals) {
    f.mov(x0, signal);
    f.adr(x1, asked.at(request.faultAction));
    f.mov(x2, xzr);
    f.mov(x3, signalSetBytes);
    make(call.rt_sigaction);
    must('faultHandler');
  }

  // Who it is.
  const sameIdentity = f.label('sameIdentity');
  f.ldr(x20, asked.at(request.identity));
  f.tbnz(x20, 63, sameIdentity);
  f.mov(x0, xzr);
  f.mov(x1, xzr);
  make(call.setgroups);
  must('groups');
  for (const [number, step] of [
    [call.setresgid, 'gid'],
    [call.setresuid, 'uid'],
  ] as const) {
    for (const register of [x0, x1, x2]) f.mov(register, x20);
    make(number);
    must(step);
  }
  f.bind(sameIdentity);
  const capabilitiesKept = f.label('capabilitiesKept');
  f.ldr(x0, asked.at(request.dropCapabilities));
  f.cbz(x0, capabilitiesKept);
  f.adr(x0, asked.at(request.capabilities));
  f.add(x1, x0, 8);
  make(call.capset);
  must('capabilities');
  f.bind(capabilitiesKept);

  const control = (option: number, value: number): void => {
    f.mov(x0, option);
    f.mov(x1, value);
    for (const register of [x2, x3, x4]) f.mov(register, xzr);
    make(call.prctl);
  };
  const limit = (resource: number, field: number, step: Step): void => {
    f.mov(x0, resource);
    f.adr(x1, asked.at(field));
    make(call.setrlimit);
    must(step);
  };
  control(PR_SET_DUMPABLE, 0);
  must('dumpable');
  const unlimited = f.label('unlimited');
  f.ldr(x0, asked.at(request.restricted));
  f.cbz(x0, unlimited);
  limit(RLIMIT_CORE, request.noDump, 'coreLimit');
  limit(RLIMIT_FSIZE, request.noLimit, 'fileLimit');
  limit(RLIMIT_NOFILE, request.noLimit, 'descriptorLimit');
  control(PR_SET_MDWE, 1);
  f.cmp(x0, 0);
  f.cset(w0, 'eq');
  if (readyFacts.mdwe !== 1) throw new Error('the fact is bit 0');
  f.str(w0, at(x19, state.answer + answer.status));
  f.bind(unlimited);
  control(PR_SET_PDEATHSIG, SIGKILL);
  must('parentDeath');
  make(call.getpid);
  f.mov(x21, x0);
  const ready = f.label('ready');
  f.ldr(x0, asked.at(request.filterProgram));
  f.cbz(x0, ready);
  control(PR_SET_NO_NEW_PRIVS, 1);
  must('noNewPrivileges');
  f.mov(x0, SECCOMP_SET_MODE_FILTER);
  f.mov(x1, xzr);
  f.adr(x2, asked.at(request.filterProgram));
  make(call.seccomp);
  must('filter');

  // ── Serve: x19 the state, x20 the grandchild, x21 this process' id, x22 whether it was killed.
  f.bind(ready);
  f.movImm(x0, BigInt(readyWord));
  f.str(w0, at(x19, state.answer + answer.pid));
  const [reply, goAway, inChild, notForked] = [
    f.label('reply'),
    f.label('goAway'),
    f.label('inChild'),
    f.label('notForked'),
  ];
  f.bind(reply);
  f.mov(x0, answerDescriptor);
  f.add(x1, x19, state.answer);
  f.mov(x2, answer.bytes);
  allowed(call.write);
  f.mov(x0, requestDescriptor);
  f.add(x1, x19, state.request);
  f.mov(x2, 1);
  allowed(call.read);
  f.cmp(x0, 1);
  f.b.ne(goAway);
  f.mov(x0, SIGCHLD);
  for (const register of [x1, x2, x3, x4]) f.mov(register, xzr);
  allowed(call.clone);
  f.cbz(x0, inChild);
  f.tbnz(x0, 63, notForked);
  f.mov(x20, x0);
  f.mov(x22, xzr);

  const [wait, reap, end] = [f.label('wait'), f.label('reap'), f.label('end')];
  const awaitChild = (time: number): void => {
    f.adr(x0, asked.at(request.childSignal));
    f.mov(x1, xzr);
    f.adr(x2, asked.at(time));
    f.mov(x3, signalSetBytes);
    allowed(call.rt_sigtimedwait);
  };
  f.bind(wait);
  awaitChild(request.watchdog);
  f.cmp(x0, SIGCHLD);
  f.b.eq(reap);
  f.cmn(x0, EINTR);
  f.b.eq(wait);
  f.bind(end);
  f.mov(x22, ends.killed);
  f.mov(x0, x20);
  f.mov(x1, SIGKILL);
  allowed(call.kill);
  f.bind(reap);
  f.mov(x0, x20);
  f.add(x1, x19, state.answer + answer.status);
  f.mov(x2, WNOHANG);
  f.eor(x2, x2, x22);
  f.mov(x3, xzr);
  allowed(call.wait4);
  f.cbz(x0, end);
  f.tbnz(x0, 63, notForked);
  f.str(w20, at(x19, state.answer + answer.pid));
  f.str(w22, at(x19, state.answer + answer.end));
  f.cbz(x22, reply);
  const drain = f.label('drain');
  f.bind(drain);
  awaitChild(request.noLimit);
  f.cmp(x0, 0);
  f.b.gt(drain);
  f.b(reply);

  f.bind(notForked);
  f.str(w0, at(x19, state.answer + answer.pid));
  f.mov(w1, ends.notStarted);
  f.str(w1, at(x19, state.answer + answer.end));
  f.b(reply);

  // ── Ends of the runner: x23 is the step that failed, x0 minus the error number.
  f.bind(failed);
  f.str(w23, at(x19, state.failure + failure.step));
  f.str(w0, at(x19, state.failure + failure.error));
  const moved = f.label('moved');
  f.mov(x0, answerDescriptor);
  f.cmp(x23, steps.closeDescriptors);
  f.b.hs(moved);
  f.ldr(x0, asked.at(request.answerPipe));
  f.bind(moved);
  f.add(x1, x19, state.failure);
  f.mov(x2, failure.bytes);
  make(call.write);
  const leave = f.label('leave');
  f.b(leave);
  f.bind(goAway);
  f.mov(x23, xzr);
  f.bind(leave);
  f.mov(x0, x23);
  allowed(call.exit_group);
  f.udf(0);

  // ── The grandchild before its guest.
  const childFailed = f.label('childFailed');
  const childMust = (step: Step): void => {
    f.mov(x23, steps[step]);
    f.cbnz(x0, childFailed);
  };
  f.bind(inChild);
  f.mov(x0, PR_SET_PDEATHSIG);
  f.mov(x1, SIGKILL);
  allowed(call.prctl);
  childMust('childParentDeath');
  allowed(call.getppid);
  f.sub(x0, x0, x21);
  childMust('childParent');
  // The runner's pipes are none of its business: unfiltered it could answer for the runner, and for calls after its own.
  f.mov(x0, requestDescriptor);
  f.mov(x1, answerDescriptor);
  f.mov(x2, xzr);
  allowed(call.close_range);
  childMust('childDescriptors');
  f.mov(x0, xzr);
  f.mov(x1, RLIMIT_CPU);
  f.adr(x2, asked.at(request.processorTime));
  f.mov(x3, xzr);
  allowed(call.prlimit64);
  childMust('childProcessorTime');
  f.mov(x0, xzr);
  f.adr(x1, asked.at(request.timer));
  f.mov(x2, xzr);
  allowed(call.setitimer);
  childMust('childTimer');
  const toChild = f.label('toChild');
  f.b(toChild);
  f.bind(childFailed);
  f.mov(x0, x23);
  allowed(call.exit_group);
  f.udf(0);

  f.org(parts.childCode.offset);
  f.bind(toChild);
  const child = emitChild(f, asked, told);
  sites.push(...child.sites);
  const codeEnd = parts.childCode.offset + parts.childCode.size;
  f.org(codeEnd);
  asked.bind();
  told.bind();
  own.bind();
  return {
    bytes: f.bytes().slice(0, codeEnd),
    start: f.offsetOf(start),
    faultHandler: f.offsetOf(child.faultHandler),
    sites: sites.map(({ label, number }) => ({ after: f.offsetOf(label), number })),
  };
}
