/**
 * The instruction table: mnemonic, operands, opcode, in the manuals' notation (see `notation.ts`). Of forms that take the
 * same operands the shortest is used, and of those the first.
 */
import { moves } from './forms/moves.ts';
import { arithmetic } from './forms/arithmetic.ts';
import { bits } from './forms/bits.ts';
import { control } from './forms/control.ts';
import { system } from './forms/system.ts';
import { x87 } from './forms/x87.ts';
import { sse } from './forms/sse.ts';
import { sseInteger } from './forms/sseInteger.ts';
import { avx } from './forms/avx.ts';
import { avxInteger } from './forms/avxInteger.ts';
import type { Row } from './notation.ts';

export const forms = [
  ...moves,
  ...arithmetic,
  ...bits,
  ...control,
  ...system,
  ...x87,
  ...sse,
  ...sseInteger,
  ...avx,
  ...avxInteger,
] as const satisfies readonly Row[];
