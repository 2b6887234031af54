/** All hostile programs by class. */
import type { Program } from './program.ts';
import { leftBehind } from './programs/leftBehind.ts';
import { memory } from './programs/memory.ts';
import { modes } from './programs/modes.ts';
import { ourCode } from './programs/ourCode.ts';
import { privileged } from './programs/privileged.ts';
import { sharedPages } from './programs/sharedPages.ts';
import { systemCallEntries } from './programs/systemCalls.ts';
import { waits } from './programs/waits.ts';

export const classes: Readonly<Record<string, readonly Program[]>> = {
  'shared pages': sharedPages,
  'our own code': ourCode,
  'system calls': systemCallEntries,
  'modes and segments': modes,
  'registers left behind': leftBehind,
  'loops and waits': waits,
  'privileged instructions': privileged,
  memory: memory,
};
