//! Floating point in and out. Without a tolerance an expectation means the very same bits.

// @jit  hypotenuse(a: f64, b: f64) -> f64
// @call (3, 4)     => 5
// @call (1.0, 1.0) => 1.41421356 +- 1e-8
// @call (inf, 1.0) => inf
// @call (nan, 1.0) => nan
pub const HYPOTENUSE: &[u8] = &[
    0xf2, 0x0f, 0x59, 0xc0,  // mulsd %xmm0, %xmm0
    0xf2, 0x0f, 0x59, 0xc9,  // mulsd %xmm1, %xmm1
    0xf2, 0x0f, 0x58, 0xc1,  // addsd %xmm1, %xmm0
    0xf2, 0x0f, 0x51, 0xc0,  // sqrtsd %xmm0, %xmm0
    0xc3,                    // ret
];

// The constants are 32.0 and 5/9, as f32 bit patterns.
// @jit  celsius(fahrenheit: f32) -> f32
// @call (32.0)  => 0.0
// @call (212.0) => 100.0 +- 1e-4
// @call (-40.0) => -40.0 +- 1e-4
pub const CELSIUS: &[u8] = &[
    0xb8, 0x00, 0x00, 0x00, 0x42,  // mov $0x42000000, %eax
    0x66, 0x0f, 0x6e, 0xc8,        // movd %eax, %xmm1
    0xf3, 0x0f, 0x5c, 0xc1,        // subss %xmm1, %xmm0
    0xb8, 0xe4, 0x38, 0x0e, 0x3f,  // mov $0x3f0e38e4, %eax
    0x66, 0x0f, 0x6e, 0xc8,        // movd %eax, %xmm1
    0xf3, 0x0f, 0x59, 0xc1,        // mulss %xmm1, %xmm0
    0xc3,                          // ret
];

// Towards zero; what has no integer becomes the least one.
// @jit  truncate(x: f64) -> i64
// @call (2.9)  => 2
// @call (-2.9) => -2
// @call (nan)  => -9223372036854775808
pub const TRUNCATE: &[u8] = &[
    0xf2, 0x48, 0x0f, 0x2c, 0xc0,  // cvttsd2si %xmm0, %rax
    0xc3,                          // ret
];
