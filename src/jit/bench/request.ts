/** A request that measures what another one would only run. */
import { limits, type RunRequest, type RunResult } from '../../model/run.ts';
import { maxParameters } from '../../model/signature.ts';
import { benchHarness, type BenchMode } from './harness.ts';
import { readSamples, samplesBuffer, type Samples } from './samples.ts';

/** How a request measures. */
export interface BenchSettings {
  readonly mode: BenchMode;
  /** n: each sample is n and 2n calls. */
  readonly copies: number;
  readonly samples: number;
  /** Bound on the whole request, in milliseconds. */
  readonly timeoutMs: number;
}

/** Why a call cannot be measured, or undefined. */
export function benchRefusal(request: RunRequest): string | undefined {
  const { architecture, abi, fragment, signature, bytes } = request;
  if (architecture !== 'x86_64') {
    return `benchmarks are for x86_64 only for now, and this is ${architecture}`;
  }
  if (fragment) return 'a fragment does not return to a caller: only functions are measured';
  if (abi !== undefined && abi !== 'sysv' && abi !== 'win64') {
    return `the ${abi} calling convention is not one of x86_64`;
  }
  if (signature.parameters.length >= maxParameters) {
    return `a function with ${maxParameters} parameters has none left for its samples`;
  }
  if (bytes.length > limits.codeBytes - harnessRoom) {
    return `more than ${limits.codeBytes - harnessRoom} bytes of code`;
  }
  return undefined;
}

/** More bytes than a harness has. */
const harnessRoom = 32 << 10;

/** A word of the samples, in bytes. */
const wordAlign = 8;

/** The request for {@link RunRequest} under a harness. Its {@link benchRefusal} must be undefined. */
export function benchRequest(request: RunRequest, settings: BenchSettings): RunRequest {
  const { abi, signature, bytes, entry, arguments: values } = request;
  const convention = abi === 'win64' ? 'win64' : 'sysv';
  const { mode, copies, samples, timeoutMs } = settings;
  const harness = benchHarness({ convention, signature, arguments: values, bytes, entry, mode });
  const buffer = samplesBuffer(samples, copies);
  return {
    ...request,
    signature: harness.signature,
    bytes: harness.bytes,
    entry: harness.entry,
    arguments: [...values, { kind: 'buffer', bytes: buffer, align: wordAlign }],
    recordRegisters: false,
    timeoutMs,
  };
}

/** The samples of a request that returned, or undefined. */
export function samplesOf(
  result: RunResult,
  request: RunRequest,
  { copies }: BenchSettings,
): (Samples & { readonly durationNs: number }) | undefined {
  if (result.outcome !== 'returned') return undefined;
  const parameter = request.signature.parameters.length - 1;
  const buffer = result.buffers.find((one) => one.parameter === parameter);
  if (!buffer) return undefined;
  return { ...readSamples(buffer.after, copies), durationNs: Number(result.durationNs) };
}
