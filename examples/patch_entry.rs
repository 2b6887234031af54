//! Bytes that are not run just as they stand: with a value patched in, from an entry point inside,
//! or put together from several arrays.

// The factor takes the place of 0x12345678 before every call.
// @jit   scale(n: i64) -> i64
// @patch +3 = u32 1000
// @call  (7)  => 7000
// @call  (-2) => -2000
pub const SCALE: &[u8] = &[
    0x48, 0x69, 0xc7, 0x78, 0x56, 0x34, 0x12,  // imul $0x12345678, %rdi, %rax
    0xc3,                                      // ret
];

// The code begins behind a constant, pi as an f64.
// @jit   circle_area(radius: f64) -> f64
// @entry +8
// @call  (1.0) => 3.141592653589793
// @call  (2.0) => 12.566370614359172
pub const CIRCLE_AREA: &[u8] = &[
    0x18, 0x2d, 0x44, 0x54, 0xfb, 0x21, 0x09, 0x40,  // pi
    0xf2, 0x0f, 0x59, 0xc0,                          // mulsd %xmm0, %xmm0
    0xf2, 0x0f, 0x59, 0x05, 0xec, 0xff, 0xff, 0xff,  // mulsd -0x14(%rip), %xmm0
    0xc3,                                            // ret
];

// Three arrays make one function, as an emitter would put it together.
// @jit   square(n: i64) -> i64
// @call  (9)  => 81
// @call  (-3) => 9
pub const PROLOGUE: [u8; 4] = [
    0x55,              // push %rbp
    0x48, 0x89, 0xe5,  // mov %rsp, %rbp
];

// @more square
pub const BODY: [u8; 7] = [
    0x48, 0x89, 0xf8,        // mov %rdi, %rax
    0x48, 0x0f, 0xaf, 0xc7,  // imul %rdi, %rax
];

// @more square
pub const EPILOGUE: [u8; 2] = [
    0x5d,  // pop %rbp
    0xc3,  // ret
];
