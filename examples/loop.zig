//! Factorial as a loop. The last call is the largest factorial that 64 bits can hold.

// @jit  factorial(n: u64) -> u64
// @call (0)  => 1
// @call (5)  => 120
// @call (20) => 2_432_902_008_176_640_000
pub const factorial = [_]u8{
    0xb8, 0x01, 0x00, 0x00, 0x00, // mov $1, %eax
    0xeb, 0x07, // jmp check
    0x48, 0x0f, 0xaf, 0xc7, // again: imul %rdi, %rax
    0x48, 0xff, 0xcf, // dec %rdi
    0x48, 0x83, 0xff, 0x01, // check: cmp $1, %rdi
    0x77, 0xf3, // ja again
    0xc3, // ret
};
