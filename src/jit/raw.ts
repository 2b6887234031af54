/** The operating system's memory, and its help in never outliving the process that started this one. */
import type { Memory } from './raw/memory.ts';
import {
  darwinCodePages,
  darwinLibrary,
  darwinMemory,
  killWithParent,
  linuxLibrary,
  linuxMemory,
} from './raw/posix.ts';
import { windowsLibrary, windowsMemory } from './raw/windows.ts';

export { toAddress } from './raw/memory.ts';
export type { Address, Memory, Protection, Purpose } from './raw/memory.ts';

let memory: Memory | undefined;

/** This process' memory. Throws on a system other than Linux, macOS and Windows. */
export function systemMemory(): Memory {
  memory ??= memoryOf(process.platform, process.arch);
  return memory;
}

function memoryOf(platform: string, architecture: string): Memory {
  switch (platform) {
    case 'linux':
      return linuxMemory(linuxLibrary(), architecture);
    case 'darwin':
      return darwinMemory(darwinLibrary(), architecture, darwinCodePages(architecture));
    case 'win32':
      return windowsMemory(windowsLibrary());
    default:
      throw new Error(`memory can be mapped on Linux, macOS and Windows, not on ${platform}`);
  }
}

/**
 * What ends this process when its parent ends: `parent-death-signal`, the kernel does, whatever this
 * process is doing; `channel-close`, only this process itself can, when its channel to the parent closes,
 * so not while it is in a native call.
 */
export type ParentDeath = 'parent-death-signal' | 'channel-close';

/**
 * Ties this process' life to its parent's, as far as the system can, and says how. `parent` is the
 * process id that the parent has told (its own); a parent that ended before this call is noticed
 * only if it did. Call it first of all, from the main thread. If the parent is gone it does not return.
 */
export function dieWithParent(parent: number = process.ppid): ParentDeath {
  if (process.platform !== 'linux') return 'channel-close';
  killWithParent(linuxLibrary(), parent);
  return 'parent-death-signal';
}
