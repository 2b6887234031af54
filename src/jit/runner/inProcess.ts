/** Calls bytes in this process: a crash is its end, and so is an endless loop once its parent has had enough. */
import os from 'node:os';
import type { Architecture } from '../../model/architecture.ts';
import type { RunRequest, Runner, RunResult } from '../../model/run.ts';
import type { Type } from '../../model/signature.ts';
import { formatSignature } from '../../model/signature.ts';
import { jitFunction } from '../function.ts';

/** A runner for a process that has nothing to lose. What is no crash but cannot be called is refused. */
export class InProcessRunner implements Runner {
  /** Rejects only with the signal's reason, and only before the call: nothing can end the call itself. */
  run(request: RunRequest, signal: AbortSignal): Promise<RunResult> {
    return new Promise((resolve) => {
      signal.throwIfAborted();
      resolve(call(request));
    });
  }
}

function call(request: RunRequest): RunResult {
  const reason = whyNot(request);
  if (reason !== undefined) return { outcome: 'refused', reason };
  try {
    using callee = jitFunction(request.signature, request.bytes, { entry: request.entry });
    const { value, buffers, durationNs } = callee.call(request.arguments);
    if (Number(durationNs) > request.timeoutMs * nsPerMs) {
      return { outcome: 'timeout', limitMs: request.timeoutMs, stuck: undefined };
    }
    return { outcome: 'returned', value, buffers, durationNs, registers: undefined };
  } catch (error) {
    return { outcome: 'refused', reason: error instanceof Error ? error.message : String(error) };
  }
}

const nsPerMs = 1e6;

function whyNot({
  architecture,
  abi,
  fragment,
  signature,
  arguments: values,
}: RunRequest): string | undefined {
  const here = thisArchitecture();
  if (architecture !== here) {
    return `code for ${architecture} cannot run on this machine, which is ${here ?? process.arch}`;
  }
  const native =
    process.arch === 'arm64' ? 'aapcs64' : process.platform === 'win32' ? 'win64' : 'sysv';
  if (abi !== undefined && abi !== native) {
    return `the ${abi} calling convention needs a process for every call; here calls are ${native}`;
  }
  if (fragment) return 'a fragment needs a process for every call, which cannot be had here';
  const types: readonly Type[] = [
    signature.result,
    ...signature.parameters.map(({ type }) => type),
  ];
  const hasVector = [...types, ...values].some(({ kind }) => kind === 'vector');
  return hasVector
    ? `SIMD values need a process for every call, which cannot be had here: ${formatSignature(signature)}`
    : undefined;
}

/** The architecture whose code this process can call, or undefined if that is none of those known. */
export function thisArchitecture(): Architecture | undefined {
  const bigEndian = os.endianness() === 'BE';
  const names: Readonly<Record<string, Architecture>> = {
    x64: 'x86_64',
    ia32: 'x86',
    arm64: 'aarch64',
    arm: 'arm',
    riscv64: 'riscv64',
    loong64: 'loongarch64',
    s390x: 's390x',
    ppc64: bigEndian ? 'ppc64' : 'ppc64le',
  };
  return names[process.arch];
}
