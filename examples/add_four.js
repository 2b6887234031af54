// Adds four to a number. A typed array is what a JIT written in JavaScript would fill.

// @jit  add_four(n: i64) -> i64
// @call (4)  => 8
// @call (-1) => 3
// prettier-ignore
export const addFour = new Uint8Array([
  0x48, 0x89, 0xf8,        // mov %rdi, %rax
  0x48, 0x83, 0xc0, 0x04,  // add $4, %rax
  0xc3,                    // ret
]);
