// SIMD values by value, and the calling convention of Windows.

// @jit  __m128 add(__m128 a, __m128 b)
// @call (<1, 2, 3, 4>, <10, 20, 30, 40>) => <11, 22, 33, 44>
// @call (<1e30, -0.5, 0, inf>, <1, 0.25, 0, 1>) => <1e30, -0.25, 0, inf>
static const unsigned char add_code[] = {
    0x0f, 0x58, 0xc1,  // addps %xmm1, %xmm0
    0xc3,              // ret
};

// @jit  (a: i32x4) -> i32x4
// @call (<1, 2, 3, 4>) => <4, 3, 2, 1>
static const unsigned char reverse_code[] = {
    0x66, 0x0f, 0x70, 0xc0, 0x1b,  // pshufd $27, %xmm0, %xmm0
    0xc3,                          // ret
};

// There the first two arguments are in %rcx and %rdx.
// @jit  long long add_win64(long long a, long long b)
// @abi  win64
// @call (40, 2) => 42
static const unsigned char add_win64_code[] = {
    0x48, 0x8d, 0x04, 0x11,  // lea (%rcx,%rdx), %rax
    0xc3,                    // ret
};

// And %rsi belongs to the caller.
// @jit  void clobber_win64(void)
// @abi  win64
// @call () => abi rsi
static const unsigned char clobber_win64_code[] = {
    0x31, 0xf6,  // xor %esi, %esi
    0xc3,        // ret
};
