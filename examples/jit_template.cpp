// Copy and patch: a compiler copies templates of machine code and fills their holes with constants.
// Here the annotation fills the holes, so that a template can be tried before there is a compiler.

#include <cstdint>

// @jit   uint64_t load_constant(void)
// @patch +2 = u64 0x1122334455667788
// @call  () => 0x1122334455667788
constexpr std::uint8_t load_constant[] = {
    0x48, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // movabs $0, %rax
    0xc3,                                                        // ret
};

// The templates in a row: 3 * n + 1000000000000.
// @jit   int64_t compiled(int64_t n)
// @patch +3 = u8 3
// @patch +6 = u64 1_000_000_000_000
// @call  (0)  => 1000000000000
// @call  (14) => 1000000000042
constexpr std::uint8_t multiply[] = {
    0x48, 0x6b, 0xc7, 0x00,  // imul $0, %rdi, %rax
};

// @more compiled
constexpr std::uint8_t add[] = {
    0x48, 0xb9, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // movabs $0, %rcx
    0x48, 0x01, 0xc8,                                            // add %rcx, %rax
};

// @more compiled
constexpr std::uint8_t finish[] = {
    0xc3,  // ret
};
