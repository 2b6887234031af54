/** From blocks to run requests: patches applied, limits and refusals decided before anything runs. */
import type { Architecture } from '../model/architecture.ts';
import type { Call, JitBlock } from '../model/block.ts';
import type { Signature } from '../model/signature.ts';
import { limits, type RunRequest } from '../model/run.ts';

/** What the machine and the user allow. */
export interface RunSettings {
  /** The user's ceiling on each call, in milliseconds. */
  readonly timeoutMs: number;
  readonly machine: Machine;
}

/** What bytes can run here. */
export interface Machine {
  readonly architecture: Architecture | undefined;
  readonly windows: boolean;
}

/** A call ready to run, or the reason why it is not run. */
export type PlannedCall =
  | { readonly call: Call; readonly request: RunRequest }
  | { readonly call: Call; readonly refused: string };

/** The machine that a process runs on, by Node's names for platform and processor. */
export function machineOf(platform: NodeJS.Platform, processor: string): Machine {
  const architecture =
    processor === 'x64' ? 'x86_64' : processor === 'arm64' ? 'aarch64' : undefined;
  return { architecture, windows: platform === 'win32' };
}

/** Why a block cannot run on a machine, or undefined. */
export function refusalOf(block: JitBlock, machine: Machine): string | undefined {
  if (block.refused) return block.refused.reason;
  if (block.architecture !== machine.architecture) {
    return `${block.architecture} code cannot run on this machine (${machine.architecture ?? 'unknown'}) yet`;
  }
  if (block.bytes.length > limits.codeBytes) return `more than ${limits.codeBytes} bytes of code`;
  return undefined;
}

/** The calls of a block in their order. A broken block has none; broken calls are left out. */
export function planCalls(block: JitBlock, settings: RunSettings): PlannedCall[] {
  if (block.broken) return [];
  const refused = refusalOf(block, settings.machine);
  const bytes = patched(block);
  return block.calls
    .filter((call) => !call.broken)
    .map((call) => {
      if (refused !== undefined) return { call, refused };
      return {
        call,
        request: {
          architecture: block.architecture,
          abi: block.abi,
          signature: block.kind === 'fragment' ? fragmentSignature : block.signature,
          fragment: block.kind === 'fragment' ? call.registers : undefined,
          bytes,
          entry: block.entry,
          arguments: call.arguments.map(({ value }) => value),
          recordRegisters: false,
          timeoutMs: timeoutOf(block, settings),
        },
      };
    });
}

/** A fragment takes and gives registers alone. */
const fragmentSignature: Signature = {
  name: undefined,
  parameters: [],
  result: { kind: 'void' },
};

/** The block's bytes with its patches written into them. */
export function patched(block: JitBlock): Uint8Array {
  const bytes = Uint8Array.from(block.bytes);
  for (const patch of block.patches) bytes.set(patch.bytes, patch.offset);
  return bytes;
}

/** The block's own limit, at most the user's. */
function timeoutOf(block: JitBlock, settings: RunSettings): number {
  if (block.timeoutNs === undefined) return settings.timeoutMs;
  return Math.min(settings.timeoutMs, Number(block.timeoutNs) / 1e6);
}
