/** The instruction table. Where several lines take the same operands, the first one that can hold them is used. */
import { arithmetic } from './forms/arithmetic.ts';
import { control } from './forms/control.ts';
import { float } from './forms/float.ts';
import { loads } from './forms/loads.ts';
import { pairs } from './forms/pairs.ts';
import { vector } from './forms/vector.ts';

export const forms = [...arithmetic, ...loads, ...pairs, ...control, ...float, ...vector] as const;
