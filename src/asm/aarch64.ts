/**
 * The AArch64 emitter: `const f = aarch64(); f.add(x0, x0, 4); f.ret(); f.bytes()`.
 * Instructions are lines of `aarch64/forms/*.ts`, in the manual's notation; operands that no line takes are type errors.
 */
export { aarch64, type AArch64, type AArch64Options } from './aarch64/builder.ts';
export type { Address, Immediate, Label, Modifier, Operand } from './aarch64/operands.ts';
export {
  asr,
  at,
  lsl,
  lsr,
  post,
  pre,
  ror,
  sxtb,
  sxth,
  sxtw,
  sxtx,
  uxtb,
  uxth,
  uxtw,
  uxtx,
} from './aarch64/operands.ts';
export * from './aarch64/registers.ts';
