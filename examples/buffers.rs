//! Arrays as arguments. Each is copied into memory of its own, and what a `*mut` points to can be
//! expected afterwards, by the parameter's name.

// @jit  sum(values: *const i32, count: usize) -> i32
// @call ([1, 2, 3, 4], 4) => 10
// @call ([-5, 5, 7], 2)   => 0
// @call (null, 0)         => 0
pub const SUM: &[u8] = &[
    0x31, 0xc0,        // xor %eax, %eax
    0x48, 0x85, 0xf6,  // next: test %rsi, %rsi
    0x74, 0x08,        // je done
    0x48, 0xff, 0xce,  // dec %rsi
    0x03, 0x04, 0xb7,  // add (%rdi,%rsi,4), %eax
    0xeb, 0xf3,        // jmp next
    0xc3,              // done: ret
];

// @jit  fill(out: *mut u8, count: usize, value: u8)
// @call ([0; 4], 4, 42)      => out = [42, 42, 42, 42]
// @call ([1, 2, 3], 2, 0xff) => out = [255, 255, 3]
pub const FILL: &[u8] = &[
    0x48, 0x89, 0xf1,  // mov %rsi, %rcx
    0x89, 0xd0,        // mov %edx, %eax
    0xf3, 0xaa,        // rep stosb
    0xc3,              // ret
];

// @jit  reverse(bytes: *mut u8, count: usize)
// @call ([1, 2, 3, 4, 5], 5) => bytes = [5, 4, 3, 2, 1]
// @call ([1, 2, 3, 4], 4)    => bytes = [4, 3, 2, 1]
pub const REVERSE: &[u8] = &[
    0x48, 0x8d, 0x4c, 0x37, 0xff,  // lea -1(%rdi,%rsi), %rcx
    0x48, 0x39, 0xcf,              // next: cmp %rcx, %rdi
    0x73, 0x10,                    // jae done
    0x8a, 0x07,                    // mov (%rdi), %al
    0x8a, 0x11,                    // mov (%rcx), %dl
    0x88, 0x17,                    // mov %dl, (%rdi)
    0x88, 0x01,                    // mov %al, (%rcx)
    0x48, 0xff, 0xc7,              // inc %rdi
    0x48, 0xff, 0xc9,              // dec %rcx
    0xeb, 0xeb,                    // jmp next
    0xc3,                          // done: ret
];

// Running totals, in place; the pointer that was passed comes back.
// @jit  totals(out: *mut u32, count: usize) -> *mut u32
// @call ([1, 2, 3, 4], 4) => out, out = [1, 3, 6, 10]
// @call ([7], 1)          => out
pub const TOTALS: &[u8] = &[
    0x48, 0x89, 0xf8,  // mov %rdi, %rax
    0x31, 0xc9,        // xor %ecx, %ecx
    0x31, 0xd2,        // xor %edx, %edx
    0x48, 0x39, 0xf1,  // next: cmp %rsi, %rcx
    0x74, 0x0b,        // je done
    0x03, 0x14, 0x8f,  // add (%rdi,%rcx,4), %edx
    0x89, 0x14, 0x8f,  // mov %edx, (%rdi,%rcx,4)
    0x48, 0xff, 0xc1,  // inc %rcx
    0xeb, 0xf0,        // jmp next
    0xc3,              // done: ret
];
