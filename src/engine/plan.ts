/** From blocks to run requests: patches applied, limits and refusals decided before anything runs. */
import type { Architecture } from '../model/architecture.ts';
import type { Call, JitBlock } from '../model/block.ts';
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
  const native =
    machine.architecture === 'aarch64' ? 'aapcs64' : machine.windows ? 'win64' : 'sysv';
  if (block.abi !== undefined && block.abi !== native) {
    return `the ${block.abi} calling convention cannot be used on this machine (${native}) yet`;
  }
  if (block.bytes.length > limits.codeBytes) return `more than ${limits.codeBytes} bytes of code`;
  return undefined;
}

/** The calls of a block in their order. A broken block has none; broken calls are left out. */
export function planCalls(block: JitBlock, settings: RunSettings): PlannedCall[] {
  if (block.broken) return [];
  const blockRefusal = refusalOf(block, settings.machine);
  const bytes = patched(block);
  return block.calls
    .filter((call) => !call.broken)
    .map((call) => {
      const refused = blockRefusal ?? call.refused?.reason;
      if (refused !== undefined) return { call, refused };
      return {
        call,
        request: {
          architecture: block.architecture,
          signature: block.signature,
          bytes,
          entry: block.entry,
          arguments: call.arguments.map(({ value }) => value),
          timeoutMs: timeoutOf(block, settings),
        },
      };
    });
}

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
