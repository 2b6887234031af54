/**
 * The x86-64 emitter: `const f = x64(); f.mov(rax, rdi); f.add(rax, 4); f.ret(); f.bytes()`.
 * Instructions are lines of `x64/forms/*.ts`, in the manuals' notation; operands that no line takes are type errors.
 */
export { x64, type X64 } from './x64/builder.ts';
export type { Label, Memory, Operand } from './x64/operands.ts';
export {
  byte,
  dword,
  fword,
  inSegment,
  mem,
  oword,
  qword,
  tbyte,
  word,
  yword,
} from './x64/operands.ts';
export * from './x64/registers.ts';
